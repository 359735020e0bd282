//! Runs whose process was lost: they are tried again, but not for ever. What counts is how often that happened in a row
//! without a new checkpoint: a run that is preempted every night, and gets further every night, is never given up.

use std::sync::PoisonError;
use std::time::Duration;

use super::event::add_event;
use super::observation::LeaseState;
use super::queue::{count_time, still_held};
use super::{Hold, RunId, Store, StoreError, Worker, now};

/// A run whose process was killed, or is gone, or let its lease run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The run.
    pub run: RunId,
    /// The attempt that was lost.
    pub attempt: i64,
    /// How it was lost, as in `signal 9`.
    pub how: String,
    /// How often that happened to the run in a row: since its last new checkpoint, or since a person last queued it.
    pub crashes: u32,
    /// Whether the run has failed by that; otherwise it waits in the queue.
    pub failed: bool,
}

const LEASE_OVER: &str = "its lease ran out";

/// A run that is called running, and who holds it.
#[derive(sqlx::FromRow)]
struct HeldRun {
    run: i64,
    attempt: i64,
    host: String,
    pid: i64,
    process_start: i64,
    device: String,
    lease_until: String,
    renewals: i64,
    lease_seconds: f64,
}

impl HeldRun {
    fn worker(&self) -> Worker {
        Worker { host: self.host.clone(), pid: self.pid, start: self.process_start, device: self.device.clone() }
    }
}

impl Store {
    /// Takes runs away from workers that are gone, or whose lease has run out. Each goes back into the queue, or
    /// has failed when that has happened to it more than `retries` times without a new checkpoint.
    ///
    /// On this host a lease has run out when this store has seen it stand still for its whole length, whatever the wall
    /// clock says; that takes several calls, and [`Store::awaits_leases`] says whether more are needed. Of another
    /// host nothing but its times is known.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn reclaim(&self, retries: u32) -> Result<Vec<Lost>, StoreError> {
        let what = "abandoned runs cannot be reclaimed";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let held: Vec<HeldRun> = sqlx::query_as(
                "select run.id as run, attempt.id as attempt, host, pid, process_start, device, lease_until, renewals,
                     lease_seconds
                 from run join attempt on attempt.run = run.id and attempt.fence = run.fence
                 where run.state = 'running'",
            )
            .fetch_all(&mut *db)
            .await
            .map_err(&failed)?;
            let mut lost = Vec::new();
            for (held, how) in self.abandoned(&held) {
                lost.push(lose(db, RunId(held.run), held.attempt, how, retries).await.map_err(&failed)?);
            }
            Ok(lost)
        })
    }

    /// The runs among those that are held whose process is gone or whose lease is over, and which of these it is.
    fn abandoned<'a>(&self, held: &'a [HeldRun]) -> Vec<(&'a HeldRun, &'static str)> {
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        observed.leases.keep(|attempt| held.iter().any(|run| run.attempt == attempt));
        observed.awaited = false;
        let mut abandoned = Vec::new();
        for run in held {
            let (worker, is_past) = (run.worker(), run.lease_until <= now());
            let length = Duration::try_from_secs_f64(run.lease_seconds).unwrap_or(Duration::MAX);
            if worker.is_gone() {
                abandoned.push((run, "the process is gone"));
            } else if !worker.is_on_this_host() {
                abandoned.extend(is_past.then_some((run, LEASE_OVER)));
            } else {
                match observed.leases.observe(run.attempt, run.renewals, length) {
                    LeaseState::Over => abandoned.push((run, LEASE_OVER)),
                    LeaseState::Renewed => {}
                    LeaseState::Unknown => observed.awaited |= is_past,
                }
            }
        }
        abandoned
    }

    /// Whether a lease is past by the wall clock and its worker seems to live: [`Store::reclaim`] will know when it has
    /// observed the lease for its length.
    pub fn awaits_leases(&self) -> bool {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).awaited
    }

    /// Records that the process that held a run was killed, `how` being `signal 9`: the run is tried again, or has
    /// failed when that has happened to it more than `retries` times without a new checkpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if the run is nobody's or another's by now.
    pub fn crashed(&self, hold: Hold, how: &str, retries: u32) -> Result<Lost, StoreError> {
        let what = "the loss of a training process cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            if !still_held(db, hold).await.map_err(&failed)? {
                return Err(StoreError::LostHold { run: hold.run });
            }
            count_time(db, hold).await.map_err(&failed)?;
            lose(db, hold.run, hold.attempt, how, retries).await.map_err(&failed)
        })
    }
}

/// Counts the loss and ends the attempt. The fence moves on, so that a worker that was only asleep can write
/// nothing more.
async fn lose(
    db: &mut sqlx::SqliteConnection,
    run: RunId,
    attempt: i64,
    how: &str,
    retries: u32,
) -> Result<Lost, sqlx::Error> {
    let crashes: u32 = sqlx::query_scalar("update run set crashes = crashes + 1 where id = ? returning crashes")
        .bind(run.0)
        .fetch_one(&mut *db)
        .await?;
    let failed = crashes > retries;
    let outcome = match crashes {
        _ if !failed => String::new(),
        1 => format!("its process was lost: {how}"),
        times => format!("its process was lost {times} times without a new checkpoint; the last time: {how}"),
    };
    sqlx::query(
        "update run set fence = fence + 1, outcome = ?2, state = iif(?3, 'failed', 'queued'),
             ended_at = iif(?3, ?4, null)
         where id = ?1",
    )
    .bind(run.0)
    .bind(outcome)
    .bind(failed)
    .bind(now())
    .execute(&mut *db)
    .await?;
    // It ended some time before its lease did; nobody saw when.
    sqlx::query("update attempt set ended_at = min(lease_until, ?), ending = 'lost' where id = ?")
        .bind(now())
        .bind(attempt)
        .execute(&mut *db)
        .await?;
    add_event(db, run, Some(attempt), "lost", how).await?;
    Ok(Lost { run, attempt, how: how.to_owned(), crashes, failed })
}

//! Runs whose process was lost. They are queued again, up to a number of crashes in a row without a new checkpoint: a
//! run that is preempted every night and makes progress every night never fails.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _, SqliteConnection};

use crate::store::database::now;
use crate::store::lease::record_time;
use crate::store::training::add_event;
use crate::store::{Lease, RunId, Store, StoreError, Worker};

use super::monitor::{LeaseMonitor, LeaseState};

/// An attempt whose process was killed or exited, or whose lease expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostAttempt {
    /// The run.
    pub run: RunId,
    /// The attempt's number in the database.
    pub attempt: i64,
    /// The cause, as in `signal 9`.
    pub cause: String,
    /// How often the run was lost in a row: since its last new checkpoint, or since a person last queued it.
    pub crashes: u32,
    /// Whether the run has failed; otherwise it is queued again.
    pub failed: bool,
}

const EXITED: &str = "the process has exited";
const EXPIRED: &str = "its lease has expired";

/// A run in state `running`, and the worker that claimed it.
struct RunningAttempt {
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

impl FromRow<'_, SqliteRow> for RunningAttempt {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            run: row.try_get("run")?,
            attempt: row.try_get("attempt")?,
            host: row.try_get("host")?,
            pid: row.try_get("pid")?,
            process_start: row.try_get("process_start")?,
            device: row.try_get("device")?,
            lease_until: row.try_get("lease_until")?,
            renewals: row.try_get("renewals")?,
            lease_seconds: row.try_get("lease_seconds")?,
        })
    }
}

impl RunningAttempt {
    fn worker(&self) -> Worker {
        Worker { host: self.host.clone(), pid: self.pid, start: self.process_start, device: self.device.clone() }
    }

    /// Why the attempt is lost; `None` if it is not, or not yet known to be.
    fn lost(&self, monitor: &mut LeaseMonitor) -> Option<&'static str> {
        let (worker, is_past) = (self.worker(), self.lease_until <= now());
        if worker.has_exited() {
            return Some(EXITED);
        }
        let length = Duration::try_from_secs_f64(self.lease_seconds).unwrap_or(Duration::MAX);
        let has_expired = match worker.is_on_this_host() {
            true => monitor.observe(self.attempt, self.renewals, length, is_past) == LeaseState::Expired,
            false => is_past,
        };
        has_expired.then_some(EXPIRED)
    }
}

impl Store {
    /// Reclaims runs from workers that have exited or whose lease has expired. Each run is queued again; it fails if it
    /// was lost more than `retries` times without a new checkpoint.
    ///
    /// On this host a lease has expired when `monitor` observed no renewal for its whole length, whatever the wall
    /// clock shows. That takes several calls; [`LeaseMonitor::has_undecided_leases`] tells whether more are needed. On
    /// another host the wall clock decides.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn reclaim(&self, monitor: &mut LeaseMonitor, retries: u32) -> Result<Vec<LostAttempt>, StoreError> {
        self.write("cannot reclaim runs", async |db| {
            let running: Vec<RunningAttempt> = sqlx::query_as(
                "select run.id as run, attempt.id as attempt, host, pid, process_start, device, lease_until, renewals,
                     lease_seconds
                 from run join attempt on attempt.run = run.id and attempt.fence = run.fence
                 where run.state = 'running'",
            )
            .fetch_all(&mut *db)
            .await?;
            monitor.begin_round(|attempt| running.iter().any(|run| run.attempt == attempt));
            let mut lost = Vec::new();
            for run in &running {
                if let Some(cause) = run.lost(monitor) {
                    lost.push(record_loss(db, RunId(run.run), run.attempt, cause, retries).await?);
                }
            }
            Ok(lost)
        })
    }

    /// Records that the process of an attempt was lost, for a `cause` such as `signal 9`. The run is queued again; it
    /// fails if it was lost more than `retries` times without a new checkpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost.
    pub fn record_crash(&self, lease: Lease, cause: &str, retries: u32) -> Result<LostAttempt, StoreError> {
        self.write_leased(lease, "cannot record the loss of a training process", async |db| {
            record_time(db, lease).await?;
            record_loss(db, lease.run, lease.attempt, cause, retries).await
        })
    }
}

/// Counts the loss and ends the attempt. The fencing number increases, so that a worker that was only suspended cannot
/// write any more.
async fn record_loss(
    db: &mut SqliteConnection,
    run: RunId,
    attempt: i64,
    cause: &str,
    retries: u32,
) -> Result<LostAttempt, sqlx::Error> {
    let crashes: u32 = sqlx::query_scalar("update run set crashes = crashes + 1 where id = ? returning crashes")
        .bind(run.0)
        .fetch_one(&mut *db)
        .await?;
    let failed = crashes > retries;
    let outcome = match crashes {
        _ if !failed => String::new(),
        1 => format!("its process was lost: {cause}"),
        times => format!("its process was lost {times} times without a new checkpoint; the last time: {cause}"),
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
    // The attempt ended before its lease did; the exact time is unknown.
    sqlx::query("update attempt set ended_at = min(lease_until, ?), ending = 'lost' where id = ?")
        .bind(now())
        .bind(attempt)
        .execute(&mut *db)
        .await?;
    add_event(db, run, Some(attempt), "lost", cause).await?;
    Ok(LostAttempt { run, attempt, cause: cause.to_owned(), crashes, failed })
}

//! Runs whose process was lost: they are tried again, but not for ever. What counts is how often that happened in a row
//! without a new checkpoint: a run that is preempted every night, and gets further every night, is never given up.

use sqlx::Row as _;

use super::queue::still_held;
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

impl Store {
    /// Takes runs away from workers that are gone, or whose lease has run out. Each goes back into the queue, or
    /// has failed when that has happened to it more than `retries` times without a new checkpoint.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn reclaim(&self, retries: u32) -> Result<Vec<Lost>, StoreError> {
        let what = "abandoned runs cannot be reclaimed";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let rows = sqlx::query(
                "select run.id, attempt.id as attempt, host, pid, process_start, device, lease_until
                 from run join attempt on attempt.run = run.id and attempt.fence = run.fence
                 where run.state = 'running'",
            )
            .fetch_all(&mut *db)
            .await
            .map_err(&failed)?;
            let mut lost = Vec::new();
            for row in rows {
                let worker = Worker {
                    host: row.try_get("host").map_err(&failed)?,
                    pid: row.try_get("pid").map_err(&failed)?,
                    start: row.try_get("process_start").map_err(&failed)?,
                    device: row.try_get("device").map_err(&failed)?,
                };
                let lease_until: String = row.try_get("lease_until").map_err(&failed)?;
                let how = match (worker.is_gone(), lease_until > now()) {
                    (true, _) => "the process is gone",
                    (false, false) => "its lease ran out",
                    (false, true) => continue,
                };
                let run = RunId(row.try_get("id").map_err(&failed)?);
                let attempt = row.try_get("attempt").map_err(&failed)?;
                lost.push(lose(db, run, attempt, how, retries).await.map_err(&failed)?);
            }
            Ok(lost)
        })
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
    sqlx::query("insert into event (run, attempt, at, kind, text) values (?, ?, ?, 'lost', ?)")
        .bind(run.0)
        .bind(attempt)
        .bind(now())
        .bind(how)
        .execute(&mut *db)
        .await?;
    Ok(Lost { run, attempt, how: how.to_owned(), crashes, failed })
}

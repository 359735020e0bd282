//! Leases: a worker's right to train one run for a limited time, and writes that require a valid lease.

mod worker;

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};

use super::database::timestamp;
use super::{RunId, RunState, Store, StoreError};

pub use worker::Worker;

/// A worker's lease on a run: the attempt, and the fencing number that its writes carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The run.
    pub run: RunId,
    /// The attempt's number in the database.
    pub attempt: i64,
    /// The run's fencing number when it was claimed.
    pub fence: i64,
    /// When this process received the lease, by a monotonic clock. The time of the attempt is measured from here.
    pub since: Instant,
}

/// The state of a run, for a worker with a lease on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseStatus {
    /// The run's state.
    pub state: RunState,
    /// Whether the lease was not lost. It is lost when the run is cancelled, retried, or reclaimed.
    pub is_valid: bool,
}

impl Store {
    /// Makes `worker` the process of the attempt, and renews its lease for `length` from now. Also the heartbeat.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost.
    pub fn renew(&self, lease: Lease, worker: &Worker, length: Duration) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot renew the lease on a run", async |db| {
            let renewal = sqlx::query(
                "update attempt set host = ?, pid = ?, process_start = ?, device = ?, lease_until = ?,
                     lease_seconds = ?, renewals = renewals + 1
                 where id = ?",
            );
            bind_lease(renewal, worker, length).bind(lease.attempt).execute(&mut *db).await?;
            record_time(db, lease).await
        })
    }

    /// The state of the run, and whether the lease is valid.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn lease_status(&self, lease: Lease) -> Result<LeaseStatus, StoreError> {
        let (state, fence): (String, i64) = self.read("cannot read a run", async |db| {
            sqlx::query_as("select state, fence from run where id = ?").bind(lease.run.0).fetch_one(db).await
        })?;
        let state = state.parse().map_err(|error| self.bad_row(format!("run {}", lease.run), error))?;
        Ok(LeaseStatus { state, is_valid: fence == lease.fence })
    }

    /// Runs `work` in one immediate transaction if the lease is valid; an error of the driver is reported as `what`.
    pub(super) fn write_leased<T>(
        &self,
        lease: Lease,
        what: &'static str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let failed = self.sql(what);
        self.transaction(what, async |db| {
            let is_valid: bool = sqlx::query_scalar(
                "select exists (select 1 from run where id = ? and fence = ? and state = 'running')",
            )
            .bind(lease.run.0)
            .bind(lease.fence)
            .fetch_one(&mut *db)
            .await
            .map_err(&failed)?;
            match is_valid {
                true => work(db).await.map_err(&failed),
                false => Err(StoreError::LostLease { run: lease.run }),
            }
        })
    }
}

/// Binds host, process, start and device of `worker`, then the end and the length of a lease that begins now.
pub(super) fn bind_lease<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    worker: &'q Worker,
    length: Duration,
) -> Query<'q, Sqlite, SqliteArguments> {
    query
        .bind(&worker.host)
        .bind(worker.pid)
        .bind(worker.start)
        .bind(&worker.device)
        .bind(timestamp(chrono::Utc::now() + length))
        .bind(length.as_secs_f64())
}

/// Records the time that the attempt has taken so far.
pub(super) async fn record_time(db: &mut SqliteConnection, lease: Lease) -> Result<(), sqlx::Error> {
    sqlx::query("update attempt set seconds = max(seconds, ?) where id = ?")
        .bind(lease.since.elapsed().as_secs_f64())
        .bind(lease.attempt)
        .execute(db)
        .await?;
    Ok(())
}

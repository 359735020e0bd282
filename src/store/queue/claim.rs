//! Claiming runs from the queue.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::Row as _;

use crate::spec::Value;
use crate::store::database::now;
use crate::store::lease::bind_lease;
use crate::store::read::settings;
use crate::store::{Lease, RunId, Store, StoreError, Worker};

/// What a worker needs to train the run that it claimed.
#[derive(Clone, Debug)]
pub struct ClaimedRun {
    /// The run's seed.
    pub seed: u64,
    /// The last epoch to train.
    pub horizon: u32,
    /// Every active setting by its dotted key, as queued.
    pub settings: BTreeMap<String, Value>,
    /// The cell's canonical identity, with the fingerprints of its inputs.
    pub identity: String,
}

impl Store {
    /// Claims the next queued run, of `experiment` if one is given; `None` if the queue is empty. The order is: the
    /// highest priority first; then runs of a newest revision before runs that only older revisions have; then the run
    /// that was queued first. The lease lasts for `length`.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn claim(
        &self,
        experiment: Option<&str>,
        worker: &Worker,
        length: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        self.write("cannot claim a run", async |db| {
            let claimed: Option<(i64, i64)> = sqlx::query_as(
                "update run set state = 'running', fence = fence + 1, ended_at = null, outcome = ''
                 where id = (
                     select id from run
                     where state = 'queued'
                         and (?1 is null or id in (select run from newest_run where experiment = ?1))
                     order by priority desc, id in (select run from newest_run) desc, id limit 1
                 )
                 returning id, fence",
            )
            .bind(experiment)
            .fetch_optional(&mut *db)
            .await?;
            let Some((run, fence)) = claimed else { return Ok(None) };
            let attempt = sqlx::query(
                "insert into attempt
                     (run, fence, host, pid, process_start, device, lease_until, lease_seconds, started_at)
                 values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
            );
            let attempt = bind_lease(attempt.bind(run).bind(fence), worker, length).bind(now()).fetch_one(db).await?;
            Ok(Some(Lease { run: RunId(run), attempt: attempt.try_get("id")?, fence, since: Instant::now() }))
        })
    }

    /// What the worker with this lease needs to train its run.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost.
    pub fn claimed_run(&self, lease: Lease) -> Result<ClaimedRun, StoreError> {
        let row: Option<(i64, u32, String, String)> = self.read("cannot read a run", async |db| {
            sqlx::query_as(
                "select run.seed, run.horizon, run.settings, cell.identity from run join cell on cell.id = run.cell
                 where run.id = ? and run.fence = ? and run.state = 'running'",
            )
            .bind(lease.run.0)
            .bind(lease.fence)
            .fetch_optional(db)
            .await
        })?;
        let (seed, horizon, json, identity) = row.ok_or(StoreError::LostLease { run: lease.run })?;
        let settings = settings(&json).map_err(|error| self.bad_row(format!("run {}", lease.run), error))?;
        Ok(ClaimedRun { seed: seed.unsigned_abs(), horizon, settings, identity })
    }

    /// Sets the priority of the queued and running runs of an experiment; returns their number.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn set_priority(&self, experiment: &str, priority: i64) -> Result<u64, StoreError> {
        self.write("cannot set the priority of runs", async |db| {
            let changed = sqlx::query(
                "update run set priority = ?
                 where state in ('queued', 'running') and id in (select run from runs where experiment = ?)",
            );
            Ok(changed.bind(priority).bind(experiment).execute(db).await?.rows_affected())
        })
    }
}

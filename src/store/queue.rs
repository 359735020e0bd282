//! The queue: taking a run, and holding it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::Row as _;

use crate::spec::Value;

use super::{RunId, RunState, Store, StoreError, Worker, now, stamp};

/// A worker's hold on a run: the attempt, and the fencing number that its writes carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The run.
    pub run: RunId,
    /// The attempt's number in the database.
    pub attempt: i64,
    /// The run's fencing number when it was taken.
    pub fence: i64,
    /// When this process got the hold, by a clock that never goes back: what the attempt takes is measured from here.
    pub since: Instant,
}

/// A run as its worker needs it.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The run's seed.
    pub seed: u64,
    /// The last epoch to train.
    pub horizon: u32,
    /// Every active setting by its dotted key, as queued.
    pub settings: BTreeMap<String, Value>,
    /// The cell's canonical identity, with the fingerprints of its inputs.
    pub identity: String,
}

/// Where a run stands for one who holds or held it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where it stands.
    pub state: RunState,
    /// Whether nobody took it away since it was taken.
    pub held: bool,
}

impl Store {
    /// Takes the next queued run, if there is one, of `experiment` when it is named: the highest priority first; among
    /// equals those that a newest revision has, before those that only older ones have; and of these the one that was
    /// queued first.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn claim(
        &self,
        experiment: Option<&str>,
        worker: &Worker,
        lease: Duration,
    ) -> Result<Option<Hold>, StoreError> {
        let what = "no run can be taken";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let row = sqlx::query(
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
            .await
            .map_err(&failed)?;
            let Some(row) = row else { return Ok(None) };
            let run: i64 = row.try_get("id").map_err(&failed)?;
            let fence: i64 = row.try_get("fence").map_err(&failed)?;
            let attempt = sqlx::query_scalar(
                "insert into attempt
                     (run, fence, host, pid, process_start, device, lease_until, lease_seconds, started_at)
                 values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
            )
            .bind(run)
            .bind(fence)
            .bind(&worker.host)
            .bind(worker.pid)
            .bind(worker.start)
            .bind(&worker.device)
            .bind(until(lease))
            .bind(lease.as_secs_f64())
            .bind(now())
            .fetch_one(&mut *db)
            .await
            .map_err(&failed)?;
            Ok(Some(Hold { run: RunId(run), attempt, fence, since: Instant::now() }))
        })
    }

    /// Makes `worker` the process that holds the run, and lengthens its lease. Also the heartbeat.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has it by now.
    pub fn hold_on(&self, hold: Hold, worker: &Worker, lease: Duration) -> Result<(), StoreError> {
        let what = "the hold on a run cannot be renewed";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let renewed = sqlx::query(
                "update attempt set host = ?, pid = ?, process_start = ?, device = ?, lease_until = ?, lease_seconds = ?,
                     renewals = renewals + 1
                 where id = ? and exists (
                     select 1 from run where run.id = attempt.run and run.fence = attempt.fence and state = 'running'
                 )",
            )
            .bind(&worker.host)
            .bind(worker.pid)
            .bind(worker.start)
            .bind(&worker.device)
            .bind(until(lease))
            .bind(lease.as_secs_f64())
            .bind(hold.attempt)
            .execute(&mut *db)
            .await
            .map_err(&failed)?;
            held(hold, renewed.rows_affected())?;
            count_time(db, hold).await.map_err(&failed)
        })
    }

    /// What the holder of a run needs to train it.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has it by now.
    pub fn taken(&self, hold: Hold) -> Result<Taken, StoreError> {
        let failed = self.sql("the run cannot be read");
        let row = self.runtime.block_on(
            sqlx::query(
                "select run.seed, run.horizon, run.settings, cell.identity from run join cell on cell.id = run.cell
                 where run.id = ? and run.fence = ? and run.state = 'running'",
            )
            .bind(hold.run.0)
            .bind(hold.fence)
            .fetch_optional(&self.pool),
        );
        let row = row.map_err(&failed)?.ok_or(StoreError::LostHold { run: hold.run })?;
        let settings: String = row.try_get("settings").map_err(&failed)?;
        let unreadable = |error| self.bad_row(format!("run {}", hold.run), error);
        Ok(Taken {
            seed: row.try_get::<i64, _>("seed").map_err(&failed)?.unsigned_abs(),
            horizon: row.try_get("horizon").map_err(&failed)?,
            settings: super::read::settings(&settings).map_err(unreadable)?,
            identity: row.try_get("identity").map_err(&failed)?,
        })
    }

    /// Where a run stands, and whether the hold on it still counts: it does not when the run was cancelled or the
    /// lease ran out.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn standing(&self, hold: Hold) -> Result<Held, StoreError> {
        let failed = self.sql("the run cannot be read");
        let row = sqlx::query("select state, fence from run where id = ?").bind(hold.run.0).fetch_one(&self.pool);
        let row = self.runtime.block_on(row).map_err(&failed)?;
        let state: String = row.try_get("state").map_err(&failed)?;
        let fence: i64 = row.try_get("fence").map_err(&failed)?;
        let unreadable = |error| self.bad_row(format!("run {}", hold.run), error);
        Ok(Held { state: state.parse().map_err(unreadable)?, held: fence == hold.fence })
    }

    /// Gives the runs of an experiment that wait, or may have to wait again, this priority; says how many.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn prioritise(&self, experiment: &str, priority: i64) -> Result<u64, StoreError> {
        let what = "runs cannot be given a priority";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let done = sqlx::query(
                "update run set priority = ?
                 where state in ('queued', 'running') and id in (select run from runs where experiment = ?)",
            );
            let done = done.bind(priority).bind(experiment).execute(db).await;
            Ok(done.map_err(failed)?.rows_affected())
        })
    }
}

/// Whether, within a transaction, the hold is the one that counts.
pub(super) async fn still_held(db: &mut sqlx::SqliteConnection, hold: Hold) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select 1 from run where id = ? and fence = ? and state = 'running')")
        .bind(hold.run.0)
        .bind(hold.fence)
        .fetch_one(db)
        .await
}

/// Records how long the attempt has taken so far.
pub(super) async fn count_time(db: &mut sqlx::SqliteConnection, hold: Hold) -> Result<(), sqlx::Error> {
    sqlx::query("update attempt set seconds = max(seconds, ?) where id = ?")
        .bind(hold.since.elapsed().as_secs_f64())
        .bind(hold.attempt)
        .execute(db)
        .await?;
    Ok(())
}

/// An update that found no row found the fence of another worker.
pub(super) fn held(hold: Hold, rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::LostHold { run: hold.run }) }
}

fn until(lease: Duration) -> String {
    stamp(chrono::Utc::now() + lease)
}

//! The queue: taking a run, holding it, and letting it go.

use std::collections::BTreeMap;
use std::time::Duration;

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

/// How an attempt lets go of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The horizon is reached; the hash of the final weights.
    Finished {
        /// SHA-256 over both networks' parameters.
        weights: String,
    },
    /// A loss or weight was not finite.
    Diverged {
        /// Where and what.
        what: String,
    },
    /// Training could not go on.
    Failed {
        /// The error.
        why: String,
    },
    /// Stopped from outside; another attempt goes on.
    Interrupted,
}

impl Ending {
    fn state(&self) -> RunState {
        match self {
            Ending::Finished { .. } => RunState::Finished,
            Ending::Diverged { .. } => RunState::Diverged,
            Ending::Failed { .. } => RunState::Failed,
            Ending::Interrupted => RunState::Queued,
        }
    }

    fn outcome(&self) -> &str {
        match self {
            Ending::Diverged { what } => what,
            Ending::Failed { why } => why,
            Ending::Finished { .. } | Ending::Interrupted => "",
        }
    }
}

impl Store {
    /// Takes the next queued run, if there is one: of `experiment` when it is named, and not among `passed`.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn claim(
        &self,
        experiment: Option<&str>,
        passed: &[RunId],
        worker: &Worker,
        lease: Duration,
    ) -> Result<Option<Hold>, StoreError> {
        let what = "no run can be taken";
        let failed = self.sql(what);
        let passed = serde_json::to_string(&passed.iter().map(|run| run.0).collect::<Vec<_>>());
        let passed = passed.expect("whole numbers are JSON");
        self.write(what, async |db| {
            let row = sqlx::query(
                "update run set state = 'running', fence = fence + 1, ended_at = null, outcome = ''
                 where id = (
                     select id from run
                     where state = 'queued' and id not in (select value from json_each(?2))
                         and (?1 is null or id in (select run from runs where experiment = ?1))
                     order by priority desc, id limit 1
                 )
                 returning id, fence",
            )
            .bind(experiment)
            .bind(passed)
            .fetch_optional(&mut *db)
            .await
            .map_err(&failed)?;
            let Some(row) = row else { return Ok(None) };
            let run: i64 = row.try_get("id").map_err(&failed)?;
            let fence: i64 = row.try_get("fence").map_err(&failed)?;
            let attempt = sqlx::query_scalar(
                "insert into attempt (run, fence, host, pid, process_start, device, lease_until, started_at)
                 values (?, ?, ?, ?, ?, ?, ?, ?) returning id",
            )
            .bind(run)
            .bind(fence)
            .bind(&worker.host)
            .bind(worker.pid)
            .bind(worker.start)
            .bind(&worker.device)
            .bind(until(lease))
            .bind(now())
            .fetch_one(&mut *db)
            .await
            .map_err(&failed)?;
            Ok(Some(Hold { run: RunId(run), attempt, fence }))
        })
    }

    /// Puts runs whose worker is gone, or whose lease has run out, back into the queue; says which.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn reclaim(&self) -> Result<Vec<RunId>, StoreError> {
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
            let mut reclaimed = Vec::new();
            for row in rows {
                let worker = Worker {
                    host: row.try_get("host").map_err(&failed)?,
                    pid: row.try_get("pid").map_err(&failed)?,
                    start: row.try_get("process_start").map_err(&failed)?,
                    device: row.try_get("device").map_err(&failed)?,
                };
                let lease_until: String = row.try_get("lease_until").map_err(&failed)?;
                if lease_until > now() && !worker.is_gone() {
                    continue;
                }
                let run: i64 = row.try_get("id").map_err(&failed)?;
                let attempt: i64 = row.try_get("attempt").map_err(&failed)?;
                // The fence moves on with the state, so that a worker that was only asleep can write nothing more.
                sqlx::query("update run set state = 'queued', fence = fence + 1 where id = ?")
                    .bind(run)
                    .execute(&mut *db)
                    .await
                    .map_err(&failed)?;
                // It ended some time before its lease did; nobody saw when.
                sqlx::query("update attempt set ended_at = min(lease_until, ?), ending = 'lost' where id = ?")
                    .bind(now())
                    .bind(attempt)
                    .execute(&mut *db)
                    .await
                    .map_err(&failed)?;
                reclaimed.push(RunId(run));
            }
            Ok(reclaimed)
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
                "update attempt set host = ?, pid = ?, process_start = ?, device = ?, lease_until = ?
                 where id = ? and exists (
                     select 1 from run where run.id = attempt.run and run.fence = attempt.fence and state = 'running'
                 )",
            )
            .bind(&worker.host)
            .bind(worker.pid)
            .bind(worker.start)
            .bind(&worker.device)
            .bind(until(lease))
            .bind(hold.attempt)
            .execute(db)
            .await
            .map_err(&failed)?;
            held(hold, renewed.rows_affected())
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

    /// Ends the attempt and gives the run its next state.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has it by now.
    pub fn let_go(&self, hold: Hold, ending: &Ending) -> Result<(), StoreError> {
        let what = "the end of a run cannot be recorded";
        let failed = self.sql(what);
        let state = ending.state();
        let weights = if let Ending::Finished { weights } = ending { weights.as_str() } else { "" };
        self.write(what, async |db| {
            let ended = sqlx::query(
                "update run set state = ?, outcome = ?, weights = ?, ended_at = iif(? = 'queued', null, ?)
                 where id = ? and fence = ? and state = 'running'",
            )
            .bind(state.as_str())
            .bind(ending.outcome())
            .bind(weights)
            .bind(state.as_str())
            .bind(now())
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(&mut *db)
            .await
            .map_err(&failed)?;
            held(hold, ended.rows_affected())?;
            let word = if *ending == Ending::Interrupted { "interrupted" } else { state.as_str() };
            sqlx::query("update attempt set ended_at = ?, ending = ? where id = ?")
                .bind(now())
                .bind(word)
                .bind(hold.attempt)
                .execute(&mut *db)
                .await
                .map_err(&failed)?;
            Ok(())
        })
    }
}

/// An update that found no row found the fence of another worker.
pub(super) fn held(hold: Hold, rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::LostHold { run: hold.run }) }
}

fn until(lease: Duration) -> String {
    stamp(chrono::Utc::now() + lease)
}

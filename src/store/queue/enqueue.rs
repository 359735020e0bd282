//! Queueing a plan: existing runs are kept, missing ones are added.

use sqlx::SqliteConnection;

use crate::store::database::now;
use crate::store::{RunId, Store, StoreError};

use super::reopen::{lacks_measures, reopen, reopen_to_measure};
use super::{NewCell, NewRevision};

/// The result of queueing a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnqueueResult {
    /// The revision's number.
    pub revision: u32,
    /// New runs.
    pub added: u64,
    /// Runs that existed.
    pub kept: u64,
    /// Finished runs that continue to a later horizon.
    pub reopened: u64,
    /// Finished runs that are queued to compute new measures, without training.
    pub measured: u64,
    /// Runs that keep a horizon later than the requested one.
    pub longer: u64,
}

impl Store {
    /// Records the revision and adds the runs that are missing. Existing runs are kept. A finished run whose horizon is
    /// now later continues from its last epoch; a run in training does so when it reaches its old horizon. An earlier
    /// horizon changes no existing run.
    ///
    /// # Errors
    ///
    /// If the database cannot be written; nothing is then added.
    pub fn enqueue(&self, revision: &NewRevision) -> Result<EnqueueResult, StoreError> {
        self.write("cannot queue the experiment", async |db| {
            let (id, number) = add_revision(db, revision).await?;
            let mut result = EnqueueResult { revision: number, added: 0, kept: 0, reopened: 0, measured: 0, longer: 0 };
            let seeds = serde_json::to_string(&revision.seeds).expect("integers can be written as JSON");
            for (position, cell) in (0i64..).zip(&revision.cells) {
                add_cell(db, id, position, cell, &seeds).await?;
                for &seed in &revision.seeds {
                    add_run(db, cell, seed, &mut result).await?;
                }
            }
            Ok(result)
        })
    }

    /// Queues the failed runs of an experiment's newest revision again; returns their number.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn requeue_failed(&self, experiment: &str) -> Result<u64, StoreError> {
        self.write("cannot queue failed runs again", async |db| {
            let queued = sqlx::query(
                "update run set state = 'queued', outcome = '', ended_at = null, crashes = 0
                 where state = 'failed' and id in (select run from newest_run where experiment = ?)",
            );
            Ok(queued.bind(experiment).execute(db).await?.rows_affected())
        })
    }
}

/// Adds the revision unless it equals the newest one; returns the row and the number of the newest revision.
async fn add_revision(db: &mut SqliteConnection, revision: &NewRevision) -> Result<(i64, u32), sqlx::Error> {
    let experiment: i64 = sqlx::query_scalar(
        "insert into experiment (name, title, created_at) values (?, ?, ?)
         on conflict (name) do update set title = excluded.title
         returning id",
    )
    .bind(&revision.name)
    .bind(&revision.title)
    .bind(now())
    .fetch_one(&mut *db)
    .await?;
    let newest: Option<(i64, u32, String)> = sqlx::query_as(
        "select id, number, hash from experiment_revision where experiment = ? order by number desc limit 1",
    )
    .bind(experiment)
    .fetch_optional(&mut *db)
    .await?;
    let number = match newest {
        Some((id, number, hash)) if hash == revision.hash => return Ok((id, number)),
        Some((_, number, _)) => number + 1,
        None => 1,
    };
    let id = sqlx::query_scalar(
        "insert into experiment_revision (experiment, number, text, hash, created_at)
         values (?, ?, ?, ?, ?) returning id",
    )
    .bind(experiment)
    .bind(number)
    .bind(&revision.text)
    .bind(&revision.hash)
    .bind(now())
    .fetch_one(&mut *db)
    .await?;
    Ok((id, number))
}

async fn add_cell(
    db: &mut SqliteConnection,
    revision: i64,
    position: i64,
    cell: &NewCell,
    seeds: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into cell (id, identity, created_at) values (?, ?, ?) on conflict do nothing")
        .bind(&cell.id)
        .bind(&cell.identity)
        .bind(now())
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into revision_cell (revision, cell, method, position, axes, seeds) values (?, ?, ?, ?, ?, ?)
         on conflict do nothing",
    )
    .bind(revision)
    .bind(&cell.id)
    .bind(&cell.method)
    .bind(position)
    .bind(&cell.axes)
    .bind(seeds)
    .execute(&mut *db)
    .await?;
    Ok(())
}

async fn add_run(
    db: &mut SqliteConnection,
    cell: &NewCell,
    seed: u64,
    result: &mut EnqueueResult,
) -> Result<(), sqlx::Error> {
    let seed = i64::try_from(seed).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let added = sqlx::query(
        "insert into run (cell, seed, settings, horizon, queued_at) values (?, ?, ?, ?, ?) on conflict do nothing",
    )
    .bind(&cell.id)
    .bind(seed)
    .bind(&cell.settings)
    .bind(cell.horizon)
    .bind(now())
    .execute(&mut *db)
    .await?;
    if added.rows_affected() == 1 {
        result.added += 1;
        return Ok(());
    }
    result.kept += 1;
    // Paths and the horizon are not part of the identity, so a kept run takes the latest ones. Queueing also resets its
    // count of crashes. A run in training keeps the settings that it was started with.
    let lacks = lacks_measures(db, cell, seed).await?;
    let (run, horizon): (i64, u32) = sqlx::query_as(
        "update run set horizon = max(horizon, ?), settings = iif(state = 'running', settings, ?),
             crashes = iif(state = 'running', crashes, 0)
         where cell = ? and seed = ? returning id, horizon",
    )
    .bind(cell.horizon)
    .bind(&cell.settings)
    .bind(&cell.id)
    .bind(seed)
    .fetch_one(&mut *db)
    .await?;
    result.longer += u64::from(horizon > cell.horizon);
    let reopened = reopen(db, RunId(run)).await?;
    result.reopened += u64::from(reopened);
    result.measured += u64::from(lacks && !reopened && reopen_to_measure(db, RunId(run)).await?);
    Ok(())
}

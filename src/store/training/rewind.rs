//! Taking a run back: to its last checkpoint, or to before its first epoch.

use sqlx::SqliteConnection;

use crate::measure::Epoch;
use crate::store::{Lease, RunId, Store, StoreError};

use super::event::add_event;
use super::series::summarise_run;

/// The kind of the event that records a restart.
const RESTARTED: &str = "restarted";

impl Store {
    /// Deletes the points and image grids after epoch `last`, or all of them if there is no checkpoint to resume from.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then changed.
    pub fn rewind(&self, lease: Lease, last: Option<Epoch>) -> Result<(), StoreError> {
        let last = last.map_or(-1, |epoch| i64::from(epoch.0));
        self.write_leased(lease, "cannot take a run back to its checkpoint", async |db| {
            sqlx::query(
                "update run set epoch = max(?1, 0),
                         step = coalesce((select step from artifact where run = ?2 and kind = 'last'), 0)
                     where id = ?2",
            )
            .bind(last)
            .bind(lease.run.0)
            .execute(&mut *db)
            .await?;
            for statement in [
                "delete from point where epoch > ? and series in (select id from series where run = ?)",
                "delete from run_picture where epoch > ? and run = ?",
                "delete from artifact where kind <> 'last' and epoch > ? and run = ?",
            ] {
                sqlx::query(statement).bind(last).bind(lease.run.0).execute(&mut *db).await?;
            }
            summarise_run(db, lease.run).await
        })
    }

    /// Takes a run back to before its first epoch because its checkpoint was lost, and records the reason `why`.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then changed.
    pub fn restart(&self, lease: Lease, why: &str) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot take a run back to its beginning", async |db| {
            // The worker deletes every folder that no row names before it saves anything.
            let _unreferenced = forget_training(db, lease.run).await?;
            record_restart(db, lease.run, Some(lease.attempt), why).await
        })
    }
}

/// Deletes every point, image grid, checkpoint and fitted file of a run, and its convergence. Returns the folders that
/// no row names any more, relative to the database's files.
pub(in crate::store) async fn forget_training(
    db: &mut SqliteConnection,
    run: RunId,
) -> Result<Vec<String>, sqlx::Error> {
    let folders = sqlx::query_scalar("delete from artifact where run = ? returning path").bind(run.0);
    let folders: Vec<String> = folders.fetch_all(&mut *db).await?;
    for statement in [
        "delete from point where series in (select id from series where run = ?)",
        "delete from convergence where series in (select id from series where run = ?)",
        "delete from run_picture where run = ?",
        "delete from fitted where run = ?",
        "update run set epoch = 0, step = 0, weights = '' where id = ?",
    ] {
        sqlx::query(statement).bind(run.0).execute(&mut *db).await?;
    }
    summarise_run(db, run).await?;
    Ok(folders)
}

/// Records that a run starts again.
pub(in crate::store) async fn record_restart(
    db: &mut SqliteConnection,
    run: RunId,
    attempt: Option<i64>,
    why: &str,
) -> Result<(), sqlx::Error> {
    add_event(db, run, attempt, RESTARTED, why).await
}

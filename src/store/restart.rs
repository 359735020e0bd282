//! Runs that are trained again from their beginning: everything that they left is forgotten first.

use sqlx::SqliteConnection;

use super::event::add_event;
use super::queue::still_held;
use super::{Hold, RunId, Store, StoreError};

/// The kind of the event that says so.
const KIND: &str = "restarted";

impl Store {
    /// Takes a run back to before its first epoch, because its checkpoint was lost, and records why.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then changed.
    pub fn restart(&self, hold: Hold, why: &str) -> Result<(), StoreError> {
        let what = "a run cannot be taken back to its beginning";
        let failed = self.sql(what);
        self.write(what, async |db| {
            if !still_held(db, hold).await.map_err(&failed)? {
                return Err(StoreError::LostHold { run: hold.run });
            }
            // The holder removes every folder that no row names, before it saves anything itself.
            let _unnamed = forget(db, hold.run).await.map_err(&failed)?;
            record(db, hold.run, Some(hold.attempt), why).await.map_err(&failed)
        })
    }
}

/// Forgets every point, picture, checkpoint and fitted file of a run, and what was concluded from them. Returns the
/// folders below the database's files that no row names any more.
pub(super) async fn forget(db: &mut SqliteConnection, run: RunId) -> Result<Vec<String>, sqlx::Error> {
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
    super::write::summarise_again(db, run).await?;
    Ok(folders)
}

/// Records that a run begins again.
pub(super) async fn record(
    db: &mut SqliteConnection,
    run: RunId,
    attempt: Option<i64>,
    why: &str,
) -> Result<(), sqlx::Error> {
    add_event(db, run, attempt, KIND, why).await
}

//! The database: the queue of runs, and everything that was measured.
//!
//! Callers are ordinary threads; the asynchronous driver stays in here. Every write is one immediate
//! transaction, and a worker's writes carry the fencing number of its hold.

mod change;
mod checkpoint;
mod convergence;
mod detail;
mod ending;
mod enqueue;
mod error;
mod fill;
mod filter;
mod fitted;
mod list;
mod lost;
mod open;
mod pace;
mod process;
mod provenance;
mod queue;
mod read;
mod record;
mod remark;
mod reopen;
mod restart;
mod standing;
mod summary;
mod superseded;
mod write;

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqlitePool;

pub use change::{Change, Changed};
pub use checkpoint::{NewArtifact, StoredCheckpoint};
pub use convergence::NewConvergence;
pub use detail::{AttemptRecord, EventRecord, RunDetail, StoredSetting};
pub use ending::Ending;
pub use enqueue::{Enqueued, NewCell, NewRevision};
pub use error::StoreError;
pub use filter::{BadCondition, Condition, Filter, Key, Relation, nearest, unknown_metric};
pub use fitted::FittedFile;
pub use list::Listed;
pub use lost::Lost;
pub use open::sibling;
pub use pace::Pace;
pub use process::Worker;
pub use queue::{Held, Hold, Taken};
pub use record::*;
pub use remark::Remarks;
pub use standing::{Standing, UnknownStanding};
pub use summary::Summary;
pub use superseded::Superseded;
pub use write::{EpochRecord, NewPicture, NewValue};

/// An open database.
pub struct Store {
    path: PathBuf,
    runtime: tokio::runtime::Runtime,
    pool: SqlitePool,
}

impl Store {
    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of files that belong to the database: `<database>.files`.
    pub fn files(&self) -> PathBuf {
        sibling(&self.path, ".files")
    }

    /// The log of a run: what its training processes said, a line each.
    pub fn log(&self, run: RunId) -> PathBuf {
        self.files().join(run.to_string()).join("log.txt")
    }

    /// Runs `work` in one immediate transaction: it takes the write lock at once, and all of it or nothing
    /// is written.
    fn write<T>(
        &self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.runtime.block_on(async {
            let begun = self.pool.begin_with("begin immediate").await;
            let mut transaction = begun.map_err(self.sql(what))?;
            let result = work(&mut transaction).await?;
            transaction.commit().await.map_err(self.sql(what))?;
            Ok(result)
        })
    }

    /// Reads over the one connection.
    fn read<T>(
        &self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let read = self.runtime.block_on(async {
            let mut db = self.pool.acquire().await?;
            work(&mut db).await
        });
        read.map_err(self.sql(what))
    }

    /// Names the database and what was being done in an error of the driver.
    fn sql(&self, what: &'static str) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |source| StoreError::Sql { path: path.clone(), what, source }
    }

    fn bad_row(&self, what: impl Into<String>, why: impl ToString) -> StoreError {
        StoreError::Row { path: self.path.clone(), what: what.into(), why: why.to_string() }
    }
}

/// Now, as the database keeps times: RFC 3339 in UTC with milliseconds, so that text order is time order.
fn now() -> String {
    stamp(chrono::Utc::now())
}

fn stamp(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod lab;
#[cfg(test)]
mod tests;

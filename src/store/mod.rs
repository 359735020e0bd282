//! The database: the queue of runs, and everything that was measured.
//!
//! Callers are ordinary threads; the asynchronous driver stays in here. Every write is one immediate
//! transaction, and a worker's writes carry the fencing number of its hold.

mod backup;
mod change;
mod check;
mod checkpoint;
mod close;
mod convergence;
mod database_kind;
mod detail;
mod driver_error;
mod ending;
mod enqueue;
mod error;
mod event;
mod fill;
mod filter;
mod fitted;
mod list;
mod lost;
mod observation;
mod open;
mod pace;
mod place;
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
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqlitePool;

pub use change::{Change, Changed};
pub use check::{Finding, StoredArtifact};
pub use checkpoint::{NewArtifact, StoredCheckpoint};
pub use close::close_all;
pub use convergence::NewConvergence;
pub use detail::{AttemptRecord, EventRecord, RunDetail, StoredSetting};
pub use driver_error::DriverError;
pub use ending::Ending;
pub use enqueue::{Enqueued, NewCell, NewRevision};
pub use error::StoreError;
pub use filter::{BadCondition, Condition, Filter, Key, Relation, nearest, unknown_metric};
pub use fitted::FittedFile;
pub use list::Listed;
pub use lost::Lost;
pub use pace::Pace;
pub use place::{resolve, sibling};
pub use process::Worker;
pub use queue::{Held, Hold, Taken};
pub use record::*;
pub use remark::Remarks;
pub use standing::{Standing, UnknownStanding};
pub use summary::Summary;
pub use superseded::Superseded;
pub use write::{EpochRecord, NewPicture, NewValue};

use driver_error::Refusal;
use place::FileIdentity;

/// Whether to go on waiting for another process's write lock, after it was waited for so long.
type LockWait = Box<dyn Fn(Duration) -> bool + Send>;

/// What is known of the leases that others hold.
#[derive(Debug, Default)]
struct ObservedLeases {
    leases: observation::Observations,
    /// Whether one seems to be over and was not observed for long enough to be sure.
    awaited: bool,
}

/// An open database. It is closed when it is dropped.
pub struct Store {
    path: PathBuf,
    runtime: tokio::runtime::Runtime,
    pool: SqlitePool,
    wait: Mutex<LockWait>,
    /// The file that was opened; `None` where it does not matter whether it stays in its place.
    identity: Option<FileIdentity>,
    observed: Mutex<ObservedLeases>,
    /// The folder of the copy that is read in the place of a read-only database.
    copy: Option<tempfile::TempDir>,
}

impl Store {
    /// Asks `wait` whether to go on waiting while another process holds the write lock: it is told how long that has
    /// lasted, every few seconds. Without this, a write gives up after a minute.
    pub fn wait_for_lock(&self, wait: impl Fn(Duration) -> bool + Send + 'static) {
        *self.wait.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(wait);
    }

    /// Whether to go on waiting for the write lock after so long.
    fn waits_on(&self, waited: Duration) -> bool {
        self.wait.lock().unwrap_or_else(PoisonError::into_inner)(waited)
    }

    /// Whether the path still names the file that was opened.
    fn is_in_place(&self) -> bool {
        self.identity.is_none_or(|opened| FileIdentity::of(&self.path) == Some(opened))
    }

    /// Refuses to go on with a file that was deleted, renamed or replaced: what is written to it, nobody could read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Moved`] if so.
    pub fn check_in_place(&self) -> Result<(), StoreError> {
        match self.is_in_place() {
            true => Ok(()),
            false => Err(StoreError::Moved { path: self.path.clone() }),
        }
    }

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
    ///
    /// The transaction is opened and ended by statements, not by the driver: SQLite may have rolled back by itself when a
    /// write failed, which the driver's count of transactions does not know, and the connection would be of no use any more.
    fn write<T>(
        &self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check_in_place()?;
        self.runtime.block_on(async {
            let mut db = self.pool.acquire().await.map_err(self.sql(what))?;
            self.begin(&mut db, what).await?;
            let mut result = work(&mut db).await;
            if result.is_ok()
                && let Err(error) = sqlx::query("commit").execute(&mut *db).await
            {
                result = Err(self.sql(what)(error));
            }
            if result.is_err() {
                // The first error is what is told; this one says that SQLite had rolled back already.
                let _rolled_back = sqlx::query("rollback").execute(&mut *db).await;
            }
            result
        })
    }

    /// Takes the write lock, waiting for another process that has it.
    async fn begin(&self, db: &mut sqlx::SqliteConnection, what: &'static str) -> Result<(), StoreError> {
        let begun = Instant::now();
        loop {
            let Err(error) = sqlx::query("begin immediate").execute(&mut *db).await else { return Ok(()) };
            let source = DriverError::from(error);
            if source.refusal() != Refusal::Locked || !self.waits_on(begun.elapsed()) {
                return Err(StoreError::Sql { path: self.path.clone(), what, source });
            }
        }
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
        move |source| StoreError::Sql { path: path.clone(), what, source: source.into() }
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

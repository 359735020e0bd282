//! The database file: opening, closing, transactions, backup and checks.

mod backup;
mod check;
mod close;
mod driver_error;
mod kind;
mod location;
mod migrations;
mod open;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;

use super::{RunId, StoreError};

pub use check::{Finding, StoredArtifact};
pub use close::close_all;
pub use driver_error::DriverError;
pub(super) use driver_error::ErrorKind;
pub use location::{resolve, sibling};

use location::FileIdentity;

/// Whether to continue waiting for the write lock of another process, given the time waited so far.
type LockWait = Box<dyn Fn(Duration) -> bool + Send>;

/// An open database. It is closed when it is dropped.
pub struct Store {
    path: PathBuf,
    runtime: tokio::runtime::Runtime,
    pool: SqlitePool,
    wait: Mutex<LockWait>,
    /// The file that was opened; `None` where its path is not checked later.
    identity: Option<FileIdentity>,
    /// The folder of the copy that is read instead of a read-only database.
    copy: Option<tempfile::TempDir>,
}

impl Store {
    /// Sets the function that decides whether to continue waiting while another process has the write lock. Every few
    /// seconds it receives the time waited so far. Without it, a write fails after one minute.
    pub fn set_lock_wait(&self, wait: impl Fn(Duration) -> bool + Send + 'static) {
        *self.wait.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(wait);
    }

    fn continues_waiting(&self, waited: Duration) -> bool {
        self.wait.lock().unwrap_or_else(PoisonError::into_inner)(waited)
    }

    /// Whether the path still names the file that was opened.
    fn is_in_place(&self) -> bool {
        self.identity.is_none_or(|opened| FileIdentity::of(&self.path) == Some(opened))
    }

    /// Checks that the file was not deleted, renamed or replaced. Data written to such a file could not be read again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Moved`] if it was.
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

    /// The log of a run: the messages of its training processes, one per line.
    pub fn log(&self, run: RunId) -> PathBuf {
        self.files().join(run.to_string()).join("log.txt")
    }

    /// Runs `work` in one immediate transaction; an error of the driver is reported as `what`.
    pub(super) fn write<T>(
        &self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        self.transaction(what, async |db| work(db).await.map_err(self.sql(what)))
    }

    /// Runs `work` in one immediate transaction: it takes the write lock first, and writes everything or nothing.
    ///
    /// The transaction is begun and ended by statements, not by the driver. When a write fails, SQLite may already have
    /// rolled back; the driver's count of transactions would then be wrong, and the connection unusable.
    pub(super) fn transaction<T>(
        &self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
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
                // The first error is the one to report. This one only means that SQLite has rolled back already.
                let _rolled_back = sqlx::query("rollback").execute(&mut *db).await;
            }
            result
        })
    }

    /// Takes the write lock; waits while another process has it.
    async fn begin(&self, db: &mut SqliteConnection, what: &'static str) -> Result<(), StoreError> {
        let begun = Instant::now();
        loop {
            let Err(error) = sqlx::query("begin immediate").execute(&mut *db).await else { return Ok(()) };
            let source = DriverError::from(error);
            if source.kind() != ErrorKind::Locked || !self.continues_waiting(begun.elapsed()) {
                return Err(StoreError::Sql { path: self.path.clone(), what, source });
            }
        }
    }

    /// Runs `work` on the connection; an error of the driver is reported as `what`.
    pub(super) fn read<T>(
        &self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let read = self.runtime.block_on(async {
            let mut db = self.pool.acquire().await?;
            work(&mut db).await
        });
        read.map_err(self.sql(what))
    }

    /// Converts an error of the driver: adds the database's path and `what` failed.
    pub(super) fn sql(&self, what: &'static str) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |source| StoreError::Sql { path: path.clone(), what, source: source.into() }
    }

    /// The error for a row that cannot be read.
    pub(super) fn bad_row(&self, what: impl Into<String>, why: impl ToString) -> StoreError {
        StoreError::Row { path: self.path.clone(), what: what.into(), why: why.to_string() }
    }
}

/// The current time as the database stores times: RFC 3339 in UTC with milliseconds, so that text order is time order.
pub(super) fn now() -> String {
    timestamp(chrono::Utc::now())
}

/// A time as the database stores it.
pub(super) fn timestamp(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

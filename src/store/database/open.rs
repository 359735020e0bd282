//! Opening the database: connection options, migration, and refusal of other files.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use crate::store::{Store, StoreError};

use super::driver_error::{DriverError, ErrorKind};
use super::kind::DatabaseKind;
use super::location::{FileIdentity, file_name, folder, read_only_part, refuse_network, resolve, sibling};
use super::migrations::MIGRATIONS;
use super::{LockWait, close};

/// How long a process waits for another before it fails.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long SQLite waits for a lock before the caller decides whether to continue waiting.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// The time between two tries where SQLite does not wait.
const RETRY: Duration = Duration::from_millis(10);

impl Store {
    /// Opens the database at `path` for reading and writing; creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// If the file is not a database of jem, is on a network file system, cannot be written, or was written by a newer
    /// jem.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        if DatabaseKind::of(&path)? == DatabaseKind::Missing {
            refuse_network(&path)?;
            let _lock = lock(&path)?;
            // Another process may have created it since.
            if DatabaseKind::of(&path)? == DatabaseKind::Missing {
                create_file(&path)?;
            }
        }
        Self::open(&path)
    }

    /// Opens the database at `path` for reading and writing. An older schema is migrated.
    ///
    /// # Errors
    ///
    /// As [`Store::create`], and [`StoreError::Missing`] if there is no such file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        refuse_foreign(&path, DatabaseKind::of(&path)?)?;
        refuse_network(&path)?;
        if let Some(place) = read_only_part(&path) {
            return Err(StoreError::ReadOnly { path, place });
        }
        let mut store = Self::connect(&path, &write_options(&path), TIMEOUT)?;
        if !store.is_current()? {
            // One process migrates; the others find the migrated schema.
            let _lock = lock(&path)?;
            if !store.is_current()? {
                store.migrate()?;
            }
        }
        store.identity = FileIdentity::of(&path);
        Ok(store)
    }

    /// Opens the database at `path` for reading only; rows cannot be changed through the result.
    ///
    /// If the file is writable, the log that a killed process left is moved into the database, and an older schema is
    /// migrated, so that every reader finds the same schema. A read-only file is not changed: it is read in place, or
    /// from a temporary copy.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], except that it may be read-only.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        let kind = DatabaseKind::of(&path)?;
        if kind != DatabaseKind::Missing && read_only_part(&path).is_some() {
            return Self::open_read_only(&path);
        }
        refuse_foreign(&path, kind)?;
        let store = Self::connect(&path, &read_options(&path), TIMEOUT)?;
        if store.is_current()? {
            return Ok(store);
        }
        drop(store);
        drop(Self::open(&path)?);
        Self::connect(&path, &read_options(&path), TIMEOUT)
    }

    /// Opens a database that cannot be written.
    fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        // Without a log no process writes, and SQLite needs no lock; with a log it needs the shared memory beside it.
        let options = read_only_options(path).immutable(!has_log(path));
        match Self::connect(path, &options, Duration::ZERO) {
            Ok(store) if !store.has_tables()? => Err(StoreError::Foreign { path: path.to_owned() }),
            Ok(store) if store.is_current()? => Ok(store),
            Ok(_older) => Self::open_copy(path),
            // A log without its shared memory cannot be read in place.
            Err(StoreError::Sql { source, .. })
                if matches!(source.kind(), ErrorKind::ReadOnly | ErrorKind::CannotOpen) =>
            {
                Self::open_copy(path)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens a temporary, migrated copy of the database and its log.
    fn open_copy(path: &Path) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let folder = tempfile::Builder::new().prefix("jem-").tempdir().map_err(io)?;
        let copy = folder.path().join("jem.db");
        copy_file(path, &copy).map_err(io)?;
        if has_log(path) {
            copy_file(&sibling(path, "-wal"), &sibling(&copy, "-wal")).map_err(io)?;
        }
        drop(Self::open(&copy).map_err(|error| match error {
            StoreError::Foreign { .. } => StoreError::Foreign { path: path.to_owned() },
            error => error,
        })?);
        let mut store = Self::connect(&copy, &read_options(&copy), TIMEOUT)?;
        store.path = path.to_owned();
        store.copy = Some(folder);
        Ok(store)
    }

    /// Connects and reads once. While another process creates the log, or closes it as the last, SQLite fails
    /// immediately instead of waiting for the busy timeout; then this tries again.
    fn connect(path: &Path, options: &SqliteConnectOptions, timeout: Duration) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let until = Instant::now() + timeout;
        loop {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
            // A connection that is reopened later could open another file of the same name.
            let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
            let connected = runtime.block_on(async {
                let pool = pool.acquire_timeout(TIMEOUT).connect_with(options.clone()).await?;
                match sqlx::query("select count(*) from sqlite_schema").execute(&pool).await {
                    Ok(_) => Ok(pool),
                    Err(error) => {
                        pool.close().await;
                        Err(error)
                    }
                }
            });
            match connected.map_err(DriverError::from) {
                Ok(pool) => {
                    close::register(&pool);
                    let wait: LockWait = Box::new(|waited| waited < TIMEOUT);
                    let path = path.to_owned();
                    return Ok(Self { path, runtime, pool, wait: wait.into(), identity: None, copy: None });
                }
                Err(source) if source.is_transient() && Instant::now() < until => std::thread::sleep(RETRY),
                Err(source) => {
                    return Err(StoreError::Sql { path: path.to_owned(), what: "cannot be opened", source });
                }
            }
        }
    }

    /// Whether the schema is the current one, and not an older one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Newer`] for a newer schema.
    fn is_current(&self) -> Result<bool, StoreError> {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
        let applied: i64 = self.read("cannot be read", async |db| {
            let known = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
            if sqlx::query_scalar::<_, i64>(known).fetch_one(&mut *db).await? == 0 {
                return Ok(0);
            }
            let applied = "select coalesce(max(version), 0) from _sqlx_migrations where success";
            sqlx::query_scalar(applied).fetch_one(db).await
        })?;
        match applied > newest {
            true => Err(StoreError::Newer { path: self.path.clone() }),
            false => Ok(applied == newest),
        }
    }

    fn migrate(&self) -> Result<(), StoreError> {
        let migrated = self.runtime.block_on(MIGRATIONS.run(&self.pool));
        migrated.map_err(|source| StoreError::Migrate { path: self.path.clone(), source })
    }

    /// Whether the tables are those of jem. For files without an `application_id`.
    fn has_tables(&self) -> Result<bool, StoreError> {
        let tables: i64 = self.read("cannot be read", async |db| {
            let ours = "select count(*) from sqlite_schema
                where type = 'table' and name in ('_sqlx_migrations', 'experiment_revision', 'revision_cell', 'attempt')";
            sqlx::query_scalar(ours).fetch_one(db).await
        })?;
        Ok(tables == 4)
    }
}

/// Refuses a file that is not a jem database, before anything is written to it.
fn refuse_foreign(path: &Path, kind: DatabaseKind) -> Result<(), StoreError> {
    match kind {
        DatabaseKind::Missing => Err(StoreError::Missing { path: path.to_owned() }),
        DatabaseKind::Jem => Ok(()),
        DatabaseKind::Unnamed => {
            let options = read_only_options(path).immutable(!has_log(path));
            match Store::connect(path, &options, TIMEOUT)?.has_tables()? {
                true => Ok(()),
                false => Err(StoreError::Foreign { path: path.to_owned() }),
            }
        }
    }
}

/// Creates the database under another name and renames it, so that it appears only when it is complete. Requires the
/// lock.
fn create_file(path: &Path) -> Result<(), StoreError> {
    let draft = sibling(path, ".new");
    let io = |source| StoreError::Io { path: draft.clone(), source };
    // A killed process may have left these.
    for left in [draft.clone(), sibling(&draft, "-wal"), sibling(&draft, "-shm")] {
        match std::fs::remove_file(&left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
    }
    let store = Store::connect(&draft, &write_options(&draft).create_if_missing(true), TIMEOUT)?;
    store.migrate()?;
    drop(store);
    File::open(&draft).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(&draft, path).map_err(io)?;
    File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(io)
}

fn write_options(path: &Path) -> SqliteConnectOptions {
    options(path).busy_timeout(BUSY_TIMEOUT).journal_mode(SqliteJournalMode::Wal)
}

/// A reader may write the file, to move the log into it, but no row. No journal mode is set: while other processes open
/// the file, setting one is a write.
fn read_options(path: &Path) -> SqliteConnectOptions {
    options(path).pragma("query_only", "on")
}

fn read_only_options(path: &Path) -> SqliteConnectOptions {
    options(path).read_only(true)
}

fn options(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(file_name(path)).foreign_keys(true);
    options.create_if_missing(false).busy_timeout(TIMEOUT)
}

/// Whether there may be transactions that are only in the log.
fn has_log(path: &Path) -> bool {
    std::fs::metadata(sibling(path, "-wal")).is_ok_and(|data| data.len() > 0)
}

/// Copies the content without the permissions: the copy of a read-only file is writable.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    std::io::copy(&mut File::open(from)?, &mut File::create(to)?).map(drop)
}

/// Takes the lock for creating or migrating the database; it is released when the file is dropped.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock = sibling(path, ".lock");
    let io = |source| StoreError::Io { path: lock.clone(), source };
    let file = File::options().create(true).append(true).open(&lock).map_err(io)?;
    file.lock().map_err(io)?;
    Ok(file)
}

#[cfg(test)]
mod tests;

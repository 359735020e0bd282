//! Opening the database: its options, its schema, and what it refuses to be.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use super::database_kind::DatabaseKind;
use super::driver_error::{DriverError, Refusal};
use super::place::{self, FileIdentity, file_name, is_read_only, refuse_network, resolve, sibling};
use super::{LockWait, Store, StoreError, close};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long one process waits for another before it gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How long SQLite itself waits for a lock before the caller is asked whether to go on waiting.
const BUSY: Duration = Duration::from_secs(2);

/// How long it waits before it asks again where SQLite does not wait by itself.
const RETRY: Duration = Duration::from_millis(10);

impl Store {
    /// Opens the database at `path` for reading and writing, making it when there is none.
    ///
    /// # Errors
    ///
    /// If the file is not jem's, lies on a network file system or where it cannot be written, or was written by a newer jem.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        if DatabaseKind::of(&path)? == DatabaseKind::Missing {
            refuse_network(&path)?;
            let _lock = lock(&path)?;
            // Another process may have made it since.
            if DatabaseKind::of(&path)? == DatabaseKind::Missing {
                make(&path)?;
            }
        }
        Self::open(&path)
    }

    /// Opens the database at `path` for reading and writing. An older schema is brought up to date.
    ///
    /// # Errors
    ///
    /// As [`Store::create`], and [`StoreError::Missing`] if there is no such file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        refuse_strangers(&path, DatabaseKind::of(&path)?)?;
        refuse_network(&path)?;
        if let Some(place) = is_read_only(&path) {
            return Err(StoreError::ReadOnly { path, place });
        }
        let mut store = Self::connect(&path, &writing(&path), PATIENCE)?;
        if !store.is_current()? {
            // One process at a time, and the others find the work done.
            let _lock = lock(&path)?;
            if !store.is_current()? {
                store.migrate()?;
            }
        }
        store.identity = FileIdentity::of(&path);
        Ok(store)
    }

    /// Opens the database at `path` for reading alone; nothing in it can be changed through the result.
    ///
    /// A database that may be written is opened so that what a killed process left in the log beside it goes into the
    /// database itself, and an older schema is brought up to date, so that every reader sees one schema. Where it cannot be
    /// written, nothing is: it is read as it lies, or from a temporary copy.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], but that it may be read-only.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        let kind = DatabaseKind::of(&path)?;
        if kind != DatabaseKind::Missing && is_read_only(&path).is_some() {
            return Self::open_read_only(&path);
        }
        refuse_strangers(&path, kind)?;
        let store = Self::connect(&path, &reading(&path), PATIENCE)?;
        if store.is_current()? {
            return Ok(store);
        }
        drop(store);
        drop(Self::open(&path)?);
        Self::connect(&path, &reading(&path), PATIENCE)
    }

    /// Reads a database where nothing can be written.
    fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        // Without a log nobody writes, and SQLite needs no lock; with one it needs the shared memory beside it.
        let options = reading_only(path).immutable(!has_log(path));
        match Self::connect(path, &options, Duration::ZERO) {
            Ok(store) if !store.has_tables()? => Err(StoreError::Foreign { path: path.to_owned() }),
            Ok(store) if store.is_current()? => Ok(store),
            Ok(_older) => Self::open_copy(path),
            // A log whose shared memory is not there cannot be read in place.
            Err(StoreError::Sql { source, .. })
                if matches!(source.refusal(), Refusal::ReadOnly | Refusal::CannotOpen) =>
            {
                Self::open_copy(path)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a temporary copy of the database and its log, brought up to date.
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
        let mut store = Self::connect(&copy, &reading(&copy), PATIENCE)?;
        store.path = path.to_owned();
        store.copy = Some(folder);
        Ok(store)
    }

    /// Connects and reads once. While another process makes the log, or is the last to close it, SQLite turns a
    /// newcomer away at once instead of letting it wait out its busy time; so it is tried again.
    fn connect(path: &Path, options: &SqliteConnectOptions, patience: Duration) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let until = Instant::now() + patience;
        loop {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
            // A connection that is opened anew after some time would open whatever has the name by then.
            let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
            let connected = runtime.block_on(async {
                let pool = pool.acquire_timeout(PATIENCE).connect_with(options.clone()).await?;
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
                    let wait: LockWait = Box::new(|waited| waited < PATIENCE);
                    let observed = Default::default();
                    let path = path.to_owned();
                    return Ok(Self { path, runtime, pool, wait: wait.into(), identity: None, observed, copy: None });
                }
                Err(source) if source.is_passing() && Instant::now() < until => std::thread::sleep(RETRY),
                Err(source) => {
                    return Err(StoreError::Sql { path: path.to_owned(), what: "cannot be opened", source });
                }
            }
        }
    }

    /// Whether the schema is this jem's, and not an older one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Newer`] for a schema that this jem does not know.
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

    /// Whether the tables are jem's. For files of before jem gave its number to them.
    fn has_tables(&self) -> Result<bool, StoreError> {
        let tables: i64 = self.read("cannot be read", async |db| {
            let ours = "select count(*) from sqlite_schema
                where type = 'table' and name in ('_sqlx_migrations', 'experiment_revision', 'revision_cell', 'attempt')";
            sqlx::query_scalar(ours).fetch_one(db).await
        })?;
        Ok(tables == 4)
    }
}

/// Refuses what is no jem database, before a byte of it is written.
fn refuse_strangers(path: &Path, kind: DatabaseKind) -> Result<(), StoreError> {
    match kind {
        DatabaseKind::Missing => Err(StoreError::Missing { path: path.to_owned() }),
        DatabaseKind::Jem => Ok(()),
        DatabaseKind::Unnamed => {
            let options = reading_only(path).immutable(!has_log(path));
            match Store::connect(path, &options, PATIENCE)?.has_tables()? {
                true => Ok(()),
                false => Err(StoreError::Foreign { path: path.to_owned() }),
            }
        }
    }
}

/// Makes the database under another name, so that nobody ever sees half of it. To be called under the lock.
fn make(path: &Path) -> Result<(), StoreError> {
    let draft = sibling(path, ".new");
    let io = |source| StoreError::Io { path: draft.clone(), source };
    // A process that was killed may have left these.
    for left in [draft.clone(), sibling(&draft, "-wal"), sibling(&draft, "-shm")] {
        match std::fs::remove_file(&left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
    }
    let store = Store::connect(&draft, &writing(&draft).create_if_missing(true), PATIENCE)?;
    store.migrate()?;
    drop(store);
    File::open(&draft).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(&draft, path).map_err(io)?;
    File::open(place::folder(path)).and_then(|folder| folder.sync_all()).map_err(io)
}

fn writing(path: &Path) -> SqliteConnectOptions {
    connecting(path).busy_timeout(BUSY).journal_mode(SqliteJournalMode::Wal)
}

/// A reader may write the file, so that it can bring the log into it, but no row. It names no journal mode: on a file
/// that is just being opened by others, asking for one is a write.
fn reading(path: &Path) -> SqliteConnectOptions {
    connecting(path).pragma("query_only", "on")
}

fn reading_only(path: &Path) -> SqliteConnectOptions {
    connecting(path).read_only(true)
}

fn connecting(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(file_name(path)).foreign_keys(true);
    options.create_if_missing(false).busy_timeout(PATIENCE)
}

/// Whether there are transactions that are in the log alone, or may be.
fn has_log(path: &Path) -> bool {
    std::fs::metadata(sibling(path, "-wal")).is_ok_and(|data| data.len() > 0)
}

/// Copies the content alone: the copy of a read-only file may be written.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    std::io::copy(&mut File::open(from)?, &mut File::create(to)?).map(drop)
}

/// The lock that is held while a database is made or brought up to date; freed when the file is dropped.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock = sibling(path, ".lock");
    let io = |source| StoreError::Io { path: lock.clone(), source };
    let file = File::options().create(true).append(true).open(&lock).map_err(io)?;
    file.lock().map_err(io)?;
    Ok(file)
}

#[cfg(test)]
mod tests;

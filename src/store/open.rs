//! Opening the database: its options, its schema, and what it refuses to be.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

use super::{Store, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a writer waits for another one before it gives up.
const BUSY: Duration = Duration::from_secs(60);

impl Store {
    /// Opens the database at `path` for reading and writing, making it when there is none.
    ///
    /// # Errors
    ///
    /// If the file is no SQLite database, lies on a network file system, or was written by a newer jem.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if path.exists() {
            refuse_other_files(path)?;
        }
        refuse_network(path)?;
        let store = Self::connect(path, |options| options.create_if_missing(true))?;
        store.migrate()?;
        Ok(store)
    }

    /// Opens the database at `path` for reading alone; nothing in it can be changed through the result.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], and if there is no such file.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        refuse_other_files(path)?;
        let store = Self::connect(path, |options| options.read_only(true))?;
        if store.is_current() {
            return Ok(store);
        }
        // An older database is brought up to date before it is read, so that every reader sees one schema.
        drop(store);
        drop(Self::open(path)?);
        Self::connect(path, |options| options.read_only(true))
    }

    fn connect(
        path: &Path,
        adjust: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(BUSY);
        let pool: SqlitePool = runtime
            .block_on(pool.connect_with(adjust(options)))
            .map_err(|source| StoreError::Sql { path: path.to_owned(), what: "cannot be opened", source })?;
        Ok(Self { path: path.to_owned(), runtime, pool })
    }

    /// Whether the schema is this version's. A database without the table of migrations is not.
    fn is_current(&self) -> bool {
        let applied = sqlx::query_scalar("select count(*) from _sqlx_migrations where success").fetch_one(&self.pool);
        let applied: Result<i64, _> = self.runtime.block_on(applied);
        applied.is_ok_and(|applied| usize::try_from(applied) == Ok(MIGRATIONS.iter().count()))
    }

    /// Brings the schema up to date, once, whoever comes first.
    fn migrate(&self) -> Result<(), StoreError> {
        if self.is_current() {
            return Ok(());
        }
        let lock = sibling(&self.path, ".lock");
        let io = |source| StoreError::Io { path: lock.clone(), source };
        let file = File::options().create(true).append(true).open(&lock).map_err(io)?;
        file.lock().map_err(io)?;
        let migrated = self.runtime.block_on(MIGRATIONS.run(&self.pool));
        migrated.map_err(|source| StoreError::Migrate { path: self.path.clone(), source })
    }
}

/// `path` with `suffix` after its whole name: `jem.db` and `.files` give `jem.db.files`.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// SQLite would say so too, but only after it has made a log file beside the stranger.
fn refuse_other_files(path: &Path) -> Result<(), StoreError> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let mut head = Vec::new();
    File::open(path).map_err(io)?.take(16).read_to_end(&mut head).map_err(io)?;
    match head.is_empty() || head == b"SQLite format 3\0" {
        true => Ok(()),
        false => Err(StoreError::NotADatabase { path: path.to_owned() }),
    }
}

fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let io = |source: rustix::io::Errno| StoreError::Io { path: folder.to_owned(), source: source.into() };
    let kind = rustix::fs::statfs(folder).map_err(io)?.f_type;
    match network_name(kind as u64 & 0xffff_ffff) {
        Some(kind) => Err(StoreError::NetworkFileSystem { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// The network file systems by their magic numbers (statfs(2), linux/magic.h).
fn network_name(magic: u64) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        0x5346_414f => Some("AFS"),
        0x00c3_6400 => Some("Ceph"),
        0x0bd0_0bd0 => Some("Lustre"),
        0x4750_4653 => Some("GPFS"),
        0x1983_0326 => Some("BeeGFS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "these are my notes, not yours").unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::NotADatabase { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "these are my notes, not yours");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_reader_makes_no_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jem.db");
        assert!(matches!(Store::open_to_read(&path), Err(StoreError::Missing { .. })));
        assert!(!path.exists());
    }

    #[test]
    fn network_file_systems_are_known_by_number() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xef53), None);
    }
}

//! Opening the database: its options, its schema, and what it refuses to be.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use super::{Store, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long one process waits for another before it gives up.
const BUSY: Duration = Duration::from_secs(60);

/// How long it waits before it asks again where SQLite does not wait by itself.
const RETRY: Duration = Duration::from_millis(10);

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
        // Making the file, its change to write-ahead logging and its schema are one step to everybody else.
        let _lock = lock(path)?;
        let store = Self::connect(path, &writing(path))?;
        if !store.is_current()? {
            let migrated = store.runtime.block_on(MIGRATIONS.run(&store.pool));
            migrated.map_err(|source| StoreError::Migrate { path: path.to_owned(), source })?;
        }
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
        let store = Self::connect(path, &reading(path))?;
        if store.is_current()? {
            return Ok(store);
        }
        // An older database is brought up to date before it is read, so that every reader sees one schema.
        drop(store);
        drop(Self::open(path)?);
        Self::connect(path, &reading(path))
    }

    /// Connects and reads once. While another process makes the file, or is the last to close it, SQLite turns a
    /// newcomer away at once instead of letting it wait out its busy time; so it is tried again.
    fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let until = Instant::now() + BUSY;
        loop {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
            let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(BUSY);
            let connected = runtime.block_on(async {
                let pool = pool.connect_with(options.clone()).await?;
                sqlx::query("select count(*) from sqlite_schema").execute(&pool).await?;
                Ok(pool)
            });
            match connected {
                Ok(pool) => return Ok(Self { path: path.to_owned(), runtime, pool }),
                Err(source) if is_passing(&source) && Instant::now() < until => std::thread::sleep(RETRY),
                Err(source) => {
                    return Err(StoreError::Sql { path: path.to_owned(), what: "cannot be opened", source });
                }
            }
        }
    }

    /// Whether the schema is this version's. A database without the table of migrations is not.
    fn is_current(&self) -> Result<bool, StoreError> {
        let fail = |source| StoreError::Sql { path: self.path.clone(), what: "cannot be read", source };
        let known = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
        let known: i64 = self.runtime.block_on(sqlx::query_scalar(known).fetch_one(&self.pool)).map_err(fail)?;
        if known == 0 {
            return Ok(false);
        }
        let applied = sqlx::query_scalar("select count(*) from _sqlx_migrations where success").fetch_one(&self.pool);
        let applied: i64 = self.runtime.block_on(applied).map_err(fail)?;
        Ok(usize::try_from(applied) == Ok(MIGRATIONS.iter().count()))
    }
}

fn writing(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(BUSY);
    options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal)
}

/// A reader names no journal mode: on a file that is just being made, asking for one is a write.
fn reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(BUSY).read_only(true)
}

/// Whether a refusal passes by itself: busy or locked; or read-only or unopenable with a nearer reason (SQLite's
/// extended result code), as happens while a log file comes or goes. Without one it is about permissions.
fn is_passing(error: &sqlx::Error) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const READ_ONLY: i32 = 8;
    const CANNOT_OPEN: i32 = 14;
    let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| match code & 0xff {
        BUSY | LOCKED => true,
        READ_ONLY | CANNOT_OPEN => code > 0xff,
        _ => false,
    })
}

/// The lock that is held while a database is opened to be written; freed when the file is dropped.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock = sibling(path, ".lock");
    let io = |source| StoreError::Io { path: lock.clone(), source };
    let file = File::options().create(true).append(true).open(&lock).map_err(io)?;
    file.lock().map_err(io)?;
    Ok(file)
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
    fn a_reader_that_comes_while_the_file_is_being_made_sees_an_empty_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jem.db");
        File::create(&path).unwrap();
        assert!(Store::open_to_read(&path).unwrap().runs("sweep").unwrap().is_empty());
    }

    #[test]
    fn readers_and_writers_that_come_and_go_turn_nobody_away() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..20 {
            let path = folder.path().join(format!("{round}.db"));
            File::create(&path).unwrap();
            let visit = |open: fn(&Path) -> Result<Store, StoreError>| {
                for _ in 0..5 {
                    open(&path).unwrap().runs("sweep").unwrap();
                }
            };
            std::thread::scope(|scope| {
                for open in [Store::open, Store::open_to_read, Store::open, Store::open_to_read] {
                    scope.spawn(move || visit(open));
                }
            });
        }
    }

    #[test]
    fn network_file_systems_are_known_by_number() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xef53), None);
    }
}

use std::path::PathBuf;

use crate::file_kind::FileKind;

use super::database::ErrorKind;
use super::{DriverError, RunId};

/// An error of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file exists and is not a SQLite database.
    #[error("{}: is {}, not a SQLite database", path.display(), describe(*kind))]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// Its kind, if it is known.
        kind: Option<FileKind>,
    },
    /// The file is empty.
    #[error("{}: the file is empty, not a jem database", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is a SQLite database of another program.
    #[error("{}: is a SQLite database of another program, not of jem", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The name is SQLite's name for a database in memory.
    #[error("`:memory:` is not a file: the record would be lost when the command ends")]
    InMemory,
    /// The path does not name a file.
    #[error("{}: is {why}, not a database file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is.
        why: &'static str,
    },
    /// The database cannot be written at its location.
    #[error("{}: cannot be written, because {} is read-only", path.display(), place.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What is read-only: the file or its folder.
        place: PathBuf,
    },
    /// The file was deleted, renamed or replaced while it was open.
    #[error("{}: was deleted, renamed or replaced while it was in use; nothing more is written", path.display())]
    Moved {
        /// Its path.
        path: PathBuf,
    },
    /// The schema was written by a newer jem.
    #[error("{}: was written by a newer version of jem than this one ({})", path.display(), env!("CARGO_PKG_VERSION"))]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The file for a backup exists already.
    #[error("{}: exists already; a backup does not replace files", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file does not exist, and only `queue` and `run` create one.
    #[error("{}: no such database", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Write-ahead logging needs shared memory, which network file systems do not provide.
    #[error("{}: is on {kind}, where SQLite's write-ahead log does not work", path.display())]
    NetworkFileSystem {
        /// The file.
        path: PathBuf,
        /// The file system's name.
        kind: &'static str,
    },
    /// The schema could not be migrated.
    #[error("{}: the schema cannot be migrated", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::migrate::MigrateError,
    },
    /// A file could not be read or written.
    #[error("{}: cannot be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite reported an error.
    #[error("{}: {what}", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What failed.
        what: &'static str,
        /// Why.
        source: DriverError,
    },
    /// A row has content that this version of jem cannot read.
    #[error("{}: {what} cannot be read: {why}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Which row.
        what: String,
        /// Why it cannot be read.
        why: String,
    },
    /// The lease on the run was lost: nothing was written.
    #[error("the lease on run {run} was lost; nothing was written")]
    LostLease {
        /// The run.
        run: RunId,
    },
}

fn describe(kind: Option<FileKind>) -> String {
    kind.map_or_else(|| "a file of another kind".to_owned(), |kind| kind.to_string())
}

impl StoreError {
    /// Whether a write failed because another process has locked the database. Nothing was then written.
    pub fn is_locked(&self) -> bool {
        matches!(self, StoreError::Sql { source, .. } if source.kind() == ErrorKind::Locked)
    }

    /// How to resolve the error.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            StoreError::NotADatabase { .. } | StoreError::Foreign { .. } => {
                "name another file with --database or JEM_DATABASE; this one was not changed"
            }
            StoreError::Empty { .. } => {
                "delete it, or name another file with --database; `jem queue` and `jem run` create a database"
            }
            StoreError::InMemory | StoreError::NotAFile { .. } => "name a file with --database or JEM_DATABASE",
            StoreError::Missing { .. } => {
                "`jem run` and `jem queue` create one; --database or JEM_DATABASE names another file"
            }
            StoreError::NetworkFileSystem { .. } => {
                "put the database on a local disk: name it with --database or JEM_DATABASE"
            }
            StoreError::ReadOnly { .. } => {
                "commands that only read work here; to change anything, copy the database to a writable location"
            }
            StoreError::Moved { .. } => {
                "put the file back under its name and start again; runs resume from their last saved epoch"
            }
            StoreError::Newer { .. } | StoreError::Migrate { .. } => {
                "use the version of jem that wrote the database, or a newer one"
            }
            StoreError::Exists { .. } => "name another file, or remove this one first",
            StoreError::Sql { source, .. } => return source.help().map(str::to_owned),
            StoreError::Io { .. } | StoreError::Row { .. } | StoreError::LostLease { .. } => return None,
        };
        Some(help.to_owned())
    }
}

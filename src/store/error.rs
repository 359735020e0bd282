use std::path::PathBuf;

use crate::file_kind::FileKind;

use super::driver_error::Refusal;
use super::{DriverError, RunId};

/// Why the database could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file exists and is something else.
    #[error("{}: is {}, not a SQLite database", path.display(), described(*kind))]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What it is, where that is known.
        kind: Option<FileKind>,
    },
    /// The file is empty.
    #[error("{}: the file is empty, so it is no jem database", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is a SQLite database of another program.
    #[error("{}: is the SQLite database of another program, not of jem", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The name is SQLite's for a database that is never on disk.
    #[error("`:memory:` is no file: the record would be lost when the command ends")]
    InMemory,
    /// The path cannot be that of a file.
    #[error("{}: is {why}, not the file of a database", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
        /// What it is.
        why: &'static str,
    },
    /// The database cannot be written where it lies.
    #[error("{}: cannot be written, since {} is read-only", path.display(), place.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What is read-only: the file or its folder.
        place: PathBuf,
    },
    /// The file was deleted, renamed or replaced while it was open.
    #[error("{}: the database was deleted, renamed or replaced while it was in use; nothing more is written", path.display())]
    Moved {
        /// The path that it had.
        path: PathBuf,
    },
    /// A newer jem wrote the schema.
    #[error("{}: was written by a newer jem than this one ({})", path.display(), env!("CARGO_PKG_VERSION"))]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The file that a backup is to be is there already.
    #[error("{}: is there already; a backup replaces no file", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file, and only `queue` and `run` make one.
    #[error("{}: no such database", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// WAL needs shared memory, which network file systems do not give.
    #[error("{}: is on {kind}, where SQLite's write-ahead log does not work", path.display())]
    NetworkFileSystem {
        /// The file.
        path: PathBuf,
        /// The file system's name.
        kind: &'static str,
    },
    /// The schema could not be brought up to date.
    #[error("{}: the schema cannot be brought up to date", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::migrate::MigrateError,
    },
    /// A file beside the database could not be used.
    #[error("{}: cannot be used", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("{}: {what}", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: DriverError,
    },
    /// A row holds what this version of jem cannot mean.
    #[error("{}: {what} cannot be read: {why}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Which row.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Another worker holds the run by now: nothing was written.
    #[error("run {run} is held by another worker by now; nothing was written")]
    LostHold {
        /// The run.
        run: RunId,
    },
}

fn described(kind: Option<FileKind>) -> String {
    kind.map_or_else(|| "a file of another kind".to_owned(), |kind| kind.to_string())
}

impl StoreError {
    /// Whether the database is as it was, and could not be written only because another process had locked it.
    pub fn is_locked(&self) -> bool {
        matches!(self, StoreError::Sql { source, .. } if source.refusal() == Refusal::Locked)
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            StoreError::NotADatabase { .. } | StoreError::Foreign { .. } => {
                "name another file with --database or JEM_DATABASE; this one was left as it is"
            }
            StoreError::Empty { .. } => {
                "remove it, so that `jem queue` or `jem run` can make a database there, or name another file with --database"
            }
            StoreError::InMemory | StoreError::NoFile { .. } => "name a file with --database or JEM_DATABASE",
            StoreError::Missing { .. } => {
                "`jem run` and `jem queue` make one; --database or JEM_DATABASE names another"
            }
            StoreError::NetworkFileSystem { .. } => {
                "keep the database on a local disk: --database or JEM_DATABASE names it"
            }
            StoreError::ReadOnly { .. } => {
                "commands that only read work here; to change anything, copy the database to where you may write"
            }
            StoreError::Moved { .. } => {
                "put the file back under its name and start again; runs go on from their last saved epoch"
            }
            StoreError::Newer { .. } | StoreError::Migrate { .. } => "a database written by a newer jem needs that jem",
            StoreError::Exists { .. } => "name another file, or remove this one first",
            StoreError::Sql { source, .. } => return source.help().map(str::to_owned),
            StoreError::Io { .. } | StoreError::Row { .. } | StoreError::LostHold { .. } => return None,
        };
        Some(help.to_owned())
    }
}

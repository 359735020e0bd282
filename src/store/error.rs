use std::path::PathBuf;

use super::RunId;

/// Why the database could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file exists and is something else.
    #[error("{}: is no SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file, and the command only reads.
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
        source: sqlx::Error,
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

impl StoreError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            StoreError::NotADatabase { .. } => {
                "name another file with --database or JEM_DATABASE; this one was left as it is"
            }
            StoreError::Missing { .. } => {
                "`jem run` and `jem queue` make one; --database or JEM_DATABASE names another"
            }
            StoreError::NetworkFileSystem { .. } => {
                "keep the database on a local disk: --database or JEM_DATABASE names it"
            }
            StoreError::Migrate { .. } => "a database written by a newer jem needs that jem",
            _ => return None,
        };
        Some(help.to_owned())
    }
}

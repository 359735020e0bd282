//! The folder into which files are fetched.

use super::download::RetryPolicy;
use super::error::{FetchError, io_error};
use super::lock::{Lock, LockFile};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A folder into which only this process fetches, with its lock file.
pub struct Folder {
    pub(super) path: PathBuf,
    pub(super) mirror: Option<String>,
    pub(super) retry: RetryPolicy,
    pub(super) lock: Lock,
    /// The advisory lock on the folder ends when this is closed.
    _locked: File,
}

impl Folder {
    /// Opens a folder; creates it if necessary. With a mirror, the URL of a file is `<mirror>/<name>`, and published
    /// digests are compared but not enforced.
    ///
    /// # Errors
    ///
    /// If it cannot be created, another process fetches into it, or its lock file is invalid.
    pub fn open(
        path: &Path,
        mirror: Option<String>,
        retry: RetryPolicy,
        lock: &'static LockFile,
    ) -> Result<Self, FetchError> {
        std::fs::create_dir_all(path).map_err(io_error(path))?;
        let locked = File::open(path).map_err(io_error(path))?;
        locked.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => FetchError::Busy { path: path.into() },
            std::fs::TryLockError::Error(source) => FetchError::Io { path: path.into(), source },
        })?;
        Ok(Self { path: path.into(), mirror, retry, lock: Lock::open(path, lock)?, _locked: locked })
    }
}

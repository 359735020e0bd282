//! The folder that files are fetched into.

use super::download::Patience;
use super::error::{FetchError, disk};
use super::lock::{Lock, LockFile};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A folder that this process alone fetches into, and where from.
pub struct Folder {
    pub(super) path: PathBuf,
    pub(super) from: Option<String>,
    pub(super) patience: Patience,
    pub(super) lock: Lock,
    /// Holds the folder as long as it is open.
    _held: File,
}

impl Folder {
    /// Opens a folder, and makes it where it is not there. `from` is a mirror: every file is `<mirror>/<name>`, and
    /// published digests are compared but not enforced.
    ///
    /// # Errors
    ///
    /// If it cannot be made, another process fetches into it, or its lock file cannot be understood.
    pub fn open(
        path: &Path,
        from: Option<String>,
        patience: Patience,
        lock: &'static LockFile,
    ) -> Result<Self, FetchError> {
        std::fs::create_dir_all(path).map_err(disk(path))?;
        let held = File::open(path).map_err(disk(path))?;
        held.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => FetchError::Busy { path: path.into() },
            std::fs::TryLockError::Error(source) => FetchError::Disk { path: path.into(), source },
        })?;
        Ok(Self { path: path.into(), from, patience, lock: Lock::open(path, lock)?, _held: held })
    }
}

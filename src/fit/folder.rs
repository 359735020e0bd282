//! The folder of a fit: the lock, the record, and atomic writes.

use std::fs::File;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::FitError;

/// The record. It is written last: if it exists, the weights are complete.
const RECORD: &str = "record.json";

/// Creates `folder` if it is missing and locks it for this process. Waits while another process has the lock. The lock
/// is released when the returned file is dropped or the process ends.
pub(super) fn lock_folder(folder: &Path) -> Result<File, FitError> {
    std::fs::create_dir_all(folder).map_err(|source| FitError::File { path: folder.into(), source })?;
    let path = folder.join("lock");
    let failed = |source| FitError::File { path: path.clone(), source };
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// Reads the record in `folder`. Returns `None` if there is none. If there is one, the file `weights` must exist too.
pub(super) fn read_record<R: DeserializeOwned>(folder: &Path, weights: &Path) -> Result<Option<R>, FitError> {
    let path = folder.join(RECORD);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FitError::File { path, source }),
    };
    let record = serde_json::from_slice(&text).map_err(|error| FitError::Damaged { path, why: error.to_string() })?;
    File::open(weights).map_err(|source| FitError::File { path: weights.into(), source })?;
    Ok(Some(record))
}

/// Writes the record, which marks the fit as complete.
pub(super) fn write_record<R: Serialize>(folder: &Path, record: &R) -> Result<(), FitError> {
    let json = serde_json::to_vec_pretty(record).expect("a record contains text and finite numbers");
    write_file(&folder.join(RECORD), &json)
}

/// Writes a file atomically.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FitError> {
    crate::atomic_file::write(path, bytes).map_err(|source| FitError::File { path: path.into(), source })
}

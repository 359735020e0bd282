//! The folder of a fit: its lock, its record, and files that are whole or not there.

use std::fs::File;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::FitError;

/// The record; where it is, the weights are whole.
const RECORD: &str = "record.json";

/// The folder, made where it is not, for this process alone, until it is dropped or the process dies.
pub(super) fn alone(folder: &Path) -> Result<File, FitError> {
    std::fs::create_dir_all(folder).map_err(|source| FitError::File { path: folder.into(), source })?;
    let path = folder.join("lock");
    let failed = |source| FitError::File { path: path.clone(), source };
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// The record in `folder`, if fitting was finished there; the file `weights` has to be there too.
pub(super) fn record<R: DeserializeOwned>(folder: &Path, weights: &Path) -> Result<Option<R>, FitError> {
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

/// Writes the record, by which the weights are whole.
pub(super) fn write_record<R: Serialize>(folder: &Path, record: &R) -> Result<(), FitError> {
    let json = serde_json::to_vec_pretty(record).expect("a record holds text and finite numbers");
    put(&folder.join(RECORD), &json)
}

/// Writes a file that has its name only when all of it is on the disk.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), FitError> {
    crate::whole::write(path, bytes).map_err(|source| FitError::File { path: path.into(), source })
}

//! The checkpoint folders of a run. A folder is valid while a row of the database names it.

use std::path::Path;

use crate::screen::note;
use crate::store::{Lease, NewArtifact, Store, StoreError};
use crate::train::TrainError;
use crate::train::session::Session;

/// Saves the session's state, and calls `write` to record it in the database. Then removes the folders that it
/// replaces. If it cannot be recorded, its folder is removed.
pub fn save_checkpoint(
    store: &Store,
    lease: Lease,
    session: &Session,
    write: impl FnOnce(NewArtifact) -> Result<Vec<String>, StoreError>,
) -> Result<(), TrainError> {
    let path = format!("{}/{}-{}", lease.run, lease.attempt, session.position().1);
    let saved = session.save(&store.files().join(&path))?;
    match write(NewArtifact { path: path.clone(), sha256: saved.sha256, bytes: saved.bytes }) {
        Ok(replaced) => {
            replaced.iter().for_each(|path| remove_folder(&store.files().join(path)));
            Ok(())
        }
        Err(error) => {
            remove_folder(&store.files().join(path));
            Err(error.into())
        }
    }
}

/// Saves the generator alone under `name`, and calls `write` to record it in the database. If it cannot be recorded,
/// its folder is removed.
pub fn save_generator(
    store: &Store,
    lease: Lease,
    session: &Session,
    name: &str,
    write: impl FnOnce(Option<NewArtifact>) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let path = format!("{}/{}-{}-{name}", lease.run, lease.attempt, session.position().1);
    let folder = store.files().join(&path);
    let saved = session.save_generator(&folder)?;
    let written = write(Some(NewArtifact { path, sha256: saved.sha256, bytes: saved.bytes }));
    if written.is_err() {
        remove_folder(&folder);
    }
    written
}

/// Removes the folders without a row. Earlier attempts leave them if they are killed while they save.
///
/// Only the worker that holds the lease may call this, before it saves anything.
pub fn remove_orphaned_folders(store: &Store, lease: Lease) -> Result<(), TrainError> {
    let folder = store.files().join(lease.run.to_string());
    let recorded = store.artifact_paths(lease.run)?;
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let path = format!("{}/{}", lease.run, entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !recorded.contains(&path) {
            remove_folder(&entry.path());
        }
    }
    Ok(())
}

/// Removes the folder of a checkpoint without a row. A folder that cannot be removed only uses disk space.
pub fn remove_folder(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            note(format!("note: {}: an old checkpoint cannot be removed: {error}", folder.display()));
        }
        _ => {}
    }
}

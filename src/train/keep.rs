//! The checkpoints of a run on disk: a folder lives while a row of the database names it.

use std::path::Path;

use crate::screen::note;
use crate::store::{Hold, NewArtifact, Store, StoreError};

use super::TrainError;
use super::session::Session;

/// Saves the session's state, lets `write` name it in the database, and drops what it replaces. When it could not
/// be named, it is dropped itself.
pub fn keep(
    store: &Store,
    hold: Hold,
    session: &Session,
    write: impl FnOnce(NewArtifact) -> Result<Vec<String>, StoreError>,
) -> Result<(), TrainError> {
    let path = format!("{}/{}-{}", hold.run, hold.attempt, session.position().1);
    let saved = session.save(&store.files().join(&path))?;
    match write(NewArtifact { path: path.clone(), sha256: saved.sha256, bytes: saved.bytes }) {
        Ok(replaced) => {
            replaced.iter().for_each(|path| drop_folder(&store.files().join(path)));
            Ok(())
        }
        Err(error) => {
            drop_folder(&store.files().join(path));
            Err(error.into())
        }
    }
}

/// Saves the generator alone as `name`, and lets `write` name it in the database. When it could not be named, it is dropped.
pub fn keep_generator(
    store: &Store,
    hold: Hold,
    session: &Session,
    name: &str,
    write: impl FnOnce(Option<NewArtifact>) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let path = format!("{}/{}-{}-{name}", hold.run, hold.attempt, session.position().1);
    let folder = store.files().join(&path);
    let saved = session.save_generator(&folder)?;
    let written = write(Some(NewArtifact { path, sha256: saved.sha256, bytes: saved.bytes }));
    if written.is_err() {
        drop_folder(&folder);
    }
    written
}

/// Drops the folders that attempts before this one left without a row: they were killed while they saved.
///
/// Only the holder of the run may do so, and before it saves anything itself.
pub fn sweep(store: &Store, hold: Hold) -> Result<(), TrainError> {
    let folder = store.files().join(hold.run.to_string());
    let named = store.artifact_paths(hold.run)?;
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let path = format!("{}/{}", hold.run, entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !named.contains(&path) {
            drop_folder(&entry.path());
        }
    }
    Ok(())
}

/// Removes the folder of a checkpoint whose row is gone; one that stays costs room and nothing else.
pub fn drop_folder(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            note(format!("note: {}: an old checkpoint cannot be removed: {error}", folder.display()));
        }
        _ => {}
    }
}

//! The state of a run as files: both networks, both optimizers, and the position.

use std::fs::File;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::gan::Pair;
use crate::measure::Epoch;

use super::TrainError;

/// The version of the files' form. Another one is refused.
const FORMAT: u32 = 1;
const FILES: [&str; 5] =
    ["generator.bpk", "discriminator.bpk", "generator-adam.bpk", "discriminator-adam.bpk", "position.json"];

/// How far a run has come: whole epochs only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Epochs that are done.
    pub epoch: Epoch,
    /// Steps that are done.
    pub step: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredPosition {
    format: u32,
    epoch: Epoch,
    step: u64,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Saved {
    /// SHA-256 over the files, in order.
    pub sha256: String,
    /// Their sizes, added up.
    pub bytes: u64,
}

/// Writes the state to a folder beside `folder` and renames it there when all of it is on the disk.
pub fn save(pair: &Pair, position: Position, folder: &Path) -> Result<Saved, TrainError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(at(parent))?;
    let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(parent).map_err(at(parent))?;
    let file = |i: usize| draft.path().join(FILES[i]);
    // Only `valid` brings the running statistics of batch norm up to the last step.
    let damaged =
        |error: &dyn std::fmt::Display| TrainError::Damaged { path: folder.to_owned(), why: error.to_string() };
    pair.generator.valid().into_record().save(file(0)).map_err(|error| damaged(&error))?;
    pair.discriminator.valid().into_record().save(file(1)).map_err(|error| damaged(&error))?;
    pair.generator_adam.save(file(2)).map_err(|error| damaged(&error))?;
    pair.discriminator_adam.save(file(3)).map_err(|error| damaged(&error))?;
    let stored = StoredPosition { format: FORMAT, epoch: position.epoch, step: position.step };
    std::fs::write(file(4), serde_json::to_vec(&stored)?).map_err(at(folder))?;

    let saved = digest(draft.path())?;
    for name in FILES {
        let path = draft.path().join(name);
        File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
    }
    // A folder of that name is from an attempt that died before its row was written: nothing lives in it.
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    std::fs::rename(draft.keep(), folder).map_err(at(folder))?;
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(at(parent))?;
    Ok(saved)
}

/// Reads the state in `folder` into `pair`, which must have the same shapes.
pub fn load(pair: Pair, folder: &Path, sha256: &str) -> Result<(Pair, Position), TrainError> {
    let damaged = |why: String| TrainError::Damaged { path: folder.to_owned(), why };
    if digest(folder)?.sha256 != sha256 {
        return Err(damaged("its files are not the ones that were written".to_owned()));
    }
    let stored: StoredPosition = serde_json::from_slice(&std::fs::read(folder.join(FILES[4])).map_err(at(folder))?)?;
    if stored.format != FORMAT {
        return Err(damaged(format!("it has format {}, and this jem reads format {FORMAT}", stored.format)));
    }
    let record = |name: &str| ModuleRecord::load(folder.join(name)).map_err(|error| damaged(error.to_string()));
    let generator = pair.generator.try_load_record(record(FILES[0])?).map_err(|error| damaged(error.to_string()))?;
    let discriminator =
        pair.discriminator.try_load_record(record(FILES[1])?).map_err(|error| damaged(error.to_string()))?;
    let generator_adam = pair.generator_adam.load(folder.join(FILES[2])).map_err(|error| damaged(error.to_string()))?;
    let discriminator_adam =
        pair.discriminator_adam.load(folder.join(FILES[3])).map_err(|error| damaged(error.to_string()))?;
    let pair = Pair { generator, discriminator, generator_adam, discriminator_adam };
    Ok((pair, Position { epoch: stored.epoch, step: stored.step }))
}

fn digest(folder: &Path) -> Result<Saved, TrainError> {
    let mut digest = Sha256::new();
    let mut bytes = 0;
    for name in FILES {
        let path = folder.join(name);
        let content = std::fs::read(&path).map_err(at(&path))?;
        bytes += content.len() as u64;
        digest.update(Sha256::digest(&content));
    }
    Ok(Saved { sha256: hex::encode(digest.finalize()), bytes })
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> TrainError + use<> {
    let path: PathBuf = path.to_owned();
    move |source| TrainError::Checkpoint { path: path.clone(), source }
}

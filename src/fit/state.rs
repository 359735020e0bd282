//! A fit between two epochs, as files: what it needs to go on as if nothing had been.

use std::fs::File;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::FitError;

const FILES: [&str; 3] = ["network.bpk", "best.bpk", "adam.bpk"];
const PROGRESS: &str = "progress.json";

/// How an epoch did.
pub(super) trait Graded: Copy + Serialize + DeserializeOwned {
    /// Whether it did better than another.
    fn beats(&self, other: &Self) -> bool;
}

/// How far a fit has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress<S> {
    /// How each epoch did.
    pub history: Vec<S>,
    /// The epoch that did best, from 1; 0 before the first.
    pub best: u32,
}

impl<S> Default for Progress<S> {
    fn default() -> Self {
        Self { history: Vec::new(), best: 0 }
    }
}

impl<S: Graded> Progress<S> {
    /// Epochs that are done.
    pub fn epochs(&self) -> u32 {
        u32::try_from(self.history.len()).expect("there are at most 10,000 epochs")
    }

    /// The score of the best epoch.
    pub fn best_score(&self) -> Option<S> {
        self.history.get((self.best as usize).checked_sub(1)?).copied()
    }

    /// Notes the score of the next epoch, and whether it is the best so far.
    pub fn note(&mut self, score: S) -> bool {
        let is_best = self.best_score().is_none_or(|best| score.beats(&best));
        self.history.push(score);
        if is_best {
            self.best = self.epochs();
        }
        is_best
    }

    /// Whether it has been worse than its best for so many epochs.
    pub fn is_tired(&self, patience: u32) -> bool {
        self.epochs() - self.best >= patience
    }
}

/// The networks, the optimizer and the progress of a fit.
pub(super) struct State<M, S> {
    pub net: M,
    /// The network after the best epoch, without gradients.
    pub best: M,
    pub adam: ModuleOptimizer,
    pub progress: Progress<S>,
}

impl<M: Module, S: Graded> State<M, S> {
    /// Writes it beside the last one, and then drops that.
    pub fn save(&self, folder: &Path) -> Result<(), FitError> {
        let unwritten = |error: &dyn std::fmt::Display| FitError::Damaged {
            path: folder.to_owned(),
            why: format!("the state cannot be written: {error}"),
        };
        let io = |source| FitError::File { path: folder.to_owned(), source };
        let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(folder).map_err(io)?;
        let file = |name: &str| draft.path().join(name);
        self.net.valid().into_record().save(file(FILES[0])).map_err(|error| unwritten(&error))?;
        self.best.clone().into_record().save(file(FILES[1])).map_err(|error| unwritten(&error))?;
        self.adam.save(file(FILES[2])).map_err(|error| unwritten(&error))?;
        let json = serde_json::to_vec(&self.progress).expect("scores are finite numbers");
        std::fs::write(file(PROGRESS), json).map_err(io)?;
        for name in FILES.iter().chain([&PROGRESS]) {
            File::open(file(name)).and_then(|file| file.sync_all()).map_err(io)?;
        }
        let kept = states(folder)?;
        let name = folder.join(format!("state-{}", self.progress.epochs()));
        std::fs::rename(draft.keep(), name).map_err(io)?;
        for (_, old) in kept {
            std::fs::remove_dir_all(old).map_err(io)?;
        }
        Ok(())
    }

    /// The last state in `folder`, in networks of these shapes; as it is given, where there is none.
    pub fn resumed(self, folder: &Path) -> Result<Self, FitError> {
        let Some((_, path)) = states(folder)?.pop() else { return Ok(self) };
        let damaged = |why: String| FitError::Damaged { path: path.clone(), why };
        let record = |name: &str| ModuleRecord::load(path.join(name)).map_err(|error| damaged(error.to_string()));
        let text = std::fs::read(path.join(PROGRESS)).map_err(|error| damaged(error.to_string()))?;
        Ok(Self {
            net: self.net.try_load_record(record(FILES[0])?).map_err(|error| damaged(error.to_string()))?,
            best: self.best.try_load_record(record(FILES[1])?).map_err(|error| damaged(error.to_string()))?,
            adam: self.adam.load(path.join(FILES[2])).map_err(|error| damaged(error.to_string()))?,
            progress: serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?,
        })
    }
}

/// Removes every state in `folder`, and what a kill left half written.
pub(super) fn clear(folder: &Path) -> Result<(), FitError> {
    let io = |source| FitError::File { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && (name.starts_with("state-") || name.starts_with(".draft-")) {
            std::fs::remove_dir_all(&path).map_err(io)?;
        }
    }
    Ok(())
}

/// The states in `folder` by their epochs, the last one last.
fn states(folder: &Path) -> Result<Vec<(u32, PathBuf)>, FitError> {
    let io = |source| FitError::File { path: folder.to_owned(), source };
    let mut states = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(epoch) = name.strip_prefix("state-").and_then(|epoch| epoch.parse().ok()) {
            states.push((epoch, path));
        }
    }
    states.sort();
    Ok(states)
}

//! The state of a fit after an epoch, saved as files from which an interrupted fit resumes with the same result.

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

/// The score of an epoch.
pub(super) trait EpochScore: Copy + Serialize + DeserializeOwned {
    /// Whether this score is better than `other`.
    fn is_better_than(&self, other: &Self) -> bool;
}

/// The scores of the epochs so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress<S> {
    /// The score of each epoch, in order.
    pub history: Vec<S>,
    /// The best epoch, from 1; 0 before the first epoch.
    pub best: u32,
}

impl<S> Default for Progress<S> {
    fn default() -> Self {
        Self { history: Vec::new(), best: 0 }
    }
}

impl<S: EpochScore> Progress<S> {
    /// The number of completed epochs.
    pub fn epochs(&self) -> u32 {
        u32::try_from(self.history.len()).expect("there are at most 10,000 epochs")
    }

    /// The score of the best epoch.
    pub fn best_score(&self) -> Option<S> {
        self.history.get((self.best as usize).checked_sub(1)?).copied()
    }

    /// Adds the score of an epoch. Returns whether it is the best so far.
    pub fn push(&mut self, score: S) -> bool {
        let is_best = self.best_score().is_none_or(|best| score.is_better_than(&best));
        self.history.push(score);
        if is_best {
            self.best = self.epochs();
        }
        is_best
    }

    /// Whether the last `patience` epochs were no better than the best: training stops early.
    pub fn is_stalled(&self, patience: u32) -> bool {
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

impl<M: Module, S: EpochScore> State<M, S> {
    /// Saves the state to `folder`, and then removes the previous one.
    pub fn save(&self, folder: &Path) -> Result<(), FitError> {
        let save_failed = |error: &dyn std::fmt::Display| FitError::Damaged {
            path: folder.to_owned(),
            why: format!("cannot save the state: {error}"),
        };
        let io = |source| FitError::File { path: folder.to_owned(), source };
        let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(folder).map_err(io)?;
        let file = |name: &str| draft.path().join(name);
        self.net.valid().into_record().save(file(FILES[0])).map_err(|error| save_failed(&error))?;
        self.best.clone().into_record().save(file(FILES[1])).map_err(|error| save_failed(&error))?;
        self.adam.save(file(FILES[2])).map_err(|error| save_failed(&error))?;
        let json = serde_json::to_vec(&self.progress).expect("scores are finite numbers");
        std::fs::write(file(PROGRESS), json).map_err(io)?;
        for name in FILES.iter().chain([&PROGRESS]) {
            File::open(file(name)).and_then(|file| file.sync_all()).map_err(io)?;
        }
        let previous = states(folder)?;
        let name = folder.join(format!("state-{}", self.progress.epochs()));
        std::fs::rename(draft.keep(), name).map_err(io)?;
        for (_, old) in previous {
            std::fs::remove_dir_all(old).map_err(io)?;
        }
        Ok(())
    }

    /// Loads the last state in `folder` into networks of the same shapes. Returns `self` if there is none.
    pub fn resume(self, folder: &Path) -> Result<Self, FitError> {
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

/// Removes every state in `folder`, including states that were not completely written.
pub(super) fn remove_states(folder: &Path) -> Result<(), FitError> {
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

/// The states in `folder` with their epochs, in ascending order.
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

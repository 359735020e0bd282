use std::path::PathBuf;

use crate::device::DeviceError;
use crate::metric::MetricError;
use crate::prepare::PrepareError;
use crate::store::{RunId, RunState, StoreError};

/// Why a run cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The database.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The inputs.
    #[error("the inputs cannot be prepared")]
    Prepare(#[from] PrepareError),
    /// The device.
    #[error("the device cannot be used")]
    Device(#[from] DeviceError),
    /// Settings that another version of jem stored.
    #[error("the settings of the run cannot be read")]
    Settings(#[from] serde_json::Error),
    /// An input of the run has changed since the run was queued.
    #[error("{what} has changed since the run was queued")]
    Changed {
        /// Which of the inputs.
        what: String,
    },
    /// A fitted file is not the one that the run was begun with.
    #[error("{setting}: the fitted file ({now}) is not the one that the run was begun with ({before})")]
    FittedFileChanged {
        /// The setting that requires it.
        setting: String,
        /// SHA-256 of the file that the run was begun with.
        before: String,
        /// SHA-256 of the current file.
        now: String,
    },
    /// A measure of samples cannot be computed.
    #[error("a measure cannot be computed")]
    Metric(#[from] MetricError),
    /// The Inception Score of a network without classes.
    #[error("inception_score requires the class logits of an Inception network, not {network}: {why}")]
    NoClasses {
        /// The network.
        network: String,
        /// What is missing.
        why: String,
    },
    /// A checkpoint cannot be written or read.
    #[error("{}: the checkpoint cannot be used", path.display())]
    Checkpoint {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A checkpoint cannot be written completely, and does not exist.
    #[error("{}: the checkpoint cannot be written: {why}", path.display())]
    NotWritten {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A checkpoint is missing, or not what was written.
    #[error("{}: the checkpoint is missing or damaged: {why}", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A checkpoint is undamaged, and is of another run or another version of jem.
    #[error("{}: the run cannot be resumed from the checkpoint: {why}", path.display())]
    Incompatible {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The folder of a run with a checkpoint is missing.
    #[error("{}: the folder of run {run} is missing, with its checkpoint and its log", path.display())]
    MissingFiles {
        /// The folder.
        path: PathBuf,
        /// The run.
        run: RunId,
    },
    /// The lease on the run was lost. Nothing was written since then.
    #[error("the lease on run {run} was lost: {}; nothing was written since", lease_loss(*state))]
    LostLease {
        /// The run.
        run: RunId,
        /// The current state of the run.
        state: RunState,
    },
    /// The log of a run cannot be written.
    #[error("{}: the log cannot be written", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The image grid cannot be encoded.
    #[error("the image grid cannot be encoded")]
    EncodeImage(#[from] image::ImageError),
    /// A training process cannot be started or waited for.
    #[error("the training process cannot be started")]
    Process(#[source] std::io::Error),
}

impl TrainError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            TrainError::Store(error) => error.help(),
            TrainError::Prepare(error) => error.help(),
            TrainError::Device(error) => error.help(),
            TrainError::Metric(error) => error.help(),
            TrainError::Changed { .. } => Some("queue the experiment again: changed inputs give new cells".to_owned()),
            TrainError::FittedFileChanged { .. } => Some(
                "restore the file of that hash in `fits` of the cache and `jem retry` the run, or train it from its \
                 beginning: `jem retry RUN --from-start`"
                    .to_owned(),
            ),
            TrainError::NotWritten { .. } => {
                Some("free disk space; the last checkpoint is kept, and `jem retry` resumes from it".to_owned())
            }
            TrainError::Checkpoint { .. } => Some(
                "check that its disk is mounted, writable and not full; then `jem retry RUN` resumes from the last \
                 checkpoint, or `jem retry RUN --from-start` starts from the beginning"
                    .to_owned(),
            ),
            TrainError::Damaged { .. } => Some(
                "restore the folder from a copy; or `jem retry RUN --from-start` trains the run from its beginning and \
                 measures everything again"
                    .to_owned(),
            ),
            TrainError::Incompatible { .. } => Some(
                "use the version of jem and the settings that wrote it; or `jem retry RUN --from-start` deletes the \
                 checkpoint and trains the run from its beginning"
                    .to_owned(),
            ),
            TrainError::MissingFiles { run, .. } => Some(format!(
                "check that the disk is mounted. With the folder, `jem retry {run}` resumes from the checkpoint; \
                 without it, `jem retry {run} --from-start` trains the run from its beginning"
            )),
            _ => None,
        }
    }
}

fn lease_loss(state: RunState) -> String {
    match state {
        RunState::Cancelled => "the run was cancelled".to_owned(),
        state => format!("it expired, and the run is now {state}"),
    }
}

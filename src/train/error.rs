use std::path::PathBuf;

use crate::device::DeviceError;
use crate::metric::MetricError;
use crate::prepare::PrepareError;
use crate::store::{RunId, RunState, StoreError};

/// Why a run cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The database.
    #[error("the record cannot be kept")]
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
    /// Something that the run reads is not what it was when the run was queued.
    #[error("{what} changed since the run was queued")]
    Changed {
        /// Which of the inputs.
        what: String,
    },
    /// The weights that were fitted are not those that the run was begun with.
    #[error("{setting}: fitting gave another file ({now}) than the run was begun with ({before})")]
    Refitted {
        /// The setting that asks for them.
        setting: String,
        /// SHA-256 of the file that the run was begun with.
        before: String,
        /// SHA-256 of the one that there is now.
        now: String,
    },
    /// A measure of samples cannot be taken.
    #[error("a measure cannot be taken")]
    Metric(#[from] MetricError),
    /// The Inception Score of a network without classes.
    #[error("inception_score needs the classes of an Inception network, not {network}: {why}")]
    NoClasses {
        /// The network.
        network: String,
        /// What it lacks.
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
    /// A checkpoint cannot be written whole, so that none of it is there.
    #[error("{}: the checkpoint cannot be written: {why}", path.display())]
    Unwritten {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A checkpoint is not there, or not what was written.
    #[error("{}: the checkpoint is lost or damaged: {why}", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A checkpoint is what was written, and is of another run or another jem.
    #[error("{}: the checkpoint cannot be gone on from: {why}", path.display())]
    Refused {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The whole folder of a run that was begun is gone.
    #[error("{}: the folder of run {run} is not there, with its checkpoint and its log", path.display())]
    NoFiles {
        /// The folder.
        path: PathBuf,
        /// The run.
        run: RunId,
    },
    /// The run is another's or nobody's by now. Nothing was written since it was taken away.
    #[error("run {run} was taken from this process, {}; nothing was written since", taken(*state))]
    Taken {
        /// The run.
        run: RunId,
        /// Where the run stands now.
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
    /// The picture of samples cannot be encoded.
    #[error("the sample grid cannot be encoded")]
    Picture(#[from] image::ImageError),
    /// The child process cannot be started or waited for.
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
            TrainError::Changed { .. } => Some("queue the experiment again: changed inputs are other cells".to_owned()),
            TrainError::Refitted { .. } => Some(
                "put the file of that hash back into the cache's `fits` and `jem retry` the run, or train it from its \
                 beginning: `jem retry RUN --from-start`"
                    .to_owned(),
            ),
            TrainError::Unwritten { .. } => {
                Some("make room; what was saved before is kept, and `jem retry` goes on from there".to_owned())
            }
            TrainError::Checkpoint { .. } => Some(
                "see that its disk is there, has room and lets jem read and write it; then `jem retry RUN` goes on from \
                 the last checkpoint, or `jem retry RUN --from-start` from the beginning"
                    .to_owned(),
            ),
            TrainError::Damaged { .. } => Some(
                "bring the folder back as it was written; or `jem retry RUN --from-start` trains the run from its \
                 beginning, and what it measured is taken anew"
                    .to_owned(),
            ),
            TrainError::Refused { .. } => Some(
                "train it with the jem and the settings that wrote it; or `jem retry RUN --from-start` drops the \
                 checkpoint and trains the run from its beginning"
                    .to_owned(),
            ),
            TrainError::NoFiles { run, .. } => Some(format!(
                "is a disk not mounted? When the folder is back, `jem retry {run}` goes on from the checkpoint; if it \
                 is lost, `jem retry {run} --from-start` trains the run from its beginning"
            )),
            _ => None,
        }
    }
}

fn taken(state: RunState) -> String {
    match state {
        RunState::Cancelled => "for it was cancelled".to_owned(),
        state => format!("whose lease ran out; it is {state} by now"),
    }
}

use std::process::ExitCode;

use crate::data::DataError;
use crate::data::fetch::FetchError as FetchDataError;
use crate::device::DeviceError;
use crate::fetch::FetchError;
use crate::metric::MetricError;
use crate::prepare::PrepareError;
use crate::report::ReportError;
use crate::screen::note;
use crate::spec::SpecError;
use crate::store::StoreError;
use crate::train::TrainError;
use crate::train::worker::chain;
use crate::vision::VisionError;

use super::encode::SentencesError;
use super::evaluate::EvaluateError;

/// What a shell reports of a process that ended because nobody read what it wrote: 128 and the number of SIGPIPE.
const BROKEN_PIPE: u8 = 141;

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The experiment.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A data set.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Fetching a data set.
    #[error(transparent)]
    FetchData(#[from] FetchDataError),
    /// Fetching weights.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Data, segmentations or weights.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Training.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Pictures that are to be compared.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Sentences that are to be encoded.
    #[error("the sentences cannot be encoded")]
    Sentences(#[from] SentencesError),
    /// Features, or a distance between them.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A network or its weights.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Something was asked for that is not there.
    #[error("{what}")]
    Usage {
        /// What.
        what: String,
        /// What to do about it.
        help: String,
    },
    /// The answer cannot be written.
    #[error("standard output cannot be written")]
    Output(#[source] std::io::Error),
    /// Signals cannot be listened for.
    #[error("signals cannot be listened for")]
    Signals(#[source] std::io::Error),
}

impl CliError {
    /// The exit code: 1 some run failed, 2 usage or spec, 3 data, weights or device, 4 database.
    pub fn code(&self) -> u8 {
        match self {
            CliError::Spec(_) | CliError::Usage { .. } => 2,
            CliError::Data(_) | CliError::FetchData(_) | CliError::Fetch(_) => 3,
            CliError::Prepare(_) | CliError::Device(_) => 3,
            CliError::Evaluate(_) | CliError::Sentences(_) | CliError::Metric(_) | CliError::Vision(_) => 3,
            CliError::Store(_) | CliError::Train(TrainError::Store(_) | TrainError::Taken { .. }) => 4,
            CliError::Train(TrainError::Prepare(_) | TrainError::Device(_) | TrainError::Changed { .. }) => 3,
            CliError::Train(TrainError::Damaged { .. } | TrainError::Refused { .. } | TrainError::NoFiles { .. }) => 3,
            CliError::Train(_) | CliError::Report(_) | CliError::Output(_) | CliError::Signals(_) => 1,
        }
    }

    /// Whether nobody reads standard output any more.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, CliError::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    fn help(&self) -> Option<String> {
        match self {
            CliError::Spec(error) => error.help(),
            CliError::Data(error) => error.help(),
            CliError::FetchData(error) => error.help(),
            CliError::Fetch(error) => error.help(),
            CliError::Prepare(error) => error.help(),
            CliError::Device(error) => error.help(),
            CliError::Store(error) => error.help(),
            CliError::Train(error) => error.help(),
            CliError::Report(error) => error.help(),
            CliError::Evaluate(error) => error.help(),
            CliError::Sentences(error) => error.help(),
            CliError::Metric(error) => error.help(),
            CliError::Vision(error) => error.help(),
            CliError::Usage { help, .. } => Some(help.clone()),
            CliError::Output(_) | CliError::Signals(_) => None,
        }
    }

    /// Prints the error, its causes and its remedy, and gives its exit code.
    pub fn report(&self) -> ExitCode {
        // Whoever read standard output has had enough, as in `jem list | head`: other tools end without a word then.
        if self.is_broken_pipe() {
            return ExitCode::from(BROKEN_PIPE);
        }
        note(format!("error: {}", chain(self)));
        if let Some(help) = self.help() {
            note(format!("  help: {help}"));
        }
        ExitCode::from(self.code())
    }
}

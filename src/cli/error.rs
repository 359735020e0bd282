use std::process::ExitCode;

use crate::data::DataError;
use crate::data::fetch::FetchError as FetchDataError;
use crate::device::DeviceError;
use crate::error_chain::error_chain;
use crate::evaluate::EvaluateError;
use crate::fetch::FetchError;
use crate::metric::MetricError;
use crate::prepare::PrepareError;
use crate::report::ReportError;
use crate::screen::note;
use crate::spec::SpecError;
use crate::store::StoreError;
use crate::train::TrainError;
use crate::vision::VisionError;

use super::encode::SentencesError;

/// The exit code of a process that SIGPIPE ended, as shells report it: 128 + 13.
const BROKEN_PIPE: u8 = 141;

/// The error of a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// An experiment file.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A data set.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The download of a data set.
    #[error(transparent)]
    FetchData(#[from] FetchDataError),
    /// The download of weights.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The preparation of inputs.
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
    /// An evaluation of images.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Sentences to encode.
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
    /// A wrong argument.
    #[error("{what}")]
    Usage {
        /// What is wrong.
        what: String,
        /// The remedy.
        help: String,
    },
    /// Standard output cannot be written.
    #[error("standard output cannot be written")]
    Output(#[source] std::io::Error),
    /// Signals cannot be handled.
    #[error("signal handlers cannot be installed")]
    Signals(#[source] std::io::Error),
}

impl CliError {
    /// The exit code: 1 a run failed, 2 arguments or experiment, 3 data, weights or device, 4 database.
    pub fn code(&self) -> u8 {
        match self {
            CliError::Spec(_) | CliError::Usage { .. } => 2,
            CliError::Data(_) | CliError::FetchData(_) | CliError::Fetch(_) => 3,
            CliError::Prepare(_) | CliError::Device(_) => 3,
            CliError::Evaluate(_) | CliError::Sentences(_) | CliError::Metric(_) | CliError::Vision(_) => 3,
            CliError::Store(_) | CliError::Train(TrainError::Store(_) | TrainError::LostLease { .. }) => 4,
            CliError::Train(TrainError::Prepare(_) | TrainError::Device(_) | TrainError::Changed { .. }) => 3,
            CliError::Train(
                TrainError::Damaged { .. } | TrainError::Incompatible { .. } | TrainError::MissingFiles { .. },
            ) => 3,
            CliError::Train(_) | CliError::Report(_) | CliError::Output(_) | CliError::Signals(_) => 1,
        }
    }

    /// Whether the reader of standard output has closed it.
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

    /// Prints the error, its causes and its remedy, and returns its exit code.
    pub fn report(&self) -> ExitCode {
        // As in `jem list | head`. Other tools print no error then either.
        if self.is_broken_pipe() {
            return ExitCode::from(BROKEN_PIPE);
        }
        note(format!("error: {}", error_chain(self)));
        if let Some(help) = self.help() {
            note(format!("  help: {help}"));
        }
        ExitCode::from(self.code())
    }
}

//! Training: the session, which does not use the database, and the worker and supervisor, which do.

mod batches;
mod checkpoint;
mod error;
mod evaluation;
mod input_check;
mod interpolation;
mod lock_wait;
mod log;
mod run_samples;
mod sampler;
pub mod session;
pub mod stop;
pub mod supervisor;
mod verify;
pub mod worker;

pub use error::TrainError;
pub use interpolation::{lerp, slerp};
pub use log::RunLog;
pub use run_samples::RunSamples;
pub use sampler::{GeneratorVersion, SampleInput, Sampler, saved_epochs};
pub use session::{EpochReport, Session, SessionEvent};
pub use verify::verify;
pub use worker::{remove_folder, require_files};

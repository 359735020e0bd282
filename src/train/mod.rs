//! Training: the session, which knows no database, and the worker and supervisor, which do.

mod advance;
mod batches;
mod best;
mod checkpoint;
mod child;
mod error;
mod evaluation;
mod fill;
mod grid;
mod heartbeat;
mod keep;
mod lock_wait;
mod log;
mod resume;
mod sampler;
pub mod session;
pub mod stop;
pub mod supervisor;
mod terms;
mod verify;
pub mod worker;

pub use error::TrainError;
pub use keep::drop_folder;
pub use log::RunLog;
pub use resume::require_files;
pub use sampler::{Drawing, Sampler, Which, kept_epochs, line, sphere};
pub use session::{Advance, EpochReport, Session};
pub use verify::verify;

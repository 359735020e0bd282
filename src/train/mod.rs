//! Training: the session, which knows no database, and the worker and supervisor, which do.

mod batches;
mod checkpoint;
mod child;
mod error;
mod evaluation;
mod fill;
mod heartbeat;
mod keep;
mod log;
pub mod session;
pub mod supervisor;
pub mod worker;

pub use error::TrainError;
pub use log::RunLog;
pub use session::{Advance, EpochReport, Session};

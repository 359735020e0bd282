//! Training: the session, which knows no database, and the worker and supervisor, which do.

mod batches;
mod checkpoint;
mod error;
mod evaluation;
pub mod session;
pub mod supervisor;
pub mod worker;

pub use error::TrainError;
pub use session::{Advance, EpochReport, Session};

//! What a worker records of a run: epochs, checkpoints, values, events, convergence, fitted weights, provenance.

mod backfill;
mod checkpoint;
mod convergence;
mod epoch;
mod event;
mod fitted;
mod provenance;
mod rewind;
mod series;

pub use backfill::NewValues;
pub use checkpoint::{NewArtifact, StoredCheckpoint};
pub use convergence::{EndedRun, NewConvergence, RuleResult};
pub use epoch::{EpochRecord, NewImageGrid};
pub use fitted::FittedFile;
pub use series::NewValue;

pub(super) use event::add_event;
pub(super) use rewind::{forget_training, record_restart};
pub(super) use series::summarise_run;

//! The database: the queue of runs, their leases, and everything that was measured.
//!
//! Callers are ordinary threads; the asynchronous driver is used only in here. Every write is one immediate
//! transaction. A worker's writes carry the fencing number of its lease, and fail after the lease was lost.
//!
//! | module | content |
//! |---|---|
//! | `database` | [`Store`]: open, close, migrate, check and back up the file |
//! | `run` | run numbers, states and statuses |
//! | `lease` | [`Lease`], [`Worker`], and writes that require a valid lease |
//! | `queue` | enqueue, reopen, claim, release and reclaim runs |
//! | `training` | what a worker records: epochs, checkpoints, events, convergence, provenance |
//! | `read` | queries: experiments, runs, lists, filters, summaries |
//! | `change` | changes by people: retry, cancel, tag, note |

mod change;
mod database;
mod error;
mod lease;
mod queue;
mod read;
mod run;
mod training;

pub use change::{Change, ChangeResult};
pub use database::{DriverError, Finding, Store, StoredArtifact, close_all, resolve, sibling};
pub use error::StoreError;
pub use lease::{Lease, LeaseStatus, Worker};
pub use queue::{
    AttemptOutcome, ClaimedRun, EnqueueResult, LeaseMonitor, LostAttempt, NewCell, NewRevision, SupersededRuns,
};
pub use read::{
    AttemptRecord, AxisValues, Code, Condition, ConditionError, EventRecord, ExperimentRecord, Filter, ImageGrid,
    ListedRun, MetricSummary, Operator, RunActivity, RunDetail, RunKey, RunRecord, Series, StoredSetting,
    TrainingSpeed, nearest, unknown_metric,
};
pub use run::{RunId, RunState, RunStatus, UnknownState};
pub use training::{
    EndedRun, EpochRecord, FittedFile, NewArtifact, NewConvergence, NewImageGrid, NewValue, NewValues, RuleResult,
    StoredCheckpoint,
};

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

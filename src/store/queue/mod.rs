//! The queue: how runs are added, reopened, claimed, released, and reclaimed from workers that died.

mod claim;
mod enqueue;
mod lost;
mod monitor;
mod release;
mod reopen;
mod revision;
mod superseded;

pub use claim::ClaimedRun;
pub use enqueue::EnqueueResult;
pub use lost::LostAttempt;
pub use monitor::LeaseMonitor;
pub use release::AttemptOutcome;
pub use revision::{NewCell, NewRevision};
pub use superseded::SupersededRuns;

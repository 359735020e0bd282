//! Run numbers, run states, and run statuses.

use std::fmt;
use std::str::FromStr;

/// The number of a run in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The state of a run as the database stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// Claimed by a worker, which may have died since.
    Running,
    /// Reached its horizon.
    Finished,
    /// Stopped at a non-finite loss: a result, not a failure.
    Diverged,
    /// Stopped by an error.
    Failed,
    /// Cancelled by a person.
    Cancelled,
}

impl RunState {
    /// Every state, in the order in which a run passes through them.
    pub const ALL: [RunState; 6] = [
        RunState::Queued,
        RunState::Running,
        RunState::Finished,
        RunState::Diverged,
        RunState::Failed,
        RunState::Cancelled,
    ];

    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Running => "running",
            RunState::Finished => "finished",
            RunState::Diverged => "diverged",
            RunState::Failed => "failed",
            RunState::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is not a run state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a run state")]
pub struct UnknownState(String);

impl FromStr for RunState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        RunState::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| UnknownState(word.to_owned()))
    }
}

/// The status of a run as it is shown to people: its state, or `stale`.
///
/// The database does not store `stale`: a run is stale if its state is `running` and its lease has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunStatus {
    /// The stored state.
    State(RunState),
    /// Running, with an expired lease.
    Stale,
}

impl RunStatus {
    /// Every status, in the order in which a run passes through them.
    pub const ALL: [RunStatus; 7] = [
        RunStatus::State(RunState::Queued),
        RunStatus::State(RunState::Running),
        RunStatus::Stale,
        RunStatus::State(RunState::Finished),
        RunStatus::State(RunState::Diverged),
        RunStatus::State(RunState::Failed),
        RunStatus::State(RunState::Cancelled),
    ];

    /// The word that the view `runs` shows.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStatus::State(state) => state.as_str(),
            RunStatus::Stale => "stale",
        }
    }

    /// Whether the run has ended and changes only when a person changes it.
    pub fn has_ended(self) -> bool {
        !matches!(self, RunStatus::Stale | RunStatus::State(RunState::Queued | RunState::Running))
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RunStatus {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == RunStatus::Stale.as_str() { Ok(RunStatus::Stale) } else { word.parse().map(RunStatus::State) }
    }
}

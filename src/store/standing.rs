use std::fmt;
use std::str::FromStr;

use super::RunState;

/// Where a run stands as people are told: its state, or that nobody seems to hold it any more.
///
/// The database keeps no stale state. A run is stale when it is called running and the lease on it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// What the database says.
    Is(RunState),
    /// Called running, with a lease that is over.
    Stale,
}

impl Standing {
    /// Every standing, in the order in which a run passes through them.
    pub const ALL: [Standing; 7] = [
        Standing::Is(RunState::Queued),
        Standing::Is(RunState::Running),
        Standing::Stale,
        Standing::Is(RunState::Finished),
        Standing::Is(RunState::Diverged),
        Standing::Is(RunState::Failed),
        Standing::Is(RunState::Cancelled),
    ];

    /// The word that the view `runs` shows.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Is(state) => state.as_str(),
            Standing::Stale => "stale",
        }
    }

    /// Whether nothing more will happen to the run by itself.
    pub fn has_ended(self) -> bool {
        !matches!(self, Standing::Stale | Standing::Is(RunState::Queued | RunState::Running))
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that says nowhere a run can stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of a run")]
pub struct UnknownStanding(String);

impl FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Standing::ALL.into_iter().find(|s| s.as_str() == word).ok_or_else(|| UnknownStanding(word.to_owned()))
    }
}

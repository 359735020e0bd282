//! What the database gives back: domain types, checked at the SQL edge.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::measure::{Curve, Epoch, ProtocolId};
use crate::spec::Value;

/// The number of a run in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// A worker holds it, or held it when it died.
    Running,
    /// Reached its horizon.
    Finished,
    /// Stopped at a non-finite loss: a result, not a fault.
    Diverged,
    /// Stopped by an error.
    Failed,
    /// Taken out of the queue by a person.
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

    /// The word kept in the database.
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

/// A word in the database that is no run state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no run state")]
pub struct UnknownState(String);

impl FromStr for RunState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        RunState::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| UnknownState(word.to_owned()))
    }
}

/// A run as reports and listings see it: one row of an experiment's newest revision.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// The run's number.
    pub id: RunId,
    /// The cell's id: 16 hexadecimal digits.
    pub cell: String,
    /// The label under which this experiment shows the cell.
    pub method: String,
    /// The seed.
    pub seed: u64,
    /// Where the run stands.
    pub state: RunState,
    /// The last epoch that is saved.
    pub epoch: Epoch,
    /// The epoch at which the run ends.
    pub horizon: Epoch,
    /// Every active setting of the run by its dotted key.
    pub settings: BTreeMap<String, Value>,
    /// When a worker first took it, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Seconds that its attempts have taken so far.
    pub seconds: f64,
    /// The device of its last attempt; empty before the first.
    pub device: String,
    /// What ended it, for diverged and failed runs; empty otherwise.
    pub outcome: String,
    /// SHA-256 over the final weights of both networks; empty before the run has finished.
    pub weights: String,
}

/// One metric of one run under one protocol.
#[derive(Clone, Debug)]
pub struct Series {
    /// The metric's name.
    pub metric: String,
    /// The protocol, or none for training metrics.
    pub protocol: ProtocolId,
    /// The values by epoch.
    pub curve: Curve,
}

/// A picture of a run: equal tiles in rows of `columns`.
#[derive(Clone, Debug)]
pub struct RunPicture {
    /// The epoch it was made at.
    pub epoch: Epoch,
    /// What it shows: `samples`, `originals` or `guides`.
    pub role: String,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// An experiment and its newest revision.
#[derive(Clone, Debug)]
pub struct ExperimentRecord {
    /// The experiment's name.
    pub name: String,
    /// The title that reports carry.
    pub title: String,
    /// The number of its newest revision, from 1.
    pub revision: u32,
    /// The file as it was queued.
    pub text: String,
}

//! Experiments, runs, series and image grids, as they are read from the database.

use std::collections::BTreeMap;

use crate::measure::{Curve, Epoch, ProtocolId};
use crate::spec::Value;
use crate::store::{RunId, RunState};

/// A run of an experiment's newest revision.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// The run's number.
    pub id: RunId,
    /// The cell's id: 16 hexadecimal digits.
    pub cell: String,
    /// The label of the cell in this experiment.
    pub method: String,
    /// The seed.
    pub seed: u64,
    /// Its state.
    pub state: RunState,
    /// The last epoch that is saved.
    pub epoch: Epoch,
    /// The steps of training up to that epoch.
    pub step: u64,
    /// The epoch at which the run ends.
    pub horizon: Epoch,
    /// Every active setting of the run by its dotted key.
    pub settings: BTreeMap<String, Value>,
    /// When a worker first claimed it, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Seconds that its attempts have taken so far.
    pub seconds: f64,
    /// The device of its last attempt; empty before the first.
    pub device: String,
    /// Why it ended, for diverged and failed runs; empty otherwise.
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

/// An image grid of a run: equal tiles in rows of `columns`. The image itself is read with
/// [`crate::store::Store::picture`].
#[derive(Clone, Debug)]
pub struct ImageGrid {
    /// The epoch at which it was generated.
    pub epoch: Epoch,
    /// Its content: `samples`, `originals`, `guides` or `strips`.
    pub role: String,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// SHA-256 of the PNG file, in hex. Runs with equal images share one.
    pub picture: String,
}

/// An experiment and its newest revision.
#[derive(Clone, Debug)]
pub struct ExperimentRecord {
    /// The experiment's name.
    pub name: String,
    /// The title for reports.
    pub title: String,
    /// The number of its newest revision, from 1.
    pub revision: u32,
    /// The text of the file, as queued.
    pub text: String,
}

/// A value as it is stored: a finite number, or a word for a non-finite one.
pub(super) fn stored_value(value: Option<f64>, nonfinite: Option<&str>) -> f64 {
    value.unwrap_or(match nonfinite {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => f64::NAN,
    })
}

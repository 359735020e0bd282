//! What a session starts from, and the events that it produces.

use std::path::Path;

use burn::tensor::Device;

use crate::measure::Epoch;
use crate::prepare::Inputs;
use crate::spec::Settings;
use crate::train::checkpoint::Identity;
use crate::train::evaluation::{ImageGrid, Measurement};

/// What a run starts from.
pub struct Start {
    /// The settings of the cell.
    pub settings: Settings,
    /// The settings that identify the run. A checkpoint with other ones is rejected.
    pub identity: Identity,
    /// Its inputs.
    pub inputs: Inputs,
    /// Its seed.
    pub seed: u64,
    /// Its last epoch.
    pub horizon: Epoch,
    /// The device that it is trained on.
    pub device: Device,
}

/// The measurements of an epoch.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// The epoch that ended; 0 before training.
    pub epoch: Epoch,
    /// All steps so far.
    pub step: u64,
    /// Training metrics: name and value.
    pub training: Vec<(&'static str, f64)>,
    /// Measures on held-out items, if the epoch was evaluated.
    pub evaluation: Vec<Measurement>,
    /// The image grids of the evaluation.
    pub grids: Vec<ImageGrid>,
}

/// An event of a session.
#[derive(Debug)]
pub enum SessionEvent {
    /// An epoch ended.
    Epoch(Box<EpochReport>),
    /// A loss or weight was not finite, or the generator collapsed. The session ends.
    Diverged {
        /// Where and what.
        what: String,
    },
    /// A stop was requested. The steps of the epoch in progress can be saved and resumed.
    Interrupted,
}

/// A generator of a run.
#[derive(Clone, Copy, Debug)]
pub enum GeneratorSource<'a> {
    /// Before the first step: initialised again from the seed.
    Initial,
    /// The current one of the session.
    Current,
    /// A saved one: its folder and hash.
    Saved(&'a Path, &'a str),
}

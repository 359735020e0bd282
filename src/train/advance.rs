//! What a session starts from, and what it tells of itself.

use std::path::Path;

use burn::tensor::Device;

use crate::measure::Epoch;
use crate::prepare::Inputs;
use crate::spec::Settings;

use super::checkpoint::Identity;
use super::evaluation::Measured;

/// A picture of equal tiles.
#[derive(Clone, Debug)]
pub struct NewImage {
    /// `samples`, `originals` or `guides`.
    pub role: &'static str,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// What a run starts from.
pub struct Start {
    /// The settings of the cell.
    pub settings: Settings,
    /// Those of them that make the run what it is: a checkpoint of others is refused.
    pub identity: Identity,
    /// Everything that it reads.
    pub inputs: Inputs,
    /// Its seed.
    pub seed: u64,
    /// Where it ends.
    pub horizon: Epoch,
    /// Where it is trained.
    pub device: Device,
}

/// What an epoch measured.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// The epoch that ended; 0 before training.
    pub epoch: Epoch,
    /// Steps made so far.
    pub step: u64,
    /// Training metrics: name and value.
    pub training: Vec<(&'static str, f64)>,
    /// Measures on held-out items, when this epoch was evaluated.
    pub evaluation: Vec<Measured>,
    /// Pictures of the evaluation.
    pub pictures: Vec<NewImage>,
}

/// How far the session came.
#[derive(Debug)]
pub enum Advance {
    /// An epoch ended.
    Epoch(Box<EpochReport>),
    /// A loss or weight was not finite: there is no use in going on.
    Diverged {
        /// Where and what.
        what: String,
    },
    /// It was told to stop. The epoch in progress can be saved, and is gone on with from there.
    Interrupted,
}

/// A generator of a run to look at.
#[derive(Clone, Copy, Debug)]
pub enum Look<'a> {
    /// Before the first step: drawn again from the seed.
    Begin,
    /// As it stands.
    Now,
    /// One that was kept: its folder and hash.
    Kept(&'a Path, &'a str),
}

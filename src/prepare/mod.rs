//! The inputs of training, computed once, kept under a hash of what they are made of, and memory-mapped.

mod array;
mod cache;
mod error;
mod guide;
mod inputs;
mod maker;
mod making;
mod selection;
mod sentences;

pub use array::{Array, ArraySpec};
pub use cache::{Cache, CacheFile};
pub use error::PrepareError;
pub use guide::guide_length;
pub use inputs::{EvalItem, Inputs, TrainItem};
pub use selection::{Selection, fingerprints};
pub use sentences::sentence_length;

/// One of the things that are prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Photos, resized.
    Pixels,
    /// How much of each photo is flower.
    Segmentations,
    /// What the guide network sees of the evaluation items.
    GuidePictures,
    /// Guide features in both orientations.
    Features,
    /// Sentence vectors.
    Sentences,
}

impl Stage {
    /// What progress lines call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Pixels => "photos",
            Stage::Segmentations => "segmentations",
            Stage::GuidePictures => "guide pictures",
            Stage::Features => "guide features",
            Stage::Sentences => "sentences",
        }
    }
}

/// Told how far a stage has come: the stage, how many are done, and of how many.
pub type Progress<'a> = &'a (dyn Fn(Stage, usize, usize) + Sync);

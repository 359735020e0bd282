//! The inputs of training, computed once, kept under a hash of what they are made of, and memory-mapped.

mod array;
mod error;
mod inputs;
mod selection;

pub use array::Array;
pub use error::PrepareError;
pub use inputs::{EvalItem, Inputs, TrainItem};
pub use selection::{Selection, fingerprints};

/// One of the things that are prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Photos, resized.
    Pixels,
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
            Stage::GuidePictures => "guide pictures",
            Stage::Features => "guide features",
            Stage::Sentences => "sentences",
        }
    }
}

/// Told how far a stage has come: the stage, how many are done, and of how many.
pub type Progress<'a> = &'a (dyn Fn(Stage, usize, usize) + Sync);

#[cfg(test)]
mod tests;

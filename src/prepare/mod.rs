//! The inputs of training, computed once, kept under a hash of what they are made of, and memory-mapped.

mod array;
mod cache;
mod caption_set;
mod encoder;
mod error;
mod extractor;
mod fitting;
mod guide;
mod held_out;
mod inputs;
mod item_set;
mod maker;
mod making;
mod remedy;
mod selection;
mod sentences;
mod text_fitting;

pub use array::{Array, ArraySpec, bytes_of};
pub use cache::{Cache, CacheFile};
pub use caption_set::{CaptionSet, SetCaption};
pub use encoder::{TextEncoder, sentence_length};
pub use error::PrepareError;
pub use extractor::{Extractor, ExtractorConfig};
pub use fitting::{FittedPart, Resolved, fit_alone, resolve};
pub use guide::{Fed, GuideFrom, evaluation_guides, guide_features, guide_length};
pub use held_out::{EvalItem, FlowerTruth, HeldOut, Recoloured};
pub use inputs::{Inputs, TrainItem};
pub use item_set::{ItemSet, PhotoSet, SampleSources};
pub use selection::{Selection, fingerprints, print_of_encoder, weights_print};
pub use sentences::caption_vectors;

/// One of the things that are prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The guide's network, fitted.
    Fitting,
    /// The text encoder, trained.
    Reading,
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
    /// What the extractor of evaluations sees of photos.
    Reference,
}

impl Stage {
    /// What progress lines call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Fitting => "epochs of fitting",
            Stage::Reading => "steps of training the text encoder",
            Stage::Pixels => "photos",
            Stage::Segmentations => "segmentations",
            Stage::GuidePictures => "guide pictures",
            Stage::Features => "guide features",
            Stage::Sentences => "sentences",
            Stage::Reference => "photos' features",
        }
    }
}

/// What is told while inputs are prepared.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// How far a stage has come.
    Done {
        /// The stage.
        stage: Stage,
        /// How many of its things are done.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// How well a network does that is being fitted, after one of its epochs, in words.
    Epoch(String),
    /// What a reader should know.
    Note(String),
}

/// Told of all that happens.
pub type Progress<'a> = &'a (dyn Fn(News) + Sync);

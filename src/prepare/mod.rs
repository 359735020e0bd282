//! The inputs of training: computed once, cached under a hash of everything that determines them, and memory-mapped.

mod array;
mod builder;
mod cache;
mod caption_set;
mod captions;
mod encoder;
mod error;
mod extractor;
mod fingerprints;
mod fitting;
mod guide;
mod held_out;
mod inputs;
mod partial_array;
mod reference_set;
mod remedy;
mod selection;
mod sentences;

pub use array::{Array, ArraySpec, bytes_of};
pub use cache::{Cache, CacheFile};
pub use caption_set::{CaptionSet, SetCaption};
pub use encoder::{TextEncoder, sentence_length};
pub use error::PrepareError;
pub use extractor::{Extractor, ExtractorConfig};
pub use fingerprints::{encoder_fingerprints, fingerprints, weights_fingerprint};
pub use fitting::{FittedNetwork, Resolved, fit_networks, resolve};
pub use guide::{GuideImage, GuideInput, evaluation_guides, guide_features, guide_length};
pub use held_out::{EvalItem, FlowerTruth, HeldOut, Recoloured};
pub use inputs::{Inputs, TrainItem};
pub use reference_set::{ReferenceImages, ReferenceSet, SampleSources};
pub use selection::Selection;
pub use sentences::caption_vectors;

use crate::vision::Network;

/// A stage of preparation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The guide network is fitted.
    GuideFit(Network),
    /// The text encoder is trained.
    TextFit,
    /// Images are resized.
    Images,
    /// Segmentations are checked: the fraction of each image that is flower.
    Segmentations,
    /// The input images of the guide network are rendered for the evaluation items.
    GuideImages,
    /// Guide features are extracted in both orientations.
    GuideFeatures,
    /// Captions are encoded.
    Sentences,
    /// The evaluation extractor extracts the features of the reference images.
    ReferenceFeatures,
}

impl Stage {
    /// Its name in messages.
    pub fn name(self) -> String {
        match self {
            Stage::GuideFit(network) => format!("{network} guide"),
            Stage::TextFit => "text encoder".to_owned(),
            Stage::Images => "resized images".to_owned(),
            Stage::Segmentations => "segmentations".to_owned(),
            Stage::GuideImages => "guide images".to_owned(),
            Stage::GuideFeatures => "guide features".to_owned(),
            Stage::Sentences => "sentence vectors".to_owned(),
            Stage::ReferenceFeatures => "reference features".to_owned(),
        }
    }

    /// What is counted, in the plural.
    pub fn unit(self) -> &'static str {
        match self {
            Stage::GuideFit(_) => "epochs",
            Stage::TextFit => "steps",
            Stage::Sentences => "captions",
            _ => "images",
        }
    }
}

/// An event of preparation.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Units of a stage are done.
    Progress {
        /// The stage.
        stage: Stage,
        /// The units done so far.
        done: usize,
        /// All units of the stage. A fit that stops early reports `done` as its last total.
        total: usize,
    },
    /// An epoch of a fit is done.
    Epoch {
        /// [`Stage::GuideFit`] or [`Stage::TextFit`].
        stage: Stage,
        /// The epoch, from 1.
        epoch: u32,
        /// The maximum number of epochs.
        epochs: u32,
        /// The scores after the epoch, as text: `top-1 22.5 %, top-5 53.9 %, validation loss 2.589`.
        scores: String,
    },
    /// A message for the user.
    Note(String),
}

/// Receives every event of preparation.
pub type OnEvent<'a> = &'a (dyn Fn(Event) + Sync);

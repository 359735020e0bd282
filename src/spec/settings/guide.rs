//! `guide.*`: image features that condition the generator, and the network that extracts them.

use std::path::PathBuf;

use serde::Deserialize;

/// `guide.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideSettings {
    /// The guide network, or `none`.
    pub network: String,
    /// Its weights: `random:<seed>`, `fit`, or a file.
    pub weights: String,
    /// How the weights are fitted.
    pub fit: GuideFitSettings,
    /// The layer whose output is the guide.
    pub layer: String,
    /// Side of the guide image, in pixels.
    pub input: usize,
    /// How the guide image is made square: `squash` or `crop`.
    pub square: String,
    /// Factor on the published channel counts, in (0, 1].
    pub width: f64,
    /// The content of the guide image: `full`, `foreground`, `background` or `none`.
    pub segmentation: String,
    /// The features that the networks get: `own`, `shuffled` or `zero`.
    pub source: String,
    /// Where the generator gets the guide: `input` or `stages`.
    pub inject: String,
    /// Whether the discriminator gets the guide: `none` or `joined`.
    pub discriminator: String,
    /// Length of the guide after the learned projection in each network.
    pub projected: usize,
}

impl GuideSettings {
    /// Whether there is a guide.
    pub fn is_on(&self) -> bool {
        self.network != "none"
    }

    /// Whether the discriminator gets the guide.
    pub fn is_joined(&self) -> bool {
        self.is_on() && self.discriminator == "joined"
    }

    /// Whether the discriminator is trained to reject an image with the guide of another image. With `zero` all guides
    /// are equal, so there is no mismatched guide.
    pub fn has_mismatched_guides(&self) -> bool {
        self.is_joined() && self.source != "zero"
    }

    /// Whether the guide network is fitted by jem.
    pub fn is_fitted(&self) -> bool {
        self.is_on() && self.weights == "fit"
    }

    /// Whether the guide image depends on a segmentation.
    pub fn is_segmented(&self) -> bool {
        self.is_on() && self.segmentation != "none"
    }
}

/// `guide.fit.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideFitSettings {
    /// The file of initial weights; empty for random ones.
    pub from: PathBuf,
    /// Training images of the split to fit on; 0 takes all of them. `data.limit` has no effect here.
    pub limit: usize,
    /// Fraction of each class's images that is held out for validation.
    pub held_out: f64,
    /// Maximum number of epochs.
    pub epochs: u32,
    /// Epochs without a better validation loss after which the fit ends.
    pub patience: u32,
    /// Images in a step.
    pub batch: usize,
    /// The learning rate of the first epoch.
    pub rate: f64,
    /// AdamW's weight decay.
    pub weight_decay: f64,
    /// Probability of dropping a value of the inputs of fc6 and fc7.
    pub dropout: f64,
    /// Whether images are randomly cropped and mirrored.
    pub augment: bool,
    /// The seed of initial weights, held-out images, order, crops and dropout.
    pub seed: u64,
}

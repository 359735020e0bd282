//! What steers the generator, and how its network is fitted.

use std::path::PathBuf;

use serde::Deserialize;

/// `guide.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideSettings {
    /// The network that sees the guide image, or `none`.
    pub network: String,
    /// `random:<seed>`, `fit`, or a file.
    pub weights: String,
    /// How they are fitted.
    pub fit: FitSettings,
    /// The layer whose features are the guide.
    pub layer: String,
    /// Side of the guide image, in pixels.
    pub input: usize,
    /// How the guide image becomes square: `squash` or `crop`.
    pub square: String,
    /// Share of the published channel counts.
    pub width: f64,
    /// What of the photo the guide shows.
    pub segmentation: String,
    /// Whose features steer: `own`, `shuffled` or `zero`.
    pub source: String,
    /// Where the generator is given them: `input` or `stages`.
    pub inject: String,
    /// Whether the discriminator sees them: `none` or `joined`.
    pub discriminator: String,
    /// Length after the learned projection in each network.
    pub projected: usize,
}

impl GuideSettings {
    /// Whether there is a guide at all.
    pub fn is_on(&self) -> bool {
        self.network != "none"
    }

    /// Whether the discriminator sees the guide.
    pub fn is_joined(&self) -> bool {
        self.is_on() && self.discriminator == "joined"
    }

    /// Whether the discriminator is to reject an image beside another one's guide. Where all guides are zero there is
    /// no other one.
    pub fn has_wrong_guides(&self) -> bool {
        self.is_joined() && self.source != "zero"
    }

    /// Whether its network is fitted on the training images.
    pub fn is_fitted(&self) -> bool {
        self.is_on() && self.weights == "fit"
    }

    /// Whether the guide's picture shows where the flower is.
    pub fn is_segmented(&self) -> bool {
        self.is_on() && self.segmentation != "none"
    }
}

/// `guide.fit.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitSettings {
    /// The file of weights that it starts from; empty where they are drawn.
    pub from: PathBuf,
    /// How many of the split's training images it is fitted on; 0 takes all, whatever `data.limit` says.
    pub limit: usize,
    /// The share of each class that it is tried on and does not learn from.
    pub held_out: f64,
    /// The most epochs.
    pub epochs: u32,
    /// Epochs without a better one that end it.
    pub patience: u32,
    /// Images in a step.
    pub batch: usize,
    /// The learning rate of the first epoch.
    pub rate: f64,
    /// AdamW's pull of weights towards zero.
    pub weight_decay: f64,
    /// The share of fc6 and fc7's inputs that is dropped in a step.
    pub dropout: f64,
    /// Whether photos are cropped and mirrored by chance.
    pub augment: bool,
    /// What weights, order, crops and dropout are drawn by.
    pub seed: u64,
}

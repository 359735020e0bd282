//! The typed settings of a cell, for the rest of jem.

mod eval;
mod guide;
mod text;

pub use eval::{EvalSettings, InfinitySettings};
pub use guide::{GuideFitSettings, GuideSettings};
pub use text::{TextFitSettings, TextSettings};

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::catalogue::SETTINGS;
use super::{Classes, Value};

/// All settings of one cell. Inactive settings have their default values and no effect.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The images and their split.
    pub data: DataSettings,
    /// Preprocessing of the images.
    pub image: ImageSettings,
    /// The sentence encoder.
    pub text: TextSettings,
    /// Image features that condition the generator in addition to the text.
    pub guide: GuideSettings,
    /// The segmentation of flowers, and how guide images show it.
    pub segment: SegmentSettings,
    /// The generator's architecture.
    pub generator: GeneratorSettings,
    /// The discriminator's architecture.
    pub discriminator: DiscriminatorSettings,
    /// The losses of both networks.
    pub objective: ObjectiveSettings,
    /// The optimizers of both networks.
    pub optimizer: OptimizerSettings,
    /// Duration and batch size.
    pub train: TrainSettings,
    /// Evaluations during training.
    pub eval: EvalSettings,
    /// The generators that are kept on disk.
    pub keep: KeepSettings,
}

/// `data.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSettings {
    /// `oxford-102` or `drawn`.
    pub source: String,
    /// The folder in the official layout of Oxford-102.
    pub root: PathBuf,
    /// The drawn flowers.
    pub drawn: DrawnSettings,
    /// The name of the split: `reed`, `paper` or `official`.
    pub split: String,
    /// The images to train on: `train` or `train+val`.
    pub train: String,
    /// The classes to use.
    pub classes: Classes,
    /// The number of training images; 0 takes all.
    pub limit: usize,
    /// The seed for drawing the training subset, the held-out items and the classes of the `paper` split.
    pub seed: u64,
}

/// `data.drawn.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnSettings {
    /// The number of images.
    pub images: u32,
    /// Side of the images, in pixels.
    pub side: u32,
    /// The arrangement of flowers in an image: `varied` or `portrait`.
    pub arrangement: String,
    /// The seed of the drawing.
    pub seed: u64,
}

/// `image.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSettings {
    /// Side of real and generated images, in pixels.
    pub resolution: usize,
    /// How an image is made square: `squash` or `crop`.
    pub square: String,
    /// Side that training images are resized to before a random crop of `resolution`, in pixels; 0 disables cropping.
    pub crop_from: usize,
    /// Whether each training image is mirrored with probability one half.
    pub flip: bool,
}

/// `segment.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSettings {
    /// The source of segmentations: `official` or `masks`.
    pub source: String,
    /// The folder of masks, for the source `masks`.
    pub masks: PathBuf,
    /// How the flower is marked in a `full` guide image: `tint-outline`, `tint` or `outline`.
    pub style: String,
}

/// `generator.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorSettings {
    /// The architecture: `dcgan` or `reed`.
    pub body: String,
    /// Channels of the last hidden layer; the others are multiples of it.
    pub width: usize,
    /// Length of the noise vector.
    pub noise: usize,
    /// The distribution of the noise: `normal` or `uniform`.
    pub noise_kind: String,
    /// Decay of the exponential moving average of the weights that samples are generated with; 0 disables it.
    pub ema: f64,
}

/// `discriminator.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorSettings {
    /// The architecture: `dcgan` or `reed`.
    pub body: String,
    /// Channels of the first layer; the others are multiples of it.
    pub width: usize,
}

/// `objective.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveSettings {
    /// The objective of Reed et al. 2016.
    pub kind: ObjectiveKind,
    /// Fraction of an image's own text in an interpolated text.
    pub int_beta: f64,
    /// Weight of interpolated texts in the generator's loss.
    pub int_weight: f64,
    /// How many texts of a batch are interpolated: `all` or `half`.
    pub int_pairs: String,
    /// How the losses of own and interpolated texts are averaged: `separate` or `joined`.
    pub int_mean: String,
    /// One-sided label smoothing: the discriminator's target for real images is 1 minus this value.
    pub smoothing: f64,
    /// The images of the generator's update: `shared` with the discriminator's update, or `fresh`.
    pub fake: String,
    /// Weight of generated images among the pairs that the discriminator rejects; mismatched texts have the rest.
    pub fake_share: f64,
    /// The source of a mismatched text: another `class`, or another `image` of any class.
    pub mismatch: String,
    /// What is replaced in a mismatched pair: the `text` or the `image`.
    pub mismatch_by: String,
    /// Weight of the mean absolute difference between a generated image and the real image of its guide.
    pub reconstruction: f64,
    /// Weight of the distance between the guide network's features of a generated image and of its guide image.
    pub guide_match: f64,
}

/// `objective.kind`: the four methods of Reed et al. 2016.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveKind {
    /// Real and generated images with their texts.
    Gan,
    /// Also real images with mismatched texts.
    GanCls,
    /// Also interpolated texts, for the generator alone.
    GanInt,
    /// Mismatched and interpolated texts.
    GanClsInt,
}

impl ObjectiveKind {
    /// Whether the discriminator is trained on mismatched pairs of real image and text.
    pub fn has_mismatched_pairs(self) -> bool {
        matches!(self, ObjectiveKind::GanCls | ObjectiveKind::GanClsInt)
    }

    /// Whether the generator is also trained on interpolated texts.
    pub fn interpolates(self) -> bool {
        matches!(self, ObjectiveKind::GanInt | ObjectiveKind::GanClsInt)
    }
}

/// `optimizer.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerSettings {
    /// The generator's learning rate.
    pub generator: RateSettings,
    /// The discriminator's learning rate.
    pub discriminator: RateSettings,
    /// Adam's decay of the first moment.
    pub beta1: f64,
    /// Adam's decay of the second moment.
    pub beta2: f64,
    /// Adam's ε, which prevents division by zero.
    pub epsilon: f64,
    /// The interval, in epochs, at which both learning rates are multiplied by `decay`; 0 disables decay.
    pub decay_every: u32,
    /// The factor of the learning rate decay.
    pub decay: f64,
    /// Maximum 2-norm of a network's whole gradient; 0 disables clipping.
    pub clip: f64,
}

/// `optimizer.generator.*` and `optimizer.discriminator.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// The learning rate.
    pub rate: f64,
}

/// `train.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Images per step.
    pub batch: usize,
    /// The horizon: the number of epochs to train.
    pub epochs: u32,
    /// Updates of the generator per update of the discriminator.
    pub generator_steps: usize,
    /// The `diversity` below which a generator has collapsed; 0 disables the check.
    pub collapse_floor: f64,
    /// Consecutive evaluations below it that end a run as diverged.
    pub collapse_after: usize,
}

/// `keep.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepSettings {
    /// Epochs between generators that are kept on disk; 0 keeps the last checkpoint alone.
    pub every: u32,
    /// The metric whose best generator is kept on disk, or `none`.
    pub best: String,
    /// Which values of `best` are better: `lower`, `higher`, or `auto` for the metric's own direction.
    pub best_towards: String,
}

impl Settings {
    /// Converts `values` to typed settings. A setting that is not among them has its default.
    ///
    /// # Errors
    ///
    /// If a value does not have the type of its field. Checked values always have it; settings that were stored by
    /// another version of jem may not.
    pub fn from_values<'a>(values: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Result<Self, serde_json::Error> {
        let given: BTreeMap<&str, &Value> = values.into_iter().collect();
        let mut nested = serde_json::Map::new();
        for setting in SETTINGS {
            let value = match given.get(setting.key) {
                Some(value) => serde_json::to_value(value)?,
                None => serde_json::to_value(setting.default_value())?,
            };
            insert(&mut nested, setting.key, value);
        }
        serde_json::from_value(serde_json::Value::Object(nested))
    }
}

fn insert(table: &mut serde_json::Map<String, serde_json::Value>, key: &str, value: serde_json::Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let entry = table.entry(head.to_owned()).or_insert_with(|| serde_json::Map::new().into());
            if let serde_json::Value::Object(inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_and_the_typed_settings_have_the_same_keys() {
        // `deny_unknown_fields` rejects a key without a field; a field without a key is a missing value.
        let settings = Settings::from_values([]).unwrap();
        assert_eq!(settings.train.batch, 64);
        assert_eq!(settings.objective.kind, ObjectiveKind::GanCls);
        assert_eq!(settings.eval.measures, ["colour_distance", "ssim"]);
        assert_eq!(settings.keep.every, 0);
        assert!(!settings.guide.is_on());
    }
}

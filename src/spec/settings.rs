//! The settings as the rest of jem reads them: typed, checked, with nothing left to parse.

mod eval;
mod guide;
mod text;

pub use eval::{EvalSettings, InfinitySettings};
pub use guide::{FitSettings, GuideSettings};
pub use text::{TextFitSettings, TextSettings};

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::catalogue::SETTINGS;
use super::{Classes, Value};

/// All settings of one cell. Inactive ones hold their defaults and are read by nobody.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which images.
    pub data: DataSettings,
    /// How images are shown to the networks.
    pub image: ImageSettings,
    /// How sentences become vectors.
    pub text: TextSettings,
    /// What steers the generator beside the text.
    pub guide: GuideSettings,
    /// Where the flower is in a photo, and how a guide shows it.
    pub segment: SegmentSettings,
    /// The generator's size.
    pub generator: GeneratorSettings,
    /// The discriminator's size.
    pub discriminator: DiscriminatorSettings,
    /// What the two networks minimise.
    pub objective: ObjectiveSettings,
    /// Adam, twice.
    pub optimizer: OptimizerSettings,
    /// How long and in what portions.
    pub train: TrainSettings,
    /// What is looked at while training.
    pub eval: EvalSettings,
    /// What stays on disk.
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
    /// `train`, or `train+val` where val is joined to it.
    pub train: String,
    /// The classes that count.
    pub classes: Classes,
    /// How many training images; 0 takes all.
    pub limit: usize,
    /// The seed of the subset, of the evaluation items and of the draw of classes.
    pub seed: u64,
}

/// `data.drawn.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnSettings {
    /// How many there are.
    pub images: u32,
    /// Their side, in pixels.
    pub side: u32,
    /// Where flowers stand: `varied` or `portrait`.
    pub arrangement: String,
    /// What they are drawn by.
    pub seed: u64,
}

/// `image.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSettings {
    /// Side of real and generated images, in pixels.
    pub resolution: usize,
    /// How a photo becomes square: `squash` or `crop`.
    pub square: String,
    /// Side that training images are resized to before a crop of `resolution` is drawn; 0 crops nothing.
    pub crop_from: usize,
    /// Whether each training image is mirrored with probability one half.
    pub flip: bool,
}

/// `segment.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSettings {
    /// `official`, or `masks`.
    pub source: String,
    /// The folder of masks.
    pub masks: PathBuf,
    /// How the flower is marked in the photo: `tint-outline`, `tint` or `outline`.
    pub style: String,
}

/// `generator.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorSettings {
    /// `dcgan`, or `reed` with its residual blocks.
    pub body: String,
    /// Channels of the last hidden layer; the others are multiples of it.
    pub width: usize,
    /// Length of the noise vector.
    pub noise: usize,
    /// What it is drawn from: `normal` or `uniform`.
    pub noise_kind: String,
    /// The decay of the mean of past weights that evaluations draw with; 0 draws with the weights themselves.
    pub ema: f64,
}

/// `discriminator.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorSettings {
    /// `dcgan`, or `reed` with its residual block.
    pub body: String,
    /// Channels of the first layer; the others are multiples of it.
    pub width: usize,
}

/// `objective.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveSettings {
    /// Which situations the networks are trained on.
    pub kind: ObjectiveKind,
    /// The share of the first text in an interpolated one.
    pub int_beta: f64,
    /// The weight of interpolated texts in the generator's loss.
    pub int_weight: f64,
    /// How many texts of a batch are interpolated: `all` or `half`.
    pub int_pairs: String,
    /// How their losses are averaged: `separate` or `joined`.
    pub int_mean: String,
    /// What real images fall short of 1 by in the discriminator's target.
    pub smoothing: f64,
    /// Whether the generator's step draws its own images: `shared` or `fresh`.
    pub fake: String,
    /// The share of fakes in what the discriminator is to reject, beside mismatched texts.
    pub fake_share: f64,
    /// What a mismatched text is of: another `class`, or another `image`.
    pub mismatch: String,
    /// What is exchanged for it: the `text`, or the `image`.
    pub mismatch_by: String,
    /// The weight of the distance of fakes to the images that their guides come from.
    pub reconstruction: f64,
    /// The weight of the distance of fakes' features to those of the guides' images.
    pub guide_match: f64,
}

/// `objective.kind`: the four methods of Reed et al. 2016.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveKind {
    /// Real and fake images with their texts.
    Gan,
    /// Also real images with another class's text.
    GanCls,
    /// Also texts interpolated between two captions, for the generator alone.
    GanInt,
    /// Both.
    GanClsInt,
}

impl ObjectiveKind {
    /// Whether the discriminator sees real images with another class's text.
    pub fn has_wrong_pairs(self) -> bool {
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
    /// Of the generator.
    pub generator: RateSettings,
    /// Of the discriminator.
    pub discriminator: RateSettings,
    /// Adam's decay of the first moment.
    pub beta1: f64,
    /// Adam's decay of the second moment.
    pub beta2: f64,
    /// Adam's guard against division by zero.
    pub epsilon: f64,
    /// Epochs after which rates are multiplied by `decay`, again and again; 0 leaves them.
    pub decay_every: u32,
    /// That factor.
    pub decay: f64,
    /// The largest norm of a network's whole gradient; 0 sets none.
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
    /// Images in a step.
    pub batch: usize,
    /// The horizon, in epochs.
    pub epochs: u32,
    /// Updates of the generator for each of the discriminator.
    pub generator_steps: usize,
    /// The diversity below which a generator counts as collapsed; 0 watches nothing.
    pub collapse_floor: f64,
    /// Evaluations in a row below it that end a run.
    pub collapse_after: usize,
}

/// `keep.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepSettings {
    /// Epochs between generators that stay on disk; 0 keeps the last checkpoint alone.
    pub every: u32,
    /// The metric whose best generator stays on disk, or `none`.
    pub best: String,
    /// Which way it improves: `auto` (as the metric says), `lower` or `higher`.
    pub best_towards: String,
}

impl Settings {
    /// The typed settings of `values`; what is not among them holds its default.
    ///
    /// # Errors
    ///
    /// If a value does not fit its field, which a catalogue that was checked cannot give: only settings that
    /// another version stored can.
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
    fn the_catalogue_and_the_typed_settings_hold_the_same_keys() {
        // `deny_unknown_fields` refuses a key without a field; a field without a key is missing.
        let settings = Settings::from_values([]).unwrap();
        assert_eq!(settings.train.batch, 64);
        assert_eq!(settings.objective.kind, ObjectiveKind::GanCls);
        assert_eq!(settings.eval.measures, ["colour_distance", "ssim"]);
        assert_eq!(settings.keep.every, 0);
        assert!(!settings.guide.is_on());
    }
}

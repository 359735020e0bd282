//! `eval.*`: evaluations during training.

use std::path::PathBuf;

use serde::Deserialize;

use crate::spec::measures;

/// `eval.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvalSettings {
    /// Epochs between evaluations.
    pub every: u32,
    /// Held-out images per evaluation.
    pub items: usize,
    /// The split of these images: `val` or `test`.
    pub split: String,
    /// The generator that is evaluated once on the test split when a run ends: `none`, `best` or `last`.
    pub test: String,
    /// The names of the measures.
    pub measures: Vec<String>,
    /// Samples of each item, from different noise, for `diversity`.
    pub noises: usize,
    /// The feature extractor, or `none`.
    pub extractor: String,
    /// Its weights: a file, or `random:<seed>`.
    pub extractor_weights: String,
    /// The layer whose output is the features.
    pub extractor_layer: String,
    /// Side of its input images, in pixels.
    pub extractor_input: usize,
    /// Factor on its published channel counts, in (0, 1].
    pub extractor_width: f64,
    /// How images are resized to its input for set measures: `clean` or `legacy`.
    pub resizer: String,
    /// Samples that are generated for set measures.
    pub samples: usize,
    /// Real images that the samples are compared with; 0 takes all of the split.
    pub photos: usize,
    /// The extrapolated distances at the end of a run.
    pub infinity: InfinitySettings,
    /// The file of linear weights of LPIPS; empty if `lpips` is not measured.
    pub lpips: PathBuf,
}

/// `eval.infinity.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfinitySettings {
    /// Samples that are generated.
    pub samples: usize,
    /// The smallest number of samples that a distance is computed for.
    pub from: usize,
    /// The number of distances that the line is fitted to.
    pub points: usize,
}

impl EvalSettings {
    /// The measures that compare sets of features.
    pub const SET_MEASURES: [&str; measures::SETS.len()] = measures::SETS;

    /// The set measures that are defined for the published Inception network alone.
    pub const INCEPTION_MEASURES: [&str; 4] = measures::INCEPTION;

    /// The set measures that need too many samples for a curve. They are computed once, when a run ends.
    pub const FINAL_MEASURES: [&str; 2] = measures::FINAL;

    /// Whether any selected measure compares sets. `best` is `keep.best`.
    pub fn has_set_measures(&self, best: &str) -> bool {
        self.has_any_of(&Self::SET_MEASURES, best)
    }

    /// Whether any selected measure is defined for the published Inception network alone.
    pub fn needs_inception(&self, best: &str) -> bool {
        self.has_any_of(&Self::INCEPTION_MEASURES, best)
    }

    /// Whether any selected measure uses the feature extractor.
    pub fn uses_extractor(&self, best: &str) -> bool {
        self.has_set_measures(best) || self.has_any_of(&["feature_distance", "lpips"], best)
    }

    fn has_any_of(&self, names: &[&str], best: &str) -> bool {
        self.measures.iter().map(String::as_str).chain([best]).any(|measure| names.contains(&measure))
    }
}

//! What is looked at while training.

use std::path::PathBuf;

use serde::Deserialize;

/// `eval.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvalSettings {
    /// Epochs between evaluations.
    pub every: u32,
    /// Held-out images that are looked at.
    pub items: usize,
    /// Where they come from.
    pub split: String,
    /// Which generator is looked at once on the test split when a run ends: `none`, `best` or `last`.
    pub test: String,
    /// The names of the measures that compare them with what is drawn.
    pub measures: Vec<String>,
    /// Noises that each item is drawn from for `diversity`.
    pub noises: usize,
    /// The network that `feature_distance` compares by, or `none`.
    pub extractor: String,
    /// Its weights.
    pub extractor_weights: String,
    /// Its layer.
    pub extractor_layer: String,
    /// Side of its input, in pixels.
    pub extractor_input: usize,
    /// Share of its published channel counts.
    pub extractor_width: f64,
    /// How pictures become its size where sets are compared: `clean` or `legacy`.
    pub resizer: String,
    /// Samples that are drawn where sets are compared.
    pub samples: usize,
    /// Photos that they are held against; 0 takes all of the part.
    pub photos: usize,
    /// How a distance is extrapolated when a run ends.
    pub infinity: InfinitySettings,
    /// The linear weights of LPIPS; empty where it is not taken.
    pub lpips: PathBuf,
}

/// `eval.infinity.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfinitySettings {
    /// Samples that are drawn.
    pub samples: usize,
    /// The fewest of them that a distance is taken of.
    pub from: usize,
    /// How many distances the line is laid through.
    pub points: usize,
}

impl EvalSettings {
    /// The measures that compare what a network sees of many samples with what it sees of photos.
    pub const OF_SETS: [&str; 11] = [
        "fid",
        "kid",
        "inception_score",
        "frechet_distance",
        "kernel_distance",
        "precision",
        "recall",
        "density",
        "coverage",
        "fid_infinity",
        "frechet_infinity",
    ];

    /// Those of them that are named after the published Inception network.
    pub const PUBLISHED: [&str; 4] = ["fid", "kid", "inception_score", "fid_infinity"];

    /// Those of them that take too many samples for a curve: they are taken once, when a run ends.
    pub const AT_THE_END: [&str; 2] = ["fid_infinity", "frechet_infinity"];

    /// Whether some measure compares sets; `best` is `keep.best`.
    pub fn compares_sets(&self, best: &str) -> bool {
        self.takes_one_of(&Self::OF_SETS, best)
    }

    /// Whether some measure is named after the published Inception network.
    pub fn needs_published(&self, best: &str) -> bool {
        self.takes_one_of(&Self::PUBLISHED, best)
    }

    /// Whether some measure is taken by the network of `eval.extractor`.
    pub fn uses_extractor(&self, best: &str) -> bool {
        self.compares_sets(best) || self.takes_one_of(&["feature_distance", "lpips"], best)
    }

    fn takes_one_of(&self, names: &[&str], best: &str) -> bool {
        self.measures.iter().map(String::as_str).chain([best]).any(|measure| names.contains(&measure))
    }
}

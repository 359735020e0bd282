//! What is looked at while training.

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
}

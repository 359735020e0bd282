//! `text.*`: the sentence encoder and its fit.

use std::path::PathBuf;

use serde::Deserialize;

/// `text.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSettings {
    /// The sentence encoder: `tfidf`, `skip-thought`, or `vectors` for vectors from a file.
    pub encoder: String,
    /// Length of a sentence vector of `tfidf`.
    pub dimension: usize,
    /// The seed of the random projection of `tfidf`.
    pub seed: u64,
    /// The skip-thought encoder: a folder of published files, an encoder file of jem, or `fit`.
    pub weights: String,
    /// The skip-thought model: `uni`, `bi` or `combine`.
    pub variant: String,
    /// Whether the encoder reads an end-of-sentence token.
    pub use_eos: bool,
    /// How the skip-thought encoder is fitted.
    pub fit: TextFitSettings,
    /// The file of precomputed sentence vectors.
    pub vectors: PathBuf,
    /// Captions of each image to use, from the first; 0 uses all.
    pub first: usize,
    /// Randomly drawn captions whose vectors are averaged for an image in a step.
    pub mean_of: usize,
    /// Length of the text after the learned projection in each network.
    pub projected: usize,
}

impl TextSettings {
    /// Whether the encoder is skip-thought.
    pub fn is_skip_thought(&self) -> bool {
        self.encoder == "skip-thought"
    }

    /// Whether a skip-thought encoder is fitted by jem.
    pub fn is_fitted(&self) -> bool {
        self.is_skip_thought() && self.weights == "fit"
    }
}

/// `text.fit.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextFitSettings {
    /// The file of sentences; empty for the captions of the split's training images.
    pub corpus: PathBuf,
    /// Maximum size of the vocabulary, including `<eos>` and `UNK`.
    pub words: usize,
    /// Minimum number of occurrences of a word in the vocabulary.
    pub min_count: usize,
    /// Maximum words of a sentence; longer ones are not trained on.
    pub max_length: usize,
    /// Length of a word vector.
    pub embedding: usize,
    /// Length of a sentence vector.
    pub hidden: usize,
    /// Fraction of the documents that is held out for validation.
    pub held_out: f64,
    /// Maximum number of epochs.
    pub epochs: u32,
    /// Epochs without a better validation loss after which the fit ends.
    pub patience: u32,
    /// Triplets of sentences in a step.
    pub batch: usize,
    /// Adam's learning rate.
    pub rate: f64,
    /// Maximum 2-norm of the whole gradient.
    pub clip: f64,
    /// The seed of initial weights, held-out documents and order.
    pub seed: u64,
}

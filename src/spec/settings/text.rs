//! How sentences become vectors, and how a skip-thought encoder is trained for it.

use std::path::PathBuf;

use serde::Deserialize;

/// `text.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSettings {
    /// The sentence encoder: `tfidf`, `skip-thought`, or `vectors` where they were made elsewhere.
    pub encoder: String,
    /// Length of a sentence vector of `tfidf`.
    pub dimension: usize,
    /// The seed of its random projection.
    pub seed: u64,
    /// The skip-thought encoder: a folder of published files, a file of jem's own, or `fit`.
    pub weights: String,
    /// Which of its vectors: `uni`, `bi` or `combine`.
    pub variant: String,
    /// Whether the end of a sentence is read as a word.
    pub use_eos: bool,
    /// How it is trained.
    pub fit: TextFitSettings,
    /// The file of vectors that were made elsewhere.
    pub vectors: PathBuf,
    /// How many of an image's captions count, from the first; 0 takes all.
    pub first: usize,
    /// How many drawn captions an image's vector is the mean of.
    pub mean_of: usize,
    /// Length after the learned projection in each network.
    pub projected: usize,
}

impl TextSettings {
    /// Whether a skip-thought encoder makes the vectors.
    pub fn is_skip_thought(&self) -> bool {
        self.encoder == "skip-thought"
    }

    /// Whether that encoder is trained here.
    pub fn is_fitted(&self) -> bool {
        self.is_skip_thought() && self.weights == "fit"
    }
}

/// `text.fit.*`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextFitSettings {
    /// The file of sentences; empty where it is trained on the captions of the split's training images.
    pub corpus: PathBuf,
    /// The most words of the vocabulary, `<eos>` and `UNK` among them.
    pub words: usize,
    /// How often a word has to occur to be one of them.
    pub min_count: usize,
    /// The most words of a sentence: what is longer teaches nothing.
    pub max_length: usize,
    /// The length of a word's vector.
    pub embedding: usize,
    /// The length of a sentence's vector.
    pub hidden: usize,
    /// The share of documents that it is tried on and does not learn from.
    pub held_out: f64,
    /// The most epochs.
    pub epochs: u32,
    /// Epochs without a better one that end it.
    pub patience: u32,
    /// Triplets of sentences in a step.
    pub batch: usize,
    /// Adam's learning rate.
    pub rate: f64,
    /// The most that the norm of all gradients together may be.
    pub clip: f64,
    /// What weights, parting and order are drawn by.
    pub seed: u64,
}

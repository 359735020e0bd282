//! What training leaves beside the encoder: a record of how it came about.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::error::FitError;
use super::super::folder::record;
use super::super::state::Graded;

/// How well the neighbours of sentences are told: the exponential of the mean negative log-likelihood of a word, `<eos>`
/// among the words, over both neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Perplexity {
    /// In the epoch's learning, as weights changed.
    pub learned: f64,
    /// On documents that are held out, after the epoch.
    pub held_out: f64,
}

impl Graded for Perplexity {
    fn beats(&self, other: &Perplexity) -> bool {
        self.held_out < other.held_out
    }
}

/// An encoder that was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// All that it follows from ([`SkipThoughtRecipe::print`](super::SkipThoughtRecipe::print)).
    pub recipe: String,
    /// SHA-256 of the encoder's file.
    pub sha256: String,
    /// Words of its vocabulary, `<eos>` and `UNK` among them.
    pub words: usize,
    /// The share of words in held-out sentences that it has no row for, 0 to 1.
    pub unknown: f64,
    /// Sentences that were learned from.
    pub sentences: usize,
    /// Triplets of them in an epoch.
    pub learned: usize,
    /// Triplets that it was tried on.
    pub held_out: usize,
    /// Triplets of either kind that were left out, as a sentence of theirs is too long.
    pub left_out: usize,
    /// Epochs that were done.
    pub epochs: u32,
    /// The one whose weights these are.
    pub epoch: u32,
    /// How it did.
    pub score: Perplexity,
    /// What the frequencies of words alone come to on the same held-out words, each counted once more than it occurs.
    pub unigram: f64,
    /// How each epoch did, the first one first.
    pub history: Vec<Perplexity>,
}

impl Trained {
    /// The encoder's file in the folder of a fit.
    pub fn encoder(folder: &Path) -> PathBuf {
        folder.join("encoder.safetensors")
    }

    /// The record in `folder`, if training was finished there.
    ///
    /// # Errors
    ///
    /// If it is there and cannot be read, or the encoder is not there.
    pub fn read(folder: &Path) -> Result<Option<Self>, FitError> {
        record(folder, &Self::encoder(folder))
    }

    /// What came of it, in a sentence.
    pub fn about(&self) -> String {
        let Self { words, sentences, learned, held_out, epochs, epoch, score, unigram, sha256, .. } = self;
        format!(
            "the text encoder was trained on {learned} triplets of {sentences} sentences, with {words} words: of {held_out} \
             held-out ones it tells the neighbours with a perplexity of {:.1} a word (the frequencies of words alone: \
             {unigram:.1}), after epoch {epoch} of {epochs}; SHA-256 {}",
            score.held_out,
            &sha256[..16],
        )
    }
}

//! The result of training a text encoder: a file and a record.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::error::FitError;
use super::super::folder::read_record;
use super::super::state::EpochScore;

/// The perplexity of the neighbours of sentences: the exponential of the mean negative log-likelihood of a word, over
/// both neighbours, including `<eos>`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Perplexity {
    /// On the training triplets, during the epoch.
    #[serde(rename = "learned")]
    pub train: f64,
    /// On the held-out triplets, after the epoch.
    pub held_out: f64,
}

impl EpochScore for Perplexity {
    fn is_better_than(&self, other: &Perplexity) -> bool {
        self.held_out < other.held_out
    }
}

/// The record of a trained text encoder, which is stored as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainedEncoder {
    /// The recipe ([`SkipThoughtRecipe::fingerprint`](super::SkipThoughtRecipe::fingerprint)).
    pub recipe: String,
    /// SHA-256 of the encoder's file.
    pub sha256: String,
    /// The number of words of the vocabulary, including `<eos>` and `UNK`.
    pub words: usize,
    /// The fraction of the words of held-out sentences that are not in the vocabulary, from 0 to 1.
    pub unknown: f64,
    /// The number of training sentences.
    pub sentences: usize,
    /// The number of training triplets in an epoch.
    #[serde(rename = "learned")]
    pub train_triplets: usize,
    /// The number of held-out triplets.
    #[serde(rename = "held_out")]
    pub held_out_triplets: usize,
    /// The number of training and held-out triplets that were left out because a sentence is too long.
    pub left_out: usize,
    /// The number of epochs.
    pub epochs: u32,
    /// The best epoch, from 1. The weights are those after this epoch.
    pub epoch: u32,
    /// The score of the best epoch.
    pub score: Perplexity,
    /// The perplexity of the unigram model on the held-out triplets.
    pub unigram: f64,
    /// The score of each epoch, in order.
    pub history: Vec<Perplexity>,
}

impl TrainedEncoder {
    /// The path of the encoder's file in the folder of a fit.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("encoder.safetensors")
    }

    /// Reads the record in `folder`. Returns `None` if training is not complete.
    ///
    /// # Errors
    ///
    /// If the record cannot be read, or the encoder's file is missing.
    pub fn read(folder: &Path) -> Result<Option<Self>, FitError> {
        read_record(folder, &Self::path(folder))
    }

    /// A summary of the record in one sentence.
    pub fn summary(&self) -> String {
        let Self { words, sentences, train_triplets, held_out_triplets, epochs, epoch, score, unigram, sha256, .. } =
            self;
        format!(
            "the text encoder was trained on {train_triplets} triplets of {sentences} sentences, with {words} words: \
             validation perplexity {:.1} (unigram: {unigram:.1}) on {held_out_triplets} held-out triplets after epoch \
             {epoch} of {epochs}; SHA-256 {}",
            score.held_out,
            &sha256[..16],
        )
    }
}

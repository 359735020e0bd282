//! Training of a skip-thought encoder (Kiros et al. 2015, arXiv 1506.06726): a sentence's vector is what its neighbours can
//! be told from.
//!
//! ```text
//! Corpus ─ documents parted ─ Vocabulary ─ Sentences ─ Triplets ─ Batches ─ an epoch, its State on disk, … ─ encoder file
//! ```
//!
//! The encoder reads a sentence and ends in its vector; two decoders, which share its word vectors and one layer of words,
//! tell the sentence before and the one after, word by word to `<eos>`, each time from the words that really came before.
//! What is minimised is the sum of both sentences' negative log-likelihoods, in the mean over a batch's sentences.
//!
//! It departs from the published code in that the vector acts on the decoders at every step, as the paper has it (the code
//! starts the decoders from it), in that the words' frequencies are where the last layer's biases begin, and in the sizes.
//! The softmax is over all words, in one product over all words that are told: with the 5,000 words of the flowers' captions it takes three quarters of a step at a width of 256 and less than half
//! at 600, and an epoch of them is a few minutes.

mod batch;
mod corpus;
mod gradient;
mod network;
mod packed;
#[cfg(test)]
mod parity;
mod recipe;
mod recurrence;
mod trained;
mod training;
mod unigram;
mod vocabulary;

pub use corpus::{Corpus, at_white_space};
pub use recipe::{Direction, SkipThoughtRecipe};
pub use trained::{Perplexity, Trained};
pub use training::{Training, train};

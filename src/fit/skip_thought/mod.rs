//! Training of a skip-thought encoder (Kiros et al. 2015, arXiv 1506.06726), whose sentence vectors predict the
//! neighbouring sentences.
//!
//! ```text
//! Corpus ─ training and held-out documents ─ Vocabulary ─ Sentences ─ Triplets ─ Batches ─ epochs ─ encoder file
//! ```
//!
//! The encoder reads a sentence; its last state is the vector. Two decoders predict the previous and the next sentence
//! from the vector, word by word up to `<eos>`, with teacher forcing. Encoder and decoders share the word vectors, the
//! decoders share the output layer. The loss is the sum of the negative log-likelihoods of both sentences, averaged
//! over the sentences of the batch.
//!
//! Differences from the published code: the vector conditions the decoders at every step, as in the paper (in the code
//! it is their initial state); the biases of the output layer are initialised to the log frequencies of the words; and
//! the sizes are smaller. The softmax is over the whole vocabulary, in one matrix product for all predicted words. With
//! the 5,000 words of the flowers' captions it takes three quarters of a step at a width of 256 and less than half at
//! 600, and an epoch takes a few minutes.

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

pub use corpus::{Corpus, whitespace_words};
pub use recipe::{Direction, SkipThoughtRecipe};
pub use trained::{Perplexity, TrainedEncoder};
pub use training::{TrainingEvent, train};

//! Sentence vectors of captions.
//!
//! A [`SentenceEncoder`] combines [`TfIdf`], which weights the words of a caption, and a [`Projection`] of the sparse
//! rows to a given dimension. [`skip_thought`] has recurrent encoders, and [`Vectors`] reads files of vectors.

mod encoder;
mod error;
mod npy;
mod projection;
pub mod skip_thought;
mod tfidf;
mod vectors;

pub use encoder::{Encoded, SentenceEncoder};
pub use error::{TextError, VectorsError};
pub use projection::Projection;
pub use tfidf::{TfIdf, words};
pub use vectors::Vectors;

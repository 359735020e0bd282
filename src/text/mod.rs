//! Sentence vectors of captions.
//!
//! [`TfIdf`] weighs the words of a caption by how rare they are; a [`Projection`] brings those sparse rows to
//! a given dimension; a [`SentenceEncoder`] is the two together.

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

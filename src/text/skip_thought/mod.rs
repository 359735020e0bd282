//! Skip-thought vectors (Kiros et al. 2015, arXiv 1506.06726): the last state of a recurrent unit that reads a
//! sentence.
//!
//! A [`SkipThought`] encodes captions. It is loaded from the published files ([`open_published`]) or from an
//! [`EncoderFile`] that jem trained; [`expand`] adds words of word2vec or GloVe to an encoder.

mod digest;
mod encoder;
mod encoder_file;
mod error;
mod expansion;
mod gru;
mod npz;
pub mod pickle;
mod published;
mod solve;
mod table;
mod table_file;
pub mod tokens;
mod vector_file;
mod vocabulary;

pub use encoder::{SkipModel, SkipThought, Variant};
pub use encoder_file::{EncoderFile, EncoderFileError};
pub(super) use error::MISSING_ENCODER;
pub use error::SkipThoughtError;
pub use expansion::{Expansion, expand};
pub use gru::{Gru, GruParts};
pub use published::{open_published, published_dimension, published_files};
pub use table::Table;
pub use tokens::Tokeniser;
pub use vector_file::VectorFile;
pub use vocabulary::Vocabulary;

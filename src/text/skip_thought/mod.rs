//! Skip-thought vectors (Kiros et al. 2015, arXiv 1506.06726): the last state of a recurrent unit that read a sentence.
//!
//! A [`SkipThought`] encodes captions. It is made of the published files ([`published`]) or of an [`EncoderFile`] of jem's
//! own; [`expand`] gives an encoder words of word2vec or GloVe that it was not trained on.

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
mod words;

pub use encoder::{Half, SkipThought, Variant};
pub use encoder_file::{EncoderFile, EncoderFileError};
pub(super) use error::NO_ENCODER;
pub use error::SkipThoughtError;
pub use expansion::{Expansion, expand};
pub use gru::{Gru, GruParts};
pub use published::{published, published_files, published_length};
pub use table::Table;
pub use tokens::Tokeniser;
pub use vector_file::VectorFile;
pub use words::Words;

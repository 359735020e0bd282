//! Skip-thought vectors (Kiros et al. 2015, arXiv 1506.06726): the last state of a recurrent unit that read a sentence.

mod encoder_file;
mod gru;

pub use encoder_file::{EncoderFile, EncoderFileError};
pub use gru::{Gru, GruParts};

//! MATLAB files of levels 4 and 5 (level 5 is the format of MATLAB 5, 6 and 7): reads and writes named numeric vectors.
//!
//! Files are untrusted, so reading is strict and bounded: a length is checked against the available bytes before memory
//! is allocated, compressed data are decompressed only as far as necessary, and a truncated file is an error.

mod error;
mod level4;
mod level5;
mod number_type;
mod read;
mod source;
mod write;

pub use error::MatError;
pub(super) use read::{read_file, vector};
pub(super) use write::{Row, mat};

#[cfg(test)]
mod tests;

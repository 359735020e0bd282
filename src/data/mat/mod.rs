//! MATLAB files of levels 4 and 5 (the latter by MATLAB 5, 6 and 7): vectors of numbers by name, read and written.
//!
//! Files come from strangers, so reading is strict and bounded: a length is held against the bytes that are there before
//! anything is kept, what is compressed is unpacked only as far as it is asked for, and a file that ends early is an error.

mod error;
mod level4;
mod level5;
mod numbers;
mod read;
mod source;
mod write;

pub use error::MatError;
pub(super) use read::{read_file, vector};
pub(super) use write::{Row, mat};

#[cfg(test)]
mod tests;

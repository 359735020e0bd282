//! A reader of the Python pickles among the published files. It never runs code of a pickle.
//!
//! Two kinds of pickles can be read: an object array of `f32` rows ([`read_rows`]), as `numpy.save` pickles it in
//! protocols 2 to 5, and a dict of simple values ([`read_options`]). All other opcodes and globals are errors, with
//! their names and offsets. Lengths, depths and counts are limited, and memory is allocated for bytes that were read,
//! not for lengths that the file claims. The opcodes are documented in
//! <https://github.com/python/cpython/blob/main/Lib/pickletools.py>.

mod dispatch;
mod error;
mod memo;
mod numpy;
mod opcode;
mod options;
mod reader;
mod rows;
mod unpickler;
mod value;

pub use error::PickleError;
pub use options::{PyValue, read_options};
pub use rows::{RowOrder, read_rows};

#[cfg(test)]
mod tests;

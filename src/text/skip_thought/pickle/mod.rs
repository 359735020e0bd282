//! Python pickles, as far as the published files need them: data is read, nothing is ever called.
//!
//! Two things can be read: an object array of rows of 32-bit floats ([`rows`]), as `numpy.save` pickles it in protocols 2 to 5,
//! and a dict of plain values ([`options`]). Every other opcode and every other global is refused by its name and with the
//! byte at which it stands. What a hostile file can claim (lengths, depth, counts) is limited, and memory goes to what was
//! read and not to what was claimed.
//! (<https://github.com/python/cpython/blob/main/Lib/pickletools.py> says what each opcode does.)

mod error;
mod machine;
mod memo;
mod numpy;
mod opcode;
mod options;
mod rows;
mod source;
mod step;
mod value;

pub use error::PickleError;
pub use options::{Plain, options};
pub use rows::{RowOrder, rows};

#[cfg(test)]
mod tests;

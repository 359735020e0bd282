//! What can be wrong with the file of an encoder.

use crate::file_kind::WrongKind;

/// One way in which a file is no encoder.
#[derive(Debug, thiserror::Error)]
pub enum EncoderFileError {
    /// It cannot be read or written.
    #[error("cannot be read or written")]
    Io(#[from] std::io::Error),
    /// It is of another kind.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// It is no safetensors file.
    #[error("not a readable safetensors file: {0}")]
    Format(String),
    /// It has no metadata of an encoder.
    #[error("no `skip_thought` in its metadata: it is no encoder of jem's")]
    NoEntry,
    /// The metadata are not of this form.
    #[error("`skip_thought` in its metadata: {0}")]
    Entry(String),
    /// A tensor is not there.
    #[error("no tensor `{0}`")]
    Missing(String),
    /// A tensor is there for which there is no use.
    #[error("a tensor `{0}`, for which there is no use")]
    Unused(String),
    /// A tensor of another type.
    #[error("`{name}` holds {found}, not F32")]
    Type {
        /// Its name.
        name: String,
        /// What it holds.
        found: String,
    },
    /// A tensor of another shape.
    #[error("`{name}` is {found:?}, not {expected}")]
    Shape {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// What it should be.
        expected: String,
    },
    /// A number that is none.
    #[error("`{name}` holds a number that is not finite")]
    NotFinite {
        /// The tensor.
        name: String,
    },
    /// A word has two rows.
    #[error("the word {word:?} has two rows")]
    Twice {
        /// The word.
        word: String,
    },
    /// The first rows are of other words.
    #[error("row {row} is of {found:?}, not of {expected:?}")]
    Special {
        /// The row.
        row: usize,
        /// Its word.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
}

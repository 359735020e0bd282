//! Errors of the file of an encoder.

use crate::file_kind::WrongKind;

/// An error of the file of an encoder.
#[derive(Debug, thiserror::Error)]
pub enum EncoderFileError {
    /// The file cannot be read or written.
    #[error("cannot be read or written")]
    Io(#[from] std::io::Error),
    /// The file is of another kind.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// The file is not a valid safetensors file.
    #[error("not a readable safetensors file: {0}")]
    Format(String),
    /// The metadata of an encoder are missing.
    #[error("no `skip_thought` in the metadata: jem did not train this encoder")]
    NoEntry,
    /// The metadata are invalid.
    #[error("`skip_thought` in the metadata: {0}")]
    Entry(String),
    /// A tensor is missing.
    #[error("missing tensor `{0}`")]
    Missing(String),
    /// The file contains a tensor that is not used.
    #[error("unexpected tensor `{0}`")]
    Unexpected(String),
    /// A tensor has another data type.
    #[error("`{name}` has data type {found}, expected F32")]
    Type {
        /// The name of the tensor.
        name: String,
        /// Its data type.
        found: String,
    },
    /// A tensor has another shape.
    #[error("`{name}` has shape {found:?}, expected {expected}")]
    Shape {
        /// The name of the tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The expected shape.
        expected: String,
    },
    /// A tensor has a value that is not finite.
    #[error("`{name}` has a value that is not finite")]
    NotFinite {
        /// The name of the tensor.
        name: String,
    },
    /// A word has two rows.
    #[error("the word {word:?} has two rows")]
    Duplicate {
        /// The word.
        word: String,
    },
    /// The first rows have other words.
    #[error("row {row} has the word {found:?}, expected {expected:?}")]
    Special {
        /// The row.
        row: usize,
        /// The word of the row.
        found: String,
        /// The expected word.
        expected: &'static str,
    },
}

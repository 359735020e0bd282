//! Errors of the files of a skip-thought encoder.

use std::path::PathBuf;

use super::encoder::Variant;
use super::pickle::PickleError;
use crate::file_error::FileError;
use crate::text::VectorsError;

/// An error of the files of a skip-thought encoder.
#[derive(Debug, thiserror::Error)]
pub enum SkipThoughtError {
    /// A file cannot be read or written, or is of another kind.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is not UTF-8.
    #[error("{}: line {line} is not UTF-8", .path.display())]
    Utf8 {
        /// The dictionary, or the file of word vectors.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A dictionary does not contain a word that every encoder needs.
    #[error("missing word `{word}` in a dictionary of {words} words")]
    NoWord {
        /// The missing word.
        word: &'static str,
        /// The number of words.
        words: usize,
    },
    /// The dictionary and the table have different lengths.
    #[error("{words} words, but {} has {rows} rows", .table.display())]
    Rows {
        /// The number of words of the dictionary.
        words: usize,
        /// The table.
        table: PathBuf,
        /// The number of rows of the table.
        rows: usize,
    },
    /// A pickle is invalid or not allowed.
    #[error("{}: cannot be used as a pickle", .path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: PickleError,
    },
    /// An array is invalid.
    #[error("{}: cannot be used", .path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: VectorsError,
    },
    /// A table has a value that is not finite.
    #[error("{}: row {row} is not finite", .path.display())]
    NotFinite {
        /// The table.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
    },
    /// The options are invalid.
    #[error("{}: {why}", .path.display())]
    Options {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An archive cannot be read.
    #[error("{}: not a readable .npz archive: {why}", .path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// The arrays of an archive are not those of the encoder.
    #[error("{}: not the arrays of this encoder: {}", .path.display(), .problems.join("; "))]
    Tensors {
        /// The file.
        path: PathBuf,
        /// All problems.
        problems: Vec<String>,
    },
    /// The dimension of the word vectors is not that of the recurrent unit's inputs.
    #[error("the word vectors have dimension {found}, but the recurrent unit requires {expected}")]
    Dimension {
        /// The dimension of the word vectors.
        found: usize,
        /// The dimension of the unit's inputs.
        expected: usize,
    },
    /// The encoder does not have the model of a variant.
    #[error("the encoder has no {variant}-skip model")]
    Variant {
        /// The variant.
        variant: Variant,
    },
    /// The tokeniser of an encoder is unknown.
    #[error("unknown tokeniser {name:?}")]
    Tokeniser {
        /// The name in the file.
        name: String,
    },
    /// A file of word vectors is invalid.
    #[error("{}: {why}", .path.display())]
    Vectors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, with the line or word.
        why: String,
    },
    /// The encoder and the word vectors share too few words.
    #[error("{}: shares {shared} words with the encoder, but more than {dimension} are required", .path.display())]
    Shared {
        /// The file of word vectors.
        path: PathBuf,
        /// The number of shared words.
        shared: usize,
        /// The dimension of the word vectors.
        dimension: usize,
    },
}

/// The remedy for a missing encoder.
pub(in crate::text) const MISSING_ENCODER: &str = "set text.weights to a folder with dictionary.txt, utable.npy, \
     btable.npy, uni_skip.npz, bi_skip.npz and their .pkl options (`jem weights fetch uni-skip bi-skip --to .` \
     downloads them to skip-thoughts), or to a file from `jem weights fit skip-thought`; text.weights = \"fit\" trains \
     an encoder; text.encoder = \"tfidf\" needs no encoder file";

impl SkipThoughtError {
    /// The remedy, if there is one.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::File(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                MISSING_ENCODER
            }
            Self::File(error) => return error.help(),
            Self::Utf8 { .. } => "the file may be damaged or have another encoding: fetch it again",
            Self::NoWord { .. } => "the dictionary has one word a line, including `<eos>` and `UNK`",
            Self::Rows { .. } => "the table has one row for each word of the dictionary: fetch both files again",
            Self::Pickle { .. } => {
                "the file is damaged, or numpy.save or pickle.dump did not write it for this encoder; no code of the \
                 file was run"
            }
            Self::Array { .. } | Self::NotFinite { .. } => {
                "expected a table written by numpy.save: an array of objects, each a float32 row, or a float32 array \
                 [words, d]"
            }
            Self::Options { .. } => {
                "expected a dict with `dim_word` and `dim` (ints) in NAME.npz.pkl, or the same as JSON in NAME.npz.json"
            }
            Self::Archive { .. } => "the file may be truncated: fetch it again",
            Self::Tensors { .. } => "the archive does not match its options: fetch both files again",
            Self::Dimension { .. } => {
                "the table does not match the units: uni-skip needs utable.npy, bi-skip needs btable.npy"
            }
            Self::Variant { .. } => {
                "set text.variant to a variant of the encoder: `uni`, `bi` or, with both, `combine`"
            }
            Self::Tokeniser { .. } => "the file is from a later version of jem, or not an encoder",
            Self::Vectors { .. } => {
                "expected the text format of GloVe, or the text format (with a line of counts) or the binary format of \
                 word2vec"
            }
            Self::Shared { .. } => "words are compared with their case: use word vectors of the same language",
        })
    }
}

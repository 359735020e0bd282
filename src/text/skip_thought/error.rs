//! What can be wrong with the files of an encoder.

use std::path::{Path, PathBuf};

use super::encoder::Variant;
use super::pickle::PickleError;
use crate::file_kind::{FileKind, WrongKind};
use crate::text::VectorsError;

/// What can be wrong with the files of an encoder.
#[derive(Debug, thiserror::Error)]
pub enum SkipThoughtError {
    /// A file cannot be read.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is of another kind than it should be.
    #[error("{}: {source}", .path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it is.
        source: WrongKind,
    },
    /// A line of a dictionary is no text.
    #[error("{}: line {line} is not UTF-8", .path.display())]
    Utf8 {
        /// The dictionary, or the file of vectors.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A dictionary without a word that every encoder needs.
    #[error("no word `{word}` among {words}")]
    NoWord {
        /// The word.
        word: &'static str,
        /// How many there are.
        words: usize,
    },
    /// A dictionary that is not of its table.
    #[error("{words} words, but {} has {rows} rows", .table.display())]
    Rows {
        /// How many words the dictionary has.
        words: usize,
        /// The table.
        table: PathBuf,
        /// Its rows.
        rows: usize,
    },
    /// A pickle that is refused.
    #[error("{}: cannot be used as a pickle", .path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// Why.
        source: PickleError,
    },
    /// An array that is not of the form.
    #[error("{}: cannot be used", .path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// Why.
        source: VectorsError,
    },
    /// A table that holds a number that is none.
    #[error("{}: row {row} is not finite", .path.display())]
    NotFinite {
        /// The table.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
    },
    /// Options that are not those of such an encoder.
    #[error("{}: {why}", .path.display())]
    Options {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An archive that is no archive.
    #[error("{}: not a readable .npz archive: {why}", .path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Tensors that are not those of the encoder.
    #[error("{}: not the tensors of this encoder: {}", .path.display(), .problems.join("; "))]
    Tensors {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        problems: Vec<String>,
    },
    /// A table whose rows are not what the units read.
    #[error("word vectors of {found} numbers, for a unit that reads {expected}")]
    Width {
        /// The table's.
        found: usize,
        /// The unit's.
        expected: usize,
    },
    /// A variant that the encoder has no units for.
    #[error("the encoder has no {variant}-skip")]
    Variant {
        /// The variant.
        variant: Variant,
    },
    /// How the encoder's words were made is not known.
    #[error("words were made by {name:?}, which is no known tokeniser")]
    Tokeniser {
        /// The name in the file.
        name: String,
    },
    /// A file of word vectors that is not of the form.
    #[error("{}: {why}", .path.display())]
    Vectors {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line or word.
        why: String,
    },
    /// Too few words are known to both sides.
    #[error("{}: shares {shared} words with the encoder, and a map needs more than {more}", .path.display())]
    Shared {
        /// The file of word vectors.
        path: PathBuf,
        /// How many.
        shared: usize,
        /// More than how many there should be.
        more: usize,
    },
}

/// What to do where there is no encoder of that name.
pub(in crate::text) const NO_ENCODER: &str = "text.weights names a folder with dictionary.txt, utable.npy, btable.npy, uni_skip.npz, bi_skip.npz and their .pkl options \
     (`jem weights fetch uni-skip bi-skip --to .` brings them to skip-thoughts), or a file of `jem weights fit skip-thought`; \
     text.weights = \"fit\" trains one here, text.encoder = \"tfidf\" needs none";

impl SkipThoughtError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Write { .. } => return None,
            Self::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => NO_ENCODER,
            Self::Read { .. } => return None,
            Self::WrongKind { source, .. } => source.help(),
            Self::Utf8 { .. } => "the file may be damaged, or in another encoding: fetch it again",
            Self::NoWord { .. } => "the dictionary holds one word a line, `<eos>` and `UNK` among them",
            Self::Rows { .. } => "dictionary and table belong together, a word for each row: fetch both again",
            Self::Pickle { .. } => {
                "the file is damaged, or not what numpy.save and pickle.dump write for this encoder; nothing of it was run"
            }
            Self::Array { .. } | Self::NotFinite { .. } => {
                "expected a table as numpy.save writes it: an array of objects, each a float32 row, or of float32 [words, d]"
            }
            Self::Options { .. } => {
                "expected a dict with `dim_word` and `dim` (ints) in NAME.npz.pkl, or the same as JSON in NAME.npz.json"
            }
            Self::Archive { .. } => "the file may be cut off: fetch it again",
            Self::Tensors { .. } => "the archive and its options belong together: fetch both again",
            Self::Width { .. } => "table and units belong together: uni-skip's is utable.npy, bi-skip's btable.npy",
            Self::Variant { .. } => "text.variant is `uni`, `bi` or `combine`, as far as the encoder has both parts",
            Self::Tokeniser { .. } => "the file is of a later jem, or no encoder",
            Self::Vectors { .. } => "expected GloVe's text, or word2vec's text (with its line of counts) or binary",
            Self::Shared { .. } => {
                "the words of both are compared as they are, with case: take vectors of the same language"
            }
        })
    }
}

/// That a file is not of another kind than `expected`, or of one of those that are taken.
pub(super) fn expect(path: &Path, expected: &'static str, takes: &[FileKind]) -> Result<(), SkipThoughtError> {
    WrongKind::unless_file(path, expected, takes)
        .map_err(|source| SkipThoughtError::Read { path: path.into(), source })?
        .map_err(|source| SkipThoughtError::WrongKind { path: path.into(), source })
}

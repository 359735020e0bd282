//! What can be wrong with captions and their vectors.

use std::path::PathBuf;

use crate::file_kind::WrongKind;

use super::skip_thought::{EncoderFileError, NO_ENCODER, SkipThoughtError};

/// What can be wrong with a file of vectors.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// It could not be read.
    #[error("cannot be read")]
    Read(#[source] std::io::Error),
    /// Its name ends in neither.
    #[error("neither .npy nor .safetensors")]
    Kind,
    /// It is of another kind.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// It is not what its name says.
    #[error("not a readable file of vectors: {0}")]
    Format(String),
    /// A tensor is not there.
    #[error("no tensor `{name}`")]
    NoTensor {
        /// Its name.
        name: String,
    },
    /// A tensor is there for which there is no use.
    #[error("a tensor `{name}`, for which there is no use")]
    Unused {
        /// Its name.
        name: String,
    },
    /// A tensor of another type.
    #[error("{name} holds {found}")]
    Type {
        /// Its name.
        name: String,
        /// What it holds.
        found: String,
    },
    /// A tensor of another shape.
    #[error("{name} is {shape:?}, not {expected}")]
    Shape {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// What it should be.
        expected: &'static str,
    },
    /// A number that is none of an image or a caption.
    #[error("row {row} is of image {image}, caption {caption}: both are numbered from 1")]
    Number {
        /// The row, from 0.
        row: usize,
        /// Its image.
        image: i64,
        /// Its caption.
        caption: i64,
    },
    /// Two rows of one caption.
    #[error("image {image}, caption {caption} has two vectors")]
    Twice {
        /// The image.
        image: u32,
        /// The caption.
        caption: u32,
    },
    /// Vectors of another data set.
    #[error("it goes up to image {found}, and the data set to image {images}")]
    Images {
        /// The last image of the file.
        found: u64,
        /// The last image of the data set.
        images: u32,
    },
    /// A caption without a row.
    #[error("image {image}, caption {caption} has no vector")]
    Missing {
        /// The image.
        image: u32,
        /// The caption.
        caption: u32,
    },
    /// A row that is no vector.
    #[error("the vector of image {image}, caption {caption} is not finite")]
    NotFinite {
        /// The image.
        image: u32,
        /// The caption.
        caption: u32,
    },
}

/// An error of the text layer.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// No caption to fit on holds a word.
    #[error("no word in {captions} captions to fit on")]
    NoWords {
        /// How many captions there were.
        captions: usize,
    },
    /// A sentence vector without an entry.
    #[error("sentence vectors of dimension 0")]
    NoDimension,
    /// A recurrent unit without inputs or states.
    #[error("a recurrent unit from {input} numbers to {hidden}")]
    GruLength {
        /// The length of an input.
        input: usize,
        /// The length of a state.
        hidden: usize,
    },
    /// An array of a recurrent unit that is not as long as its shape says.
    #[error("a recurrent unit's `{name}` has {found} numbers, not {shape:?}")]
    GruArray {
        /// Its name.
        name: &'static str,
        /// What it should be.
        shape: Vec<usize>,
        /// How many there are.
        found: usize,
    },
    /// A file of a trained encoder.
    #[error("{}: not the file of a text encoder", .path.display())]
    Encoder {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: EncoderFileError,
    },
    /// An encoder that was trained to read sentences in another way.
    #[error("{}: trained with text.use_eos = {trained}, and asked for with {asked}", .path.display())]
    EndOfSentence {
        /// The file.
        path: PathBuf,
        /// Whether it was trained to read the end of a sentence.
        trained: bool,
        /// Whether that is asked for.
        asked: bool,
    },
    /// The files of an encoder.
    #[error(transparent)]
    SkipThought(#[from] SkipThoughtError),
    /// A file of vectors.
    #[error("{}: cannot be used", .path.display())]
    Vectors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: VectorsError,
    },
}

impl TextError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            TextError::NoWords { .. } => "a word is a run of the letters a–z and the digits 0–9".into(),
            TextError::NoDimension => "the dimension is at least 1".into(),
            TextError::GruLength { .. } => "both lengths are at least 1".into(),
            TextError::GruArray { .. } => {
                "its arrays are w [d, 2h], u [h, 2h], b [2h], wx [d, h], ux [h, h] and bx [h]".into()
            }
            TextError::Encoder { source: EncoderFileError::Io(error), .. }
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                NO_ENCODER.into()
            }
            TextError::Encoder { source: EncoderFileError::WrongKind(error), .. }
            | TextError::Vectors { source: VectorsError::WrongKind(error), .. } => error.help().into(),
            TextError::Encoder { .. } => {
                "expected an encoder that jem trained: a .safetensors file with `embedding`, `forward.*` and, where both \
                 directions are read, `backward.*`; train it again, or name another one"
                    .into()
            }
            TextError::EndOfSentence { trained, .. } => format!("set text.use_eos = {trained}"),
            TextError::SkipThought(error) => return error.help().map(str::to_owned),
            TextError::Vectors { source: VectorsError::Missing { .. }, .. } => {
                "every caption that is read needs a vector: image n, and the line of the caption in its file".into()
            }
            TextError::Vectors { .. } => {
                "expected a .npy array of float32 [images, captions, numbers], or a .safetensors file with `vectors` \
                 (float32 [n, numbers]), `image` and `caption` (integers [n], from 1)"
                    .into()
            }
        })
    }
}

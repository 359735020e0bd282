//! Errors of captions and sentence vectors.

use std::path::PathBuf;

use crate::file_kind::WrongKind;

use super::skip_thought::{EncoderFileError, MISSING_ENCODER, SkipThoughtError};

/// An error of a file of vectors.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// The file cannot be read.
    #[error("cannot be read")]
    Read(#[source] std::io::Error),
    /// The file extension is neither `.npy` nor `.safetensors`.
    #[error("the file extension is neither .npy nor .safetensors")]
    Extension,
    /// The file is of another kind.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// The contents do not match the file extension.
    #[error("not a readable file of vectors: {0}")]
    Format(String),
    /// A tensor is missing.
    #[error("missing tensor `{name}`")]
    MissingTensor {
        /// The name of the tensor.
        name: String,
    },
    /// The file contains a tensor that is not used.
    #[error("unexpected tensor `{name}`")]
    UnexpectedTensor {
        /// The name of the tensor.
        name: String,
    },
    /// A tensor has another data type.
    #[error("{name} has data type {found}")]
    Type {
        /// The name of the tensor.
        name: String,
        /// Its data type.
        found: String,
    },
    /// A tensor has another shape.
    #[error("{name} has shape {shape:?}, expected {expected}")]
    Shape {
        /// The name of the tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The expected shape.
        expected: &'static str,
    },
    /// The number of an image or a caption is out of range.
    #[error("row {row} has image {image} and caption {caption}: both are numbered from 1")]
    Number {
        /// The row, from 0.
        row: usize,
        /// The image of the row.
        image: i64,
        /// The caption of the row.
        caption: i64,
    },
    /// A caption has two rows.
    #[error("image {image}, caption {caption} has two vectors")]
    Duplicate {
        /// The image.
        image: u32,
        /// The caption.
        caption: u32,
    },
    /// The vectors are of another data set.
    #[error("the last image of the file is {found}, that of the data set is {images}")]
    Images {
        /// The last image of the file.
        found: u64,
        /// The last image of the data set.
        images: u32,
    },
    /// A caption has no row.
    #[error("image {image}, caption {caption} has no vector")]
    Missing {
        /// The image.
        image: u32,
        /// The caption.
        caption: u32,
    },
    /// A vector has a value that is not finite.
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
    /// No training caption contains a word.
    #[error("no word in {captions} training captions")]
    NoWords {
        /// The number of captions.
        captions: usize,
    },
    /// The dimension of sentence vectors is 0.
    #[error("the dimension of sentence vectors is 0")]
    ZeroDimension,
    /// The length of the inputs or states of a recurrent unit is 0.
    #[error("a recurrent unit has inputs of length {input} and states of length {hidden}")]
    GruLength {
        /// The length of an input.
        input: usize,
        /// The length of a state.
        hidden: usize,
    },
    /// An array of a recurrent unit does not match its shape.
    #[error("`{name}` of a recurrent unit has {found} values, expected shape {shape:?}")]
    GruArray {
        /// The name of the array.
        name: &'static str,
        /// The expected shape.
        shape: Vec<usize>,
        /// The number of values.
        found: usize,
    },
    /// The file of a trained encoder cannot be used.
    #[error("{}: not a file of a text encoder", .path.display())]
    Encoder {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: EncoderFileError,
    },
    /// An encoder was trained with another value of `text.use_eos`.
    #[error("{}: trained with text.use_eos = {trained}, but the settings have {requested}", .path.display())]
    EndOfSentence {
        /// The file.
        path: PathBuf,
        /// The value in training.
        trained: bool,
        /// The value in the settings.
        requested: bool,
    },
    /// The files of a skip-thought encoder cannot be used.
    #[error(transparent)]
    SkipThought(#[from] SkipThoughtError),
    /// A file of vectors cannot be used.
    #[error("{}: cannot be used", .path.display())]
    Vectors {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: VectorsError,
    },
}

impl TextError {
    /// The remedy, if there is one.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            TextError::NoWords { .. } => "a word is a sequence of the letters a–z and the digits 0–9".into(),
            TextError::ZeroDimension => "the dimension is at least 1".into(),
            TextError::GruLength { .. } => "both lengths are at least 1".into(),
            TextError::GruArray { .. } => {
                "the arrays are w [d, 2h], u [h, 2h], b [2h], wx [d, h], ux [h, h] and bx [h]".into()
            }
            TextError::Encoder { source: EncoderFileError::Io(error), .. }
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                MISSING_ENCODER.into()
            }
            TextError::Encoder { source: EncoderFileError::WrongKind(error), .. }
            | TextError::Vectors { source: VectorsError::WrongKind(error), .. } => error.help().into(),
            TextError::Encoder { .. } => {
                "expected an encoder that jem trained: a .safetensors file with `embedding`, `forward.*` and, for a \
                 bidirectional encoder, `backward.*`; train it again, or use another file"
                    .into()
            }
            TextError::EndOfSentence { trained, .. } => format!("set text.use_eos = {trained}"),
            TextError::SkipThought(error) => return error.help().map(str::to_owned),
            TextError::Vectors { source: VectorsError::Missing { .. }, .. } => {
                "every caption that is read needs a vector: image n, and the line of the caption in its file".into()
            }
            TextError::Vectors { .. } => {
                "expected a .npy array of float32 [images, captions, dimension], or a .safetensors file with `vectors` \
                 (float32 [n, dimension]), `image` and `caption` (integers [n], from 1)"
                    .into()
            }
        })
    }
}

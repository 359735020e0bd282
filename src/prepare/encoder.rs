//! The encoder of a cell that makes its sentence vectors itself.

use std::path::Path;

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::{Cache, PrepareError, Selection};
use crate::data::{DataError, DataSet, Digests};
use crate::spec::{Settings, TextSettings};
use crate::text::skip_thought::{
    EncoderFile, SkipThought, SkipThoughtError, Variant, published, published_files, published_length,
};
use crate::text::{SentenceEncoder, TextError, Vectors, words};

/// What turns sentences into vectors.
pub enum TextEncoder {
    /// Bags of words.
    Bag(SentenceEncoder),
    /// A skip-thought encoder, which of its vectors, and whether it reads the end of a sentence.
    SkipThought(Box<SkipThought>, Variant, bool),
}

impl TextEncoder {
    /// The encoder of a cell: of bags of words it is taught by the captions of its training images, as in training.
    /// Whatever is to be fitted must have been ([`resolve`](super::resolve)).
    ///
    /// # Errors
    ///
    /// If the data set or the encoder cannot be read.
    pub fn of(settings: &Settings, cache: &Cache, device: &Device) -> Result<Self, PrepareError> {
        if settings.text.is_skip_thought() {
            return Self::skip_thought(&settings.text, cache, device);
        }
        let set = DataSet::open(&settings.data)?;
        let taught = Selection::new(&set, settings)?.taught(&set)?;
        Self::bag(taught.iter().map(String::as_str), &settings.text)
    }

    /// Bags of the words of `training`, projected.
    pub(super) fn bag<'a>(training: impl Iterator<Item = &'a str>, text: &TextSettings) -> Result<Self, PrepareError> {
        Ok(Self::Bag(SentenceEncoder::fit(training, text.dimension, text.seed)?))
    }

    /// The skip-thought encoder of these settings, from its files.
    pub(super) fn skip_thought(text: &TextSettings, cache: &Cache, device: &Device) -> Result<Self, PrepareError> {
        let (path, variant) = (Path::new(&text.weights), variant(text));
        let encoder = if path.is_dir() {
            let digests = cache.digests();
            let encoder =
                published(path, &cache.folder().join("tables"), variant, device, &|path| sha256(path, &digests))?;
            // What cannot be remembered is hashed again next time.
            let _ = digests.save();
            encoder
        } else {
            let file = EncoderFile::read(path)?;
            if file.use_eos != text.use_eos {
                let (trained, asked) = (file.use_eos, text.use_eos);
                return Err(TextError::EndOfSentence { path: path.to_owned(), trained, asked }.into());
            }
            SkipThought::of_file(file, device)?
        };
        encoder.dimension(variant).map_err(TextError::from)?;
        Ok(Self::SkipThought(Box::new(encoder), variant, text.use_eos))
    }

    /// The vectors of sentences, in order.
    ///
    /// # Errors
    ///
    /// If the encoder has not what its variant needs.
    pub fn encode_all(&self, sentences: &[&str]) -> Result<Vec<Vec<f32>>, PrepareError> {
        match self {
            TextEncoder::Bag(encoder) => Ok(encoder.encode_all(sentences).vectors),
            TextEncoder::SkipThought(encoder, variant, use_eos) => {
                Ok(encoder.encode_all(sentences, *variant, *use_eos).map_err(TextError::from)?.vectors)
            }
        }
    }

    /// The length of a vector.
    pub fn length(&self) -> usize {
        match self {
            TextEncoder::Bag(encoder) => encoder.dimension(),
            TextEncoder::SkipThought(encoder, variant, _) => {
                encoder.dimension(*variant).expect("an encoder without its variant is refused as it is opened")
            }
        }
    }

    /// How many words of `text` it knows, and those that it does not know.
    pub fn unknown_words(&self, text: &str) -> (usize, Vec<String>) {
        let (known, unknown): (Vec<String>, Vec<String>) = match self {
            TextEncoder::Bag(encoder) => {
                let known = |word: &String| encoder.tfidf().vocabulary().binary_search(word).is_ok();
                words(text).into_iter().partition(known)
            }
            TextEncoder::SkipThought(encoder, ..) => {
                encoder.tokeniser().split(text).into_iter().partition(|word| encoder.words().row(word).is_some())
            }
        };
        (known.len(), unknown)
    }
}

/// Which vectors of a skip-thought encoder are taken.
fn variant(text: &TextSettings) -> Variant {
    Variant::ALL.into_iter().find(|variant| variant.as_str() == text.variant).expect("the catalogue lists all variants")
}

/// The length of a sentence vector.
///
/// # Errors
///
/// If vectors or their encoder come from a file that cannot be used.
pub fn sentence_length(text: &TextSettings) -> Result<usize, TextError> {
    match text.encoder.as_str() {
        "vectors" => Ok(Vectors::open(&text.vectors)?.dimension()),
        "skip-thought" if text.is_fitted() => Ok(text.fit.hidden),
        "skip-thought" if Path::new(&text.weights).is_dir() => {
            published_length(Path::new(&text.weights), variant(text))
        }
        "skip-thought" => Ok(EncoderFile::read(Path::new(&text.weights))?.hidden()),
        _ => Ok(text.dimension),
    }
}

/// The hash of the files of a skip-thought encoder that is not trained here.
///
/// # Errors
///
/// If one that is needed cannot be read.
pub(super) fn encoder_print(text: &TextSettings, digests: &Digests) -> Result<String, PrepareError> {
    let path = Path::new(&text.weights);
    if !path.is_dir() {
        return sha256(path, digests);
    }
    let mut hash = Sha256::new();
    for name in published_files(variant(text)) {
        hash.update(name.as_bytes());
        hash.update(digest(&path.join(name), digests)?);
    }
    Ok(hex::encode(hash.finalize()))
}

fn sha256(path: &Path, digests: &Digests) -> Result<String, PrepareError> {
    Ok(hex::encode(digest(path, digests)?))
}

fn digest(path: &Path, digests: &Digests) -> Result<[u8; 32], PrepareError> {
    digests.of(path).map_err(|error| match error {
        DataError::Read { path, source } => TextError::from(SkipThoughtError::Read { path, source }).into(),
        other => PrepareError::from(other),
    })
}

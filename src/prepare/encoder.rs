//! The text encoder of a cell, unless its vectors come from a file.

use std::path::Path;

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::{Cache, PrepareError, Selection};
use crate::data::{DataSet, DigestCache};
use crate::spec::{Settings, TextSettings};
use crate::text::skip_thought::{
    EncoderFile, SkipThought, SkipThoughtError, Variant, open_published, published_dimension, published_files,
};
use crate::text::{SentenceEncoder, TextError, Vectors, words};

/// An encoder of sentences.
pub enum TextEncoder {
    /// Tf-idf vectors of words, projected.
    BagOfWords(SentenceEncoder),
    /// A skip-thought encoder, its variant, and whether it reads an end-of-sentence token.
    SkipThought(Box<SkipThought>, Variant, bool),
}

impl TextEncoder {
    /// The encoder of a cell. A bag-of-words encoder is fitted on the captions of its training images. A fitted encoder
    /// must be in the settings as a file ([`resolve`](super::resolve)).
    ///
    /// # Errors
    ///
    /// If the data set or the encoder cannot be read.
    pub fn load(settings: &Settings, cache: &Cache, device: &Device) -> Result<Self, PrepareError> {
        if settings.text.is_skip_thought() {
            return Self::skip_thought(&settings.text, cache, device);
        }
        let set = DataSet::open(&settings.data)?;
        let captions = Selection::new(&set, settings)?.training_captions(&set)?;
        Self::bag_of_words(captions.iter().map(String::as_str), &settings.text)
    }

    /// A bag-of-words encoder, fitted on the captions `training`.
    pub(super) fn bag_of_words<'a>(
        training: impl Iterator<Item = &'a str>,
        text: &TextSettings,
    ) -> Result<Self, PrepareError> {
        Ok(Self::BagOfWords(SentenceEncoder::fit(training, text.dimension, text.seed)?))
    }

    /// The skip-thought encoder of these settings, from its files.
    pub(super) fn skip_thought(text: &TextSettings, cache: &Cache, device: &Device) -> Result<Self, PrepareError> {
        let (path, variant) = (Path::new(&text.weights), variant(text));
        let encoder = if path.is_dir() {
            let digests = cache.digests();
            let encoder =
                open_published(path, &cache.folder().join("tables"), variant, device, &|path| sha256(path, &digests))?;
            // If the digests cannot be saved, the files are hashed again the next time.
            let _ = digests.save();
            encoder
        } else {
            let file = EncoderFile::read(path)?;
            if file.use_eos != text.use_eos {
                let (trained, requested) = (file.use_eos, text.use_eos);
                return Err(TextError::EndOfSentence { path: path.to_owned(), trained, requested }.into());
            }
            SkipThought::from_file(file, device)?
        };
        encoder.dimension(variant).map_err(TextError::from)?;
        Ok(Self::SkipThought(Box::new(encoder), variant, text.use_eos))
    }

    /// The vectors of sentences, in order.
    ///
    /// # Errors
    ///
    /// If the encoder does not have its variant.
    pub fn encode_all(&self, sentences: &[&str]) -> Result<Vec<Vec<f32>>, PrepareError> {
        match self {
            TextEncoder::BagOfWords(encoder) => Ok(encoder.encode_all(sentences).vectors),
            TextEncoder::SkipThought(encoder, variant, use_eos) => {
                Ok(encoder.encode_all(sentences, *variant, *use_eos).map_err(TextError::from)?.vectors)
            }
        }
    }

    /// The length of a vector.
    pub fn length(&self) -> usize {
        match self {
            TextEncoder::BagOfWords(encoder) => encoder.dimension(),
            TextEncoder::SkipThought(encoder, variant, _) => {
                encoder.dimension(*variant).expect("an encoder without its variant is rejected when it is opened")
            }
        }
    }

    /// The number of words of `text` in its vocabulary, and the words that are not.
    pub fn unknown_words(&self, text: &str) -> (usize, Vec<String>) {
        let (known, unknown): (Vec<String>, Vec<String>) = match self {
            TextEncoder::BagOfWords(encoder) => {
                let known = |word: &String| encoder.tfidf().vocabulary().binary_search(word).is_ok();
                words(text).into_iter().partition(known)
            }
            TextEncoder::SkipThought(encoder, ..) => {
                encoder.tokeniser().split(text).into_iter().partition(|word| encoder.vocabulary().row(word).is_some())
            }
        };
        (known.len(), unknown)
    }
}

/// The variant of a skip-thought encoder.
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
            published_dimension(Path::new(&text.weights), variant(text))
        }
        "skip-thought" => Ok(EncoderFile::read(Path::new(&text.weights))?.hidden()),
        _ => Ok(text.dimension),
    }
}

/// The SHA-256 of the files of a skip-thought encoder that is not fitted by jem.
///
/// # Errors
///
/// If one that is needed cannot be read.
pub(super) fn encoder_files_fingerprint(text: &TextSettings, digests: &DigestCache) -> Result<String, PrepareError> {
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

fn sha256(path: &Path, digests: &DigestCache) -> Result<String, PrepareError> {
    Ok(hex::encode(digest(path, digests)?))
}

fn digest(path: &Path, digests: &DigestCache) -> Result<[u8; 32], PrepareError> {
    Ok(digests.sha256(path).map_err(|error| TextError::from(SkipThoughtError::from(error)))?)
}

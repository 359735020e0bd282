//! Captions as vectors.

use std::sync::OnceLock;

use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::held_out::digest_of;
use super::maker::Maker;
use super::{Array, PrepareError, Selection, Stage};
use crate::data::DataSet;
use crate::spec::{Settings, TextSettings};
use crate::text::{SentenceEncoder, TextError, Vectors, words};

/// Captions that are encoded together.
const TOGETHER: usize = 2048;

/// A caption: its image, its line in the image's file, and what it says.
pub(super) type Line<'a> = (u32, u32, &'a str);

/// The length of a sentence vector.
///
/// # Errors
///
/// If vectors come from a file that cannot be used.
pub fn sentence_length(text: &TextSettings) -> Result<usize, TextError> {
    match text.encoder.as_str() {
        "vectors" => Ok(Vectors::open(&text.vectors)?.dimension()),
        _ => Ok(text.dimension),
    }
}

/// The encoder of a cell that makes its own vectors: as in training, the captions of its training images teach it.
///
/// # Errors
///
/// If the data set cannot be read.
pub fn sentence_encoder(settings: &Settings) -> Result<SentenceEncoder, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let (captions, _) = set.captions(&Selection::new(&set, settings)?.train)?;
    let training = captions.values().flatten().map(|caption| caption.text.as_str());
    Ok(SentenceEncoder::fit(training, settings.text.dimension, settings.text.seed)?)
}

/// How many words of `text` the encoder knows, and those that it does not know.
pub fn unknown_words(encoder: &SentenceEncoder, text: &str) -> (usize, Vec<String>) {
    let known = |word: &String| encoder.tfidf().vocabulary().binary_search(word).is_ok();
    let (known, unknown): (Vec<String>, Vec<String>) = words(text).into_iter().partition(known);
    (known.len(), unknown)
}

/// The first caption of each of these images of the cell's data set, and its vector, as training has it.
///
/// # Errors
///
/// If the data set or a file of vectors cannot be read.
pub fn caption_vectors(settings: &Settings, images: &[u32]) -> Result<Vec<(String, Vec<f32>)>, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let (captions, _) = set.captions(images)?;
    let firsts = images.iter().map(|id| (*id, &captions[id][0]));
    if settings.text.encoder == "vectors" {
        let vectors = Vectors::open(&settings.text.vectors)?;
        vectors.of_set(*set.ids().end())?;
        return firsts.map(|(id, first)| Ok((first.text.clone(), vectors.of(id, first.line)?))).collect();
    }
    let encoder = sentence_encoder(settings)?;
    Ok(firsts.map(|(_, first)| (first.text.clone(), encoder.encode(&first.text))).collect())
}

impl Maker<'_> {
    /// `f32 [captions, length]`: vectors of `lines`, of which the first `fitted` are training captions. Where jem makes
    /// the vectors itself, they teach the encoder its words.
    pub fn sentences(&self, lines: &[Line], fitted: usize) -> Result<Array, PrepareError> {
        match self.settings.text.encoder.as_str() {
            "vectors" => self.given(lines),
            _ => self.encoded(lines, fitted),
        }
    }

    fn encoded(&self, lines: &[Line], fitted: usize) -> Result<Array, PrepareError> {
        let text = &self.settings.text;
        let key = format!("sentences/2 {} {} {} {fitted} {}", text.encoder, text.dimension, text.seed, self.data);
        let encoder = OnceLock::new();
        self.rows(Stage::Sentences, spec(key, lines.len(), text.dimension), |rows| {
            if encoder.get().is_none() {
                let training = lines[..fitted].iter().map(|(.., says)| *says);
                let _ = encoder.set(SentenceEncoder::fit(training, text.dimension, text.seed)?);
            }
            let encoder: &SentenceEncoder = encoder.get().expect("it was just fitted");
            let captions: Vec<&str> = lines[rows].iter().map(|(.., says)| *says).collect();
            Ok(bytes_of(&encoder.encode_all(&captions).vectors))
        })
    }

    /// `f32 [lines, length]`: vectors of `lines` by the encoder that `training` taught its words.
    pub fn encoded_lines(&self, lines: &[&str], training: &[&str]) -> Result<Array, PrepareError> {
        let text = &self.settings.text;
        let (of, taught) = (digest_of(lines), digest_of(training));
        let key = format!("lines/1 {} {} {} {taught} {of}", text.encoder, text.dimension, text.seed);
        self.rows(Stage::Sentences, spec(key, lines.len(), text.dimension), |rows| {
            let encoder = SentenceEncoder::fit(training.iter().copied(), text.dimension, text.seed)?;
            Ok(bytes_of(&encoder.encode_all(&lines[rows]).vectors))
        })
    }

    fn given(&self, lines: &[Line]) -> Result<Array, PrepareError> {
        let vectors = Vectors::open(&self.settings.text.vectors)?;
        vectors.of_set(*self.set.ids().end())?;
        let print = self.prints.get("text.vectors").expect("a file of vectors is fingerprinted with the data");
        let key = format!("sentences/2 vectors {print} {}", self.data);
        self.rows(Stage::Sentences, spec(key, lines.len(), vectors.dimension()), |rows| {
            let found = lines[rows].iter().map(|&(image, line, _)| vectors.of(image, line));
            Ok(bytes_of(&found.collect::<Result<Vec<_>, _>>()?))
        })
    }
}

fn spec(key: String, captions: usize, length: usize) -> ArraySpec {
    ArraySpec { key, dtype: Dtype::F32, shape: vec![captions, length], chunk: TOGETHER }
}

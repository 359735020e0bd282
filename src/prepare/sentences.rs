//! Sentence vectors of captions.

use std::sync::OnceLock;

use burn::tensor::Device;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::builder::{ArrayBuilder, Context};
use super::captions::{CaptionLine, hash_lines};
use super::encoder::{TextEncoder, sentence_length};
use super::{Array, Cache, PrepareError, Stage};
use crate::data::DataSet;
use crate::spec::Settings;
use crate::text::Vectors;

/// Captions of a chunk.
const CHUNK: usize = 2048;

/// The first caption of each of these images of the cell's data set, and its vector, as in training.
///
/// # Errors
///
/// If the data set or a file of vectors cannot be read.
pub fn caption_vectors(
    settings: &Settings,
    images: &[u32],
    cache: &Cache,
    device: &Device,
) -> Result<Vec<(String, Vec<f32>)>, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let (captions, _) = set.captions(images)?;
    let firsts = images.iter().map(|id| (*id, &captions[id][0]));
    if settings.text.encoder == "vectors" {
        let vectors = Vectors::open(&settings.text.vectors)?;
        vectors.check_images(*set.ids().end())?;
        return firsts.map(|(id, first)| Ok((first.text.clone(), vectors.get(id, first.line)?))).collect();
    }
    let texts: Vec<&str> = firsts.map(|(_, first)| first.text.as_str()).collect();
    let vectors = TextEncoder::load(settings, cache, device)?.encode_all(&texts)?;
    Ok(texts.into_iter().map(str::to_owned).zip(vectors).collect())
}

impl ArrayBuilder<'_> {
    /// `f32 [lines, length]`: the vectors of the captions of this builder's images. The first `training` lines are
    /// training captions; they fit a bag-of-words encoder.
    pub fn image_sentences(&self, lines: &[CaptionLine], training: usize) -> Result<Array, PrepareError> {
        let text = &self.context.settings.text;
        match text.encoder.as_str() {
            "vectors" => return self.stored_sentences(lines),
            "skip-thought" => return self.skip_thought_sentences(&texts(lines)),
            _ => {}
        }
        let key = format!("sentences/2 {} {} {} {training} {}", text.encoder, text.dimension, text.seed, self.data);
        let encoder = OnceLock::new();
        self.context.array(Stage::Sentences, spec(key, lines.len(), text.dimension), |rows| {
            if encoder.get().is_none() {
                let _ = encoder.set(TextEncoder::bag_of_words(texts(&lines[..training]).into_iter(), text)?);
            }
            let encoder: &TextEncoder = encoder.get().expect("it was just fitted");
            Ok(bytes_of(&encoder.encode_all(&texts(&lines[rows]))?))
        })
    }

    /// `f32 [lines, length]`: the vectors of captions by an encoder that is fitted on the texts `training`, if it is a
    /// bag-of-words encoder.
    pub fn sentences(&self, lines: &[CaptionLine], training: &[&str]) -> Result<Array, PrepareError> {
        match self.context.settings.text.encoder.as_str() {
            "vectors" => self.stored_sentences(lines),
            _ => self.text_sentences(&texts(lines), training),
        }
    }

    /// [`ArrayBuilder::sentences`] of texts that need not be captions of the data set. The encoder must not be
    /// `vectors`.
    pub fn text_sentences(&self, lines: &[&str], training: &[&str]) -> Result<Array, PrepareError> {
        let text = &self.context.settings.text;
        if text.is_skip_thought() {
            return self.skip_thought_sentences(lines);
        }
        let (of, fitted_on) = (hash_lines(lines), hash_lines(training));
        let key = format!("lines/1 {} {} {} {fitted_on} {of}", text.encoder, text.dimension, text.seed);
        self.context.array(Stage::Sentences, spec(key, lines.len(), text.dimension), |rows| {
            let encoder = TextEncoder::bag_of_words(training.iter().copied(), text)?;
            Ok(bytes_of(&encoder.encode_all(&lines[rows])?))
        })
    }

    /// The vectors of `lines` by a skip-thought encoder. The vector of a line does not depend on the other lines.
    fn skip_thought_sentences(&self, lines: &[&str]) -> Result<Array, PrepareError> {
        let Context { settings, cache, device, .. } = self.context;
        let text = &settings.text;
        let print = self.prints.get("text.weights").expect("the encoder is fingerprinted with the data");
        let of = hash_lines(lines);
        let key = format!("read/1 {} {} {print} {of} on {device:?}", text.variant, text.use_eos);
        let encoder = OnceLock::new();
        self.context.array(Stage::Sentences, spec(key, lines.len(), sentence_length(text)?), |rows| {
            if encoder.get().is_none() {
                let _ = encoder.set(TextEncoder::skip_thought(text, cache, device)?);
            }
            let encoder: &TextEncoder = encoder.get().expect("it was just read");
            Ok(bytes_of(&encoder.encode_all(&lines[rows])?))
        })
    }

    /// The vectors of `lines` from the file `text.vectors`.
    fn stored_sentences(&self, lines: &[CaptionLine]) -> Result<Array, PrepareError> {
        let Context { settings, set, .. } = self.context;
        let vectors = Vectors::open(&settings.text.vectors)?;
        vectors.check_images(*set.ids().end())?;
        let print = self.prints.get("text.vectors").expect("a file of vectors is fingerprinted with the data");
        let key = format!("sentences/2 vectors {print} {}", self.data);
        self.context.array(Stage::Sentences, spec(key, lines.len(), vectors.dimension()), |rows| {
            let found = lines[rows].iter().map(|&(image, line, _)| vectors.get(image, line));
            Ok(bytes_of(&found.collect::<Result<Vec<_>, _>>()?))
        })
    }
}

fn texts<'a>(lines: &[CaptionLine<'a>]) -> Vec<&'a str> {
    lines.iter().map(|(.., text)| *text).collect()
}

fn spec(key: String, captions: usize, length: usize) -> ArraySpec {
    ArraySpec { key, dtype: Dtype::F32, shape: vec![captions, length], chunk: CHUNK }
}

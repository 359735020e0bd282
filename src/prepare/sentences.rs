//! Captions as vectors.

use std::sync::OnceLock;

use burn::tensor::Device;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::encoder::{TextEncoder, sentence_length};
use super::held_out::digest_of;
use super::maker::Maker;
use super::{Array, Cache, PrepareError, Stage};
use crate::data::DataSet;
use crate::spec::Settings;
use crate::text::Vectors;

/// Captions that are encoded together.
const TOGETHER: usize = 2048;

/// A caption: its image, its line in the image's file, and what it says.
pub(super) type Line<'a> = (u32, u32, &'a str);

/// The first caption of each of these images of the cell's data set, and its vector, as training has it.
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
        vectors.of_set(*set.ids().end())?;
        return firsts.map(|(id, first)| Ok((first.text.clone(), vectors.of(id, first.line)?))).collect();
    }
    let texts: Vec<&str> = firsts.map(|(_, first)| first.text.as_str()).collect();
    let vectors = TextEncoder::of(settings, cache, device)?.encode_all(&texts)?;
    Ok(texts.into_iter().map(str::to_owned).zip(vectors).collect())
}

impl Maker<'_> {
    /// `f32 [captions, length]`: vectors of `lines`, of which the first `fitted` are training captions. Where jem makes
    /// the vectors itself, they teach the encoder its words.
    pub fn sentences(&self, lines: &[Line], fitted: usize, device: &Device) -> Result<Array, PrepareError> {
        match self.settings.text.encoder.as_str() {
            "vectors" => self.given(lines),
            "skip-thought" => self.read(&lines.iter().map(|(.., says)| *says).collect::<Vec<_>>(), device),
            _ => self.encoded(lines, fitted),
        }
    }

    fn encoded(&self, lines: &[Line], fitted: usize) -> Result<Array, PrepareError> {
        let text = &self.settings.text;
        let key = format!("sentences/2 {} {} {} {fitted} {}", text.encoder, text.dimension, text.seed, self.data);
        let encoder = OnceLock::new();
        self.rows(Stage::Sentences, spec(key, lines.len(), text.dimension), |rows| {
            if encoder.get().is_none() {
                let _ = encoder.set(TextEncoder::bag(lines[..fitted].iter().map(|(.., says)| *says), text)?);
            }
            let encoder: &TextEncoder = encoder.get().expect("it was just fitted");
            let captions: Vec<&str> = lines[rows].iter().map(|(.., says)| *says).collect();
            Ok(bytes_of(&encoder.encode_all(&captions)?))
        })
    }

    /// Vectors of `lines` by a skip-thought encoder. They are a caption's own, whatever else is encoded beside it.
    fn read(&self, lines: &[&str], device: &Device) -> Result<Array, PrepareError> {
        let text = &self.settings.text;
        let print = self.prints.get("text.weights").expect("an encoder is fingerprinted with the data");
        let of = digest_of(lines);
        let key = format!("read/1 {} {} {print} {of} on {device:?}", text.variant, text.use_eos);
        let encoder = OnceLock::new();
        self.rows(Stage::Sentences, spec(key, lines.len(), sentence_length(text)?), |rows| {
            if encoder.get().is_none() {
                let _ = encoder.set(TextEncoder::skip_thought(text, self.cache, device)?);
            }
            let encoder: &TextEncoder = encoder.get().expect("it was just read");
            Ok(bytes_of(&encoder.encode_all(&lines[rows])?))
        })
    }

    /// `f32 [lines, length]`: vectors of `lines` by the encoder that `training` taught its words.
    pub fn encoded_lines(&self, lines: &[&str], training: &[&str], device: &Device) -> Result<Array, PrepareError> {
        let text = &self.settings.text;
        if text.is_skip_thought() {
            return self.read(lines, device);
        }
        let (of, taught) = (digest_of(lines), digest_of(training));
        let key = format!("lines/1 {} {} {} {taught} {of}", text.encoder, text.dimension, text.seed);
        self.rows(Stage::Sentences, spec(key, lines.len(), text.dimension), |rows| {
            let encoder = TextEncoder::bag(training.iter().copied(), text)?;
            Ok(bytes_of(&encoder.encode_all(&lines[rows])?))
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

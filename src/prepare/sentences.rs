//! Captions as vectors.

use std::sync::OnceLock;

use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::maker::Maker;
use super::{Array, PrepareError, Stage};
use crate::spec::TextSettings;
use crate::text::{SentenceEncoder, TextError, Vectors};

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

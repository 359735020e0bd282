//! The tf-idf encoder of captions.

use super::error::TextError;
use super::projection::Projection;
use super::tfidf::TfIdf;
use rayon::prelude::*;

/// The sentence vectors of some captions.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// The vector of each caption, in order.
    pub vectors: Vec<Vec<f32>>,
    /// The number of captions without a known word.
    pub unknown: usize,
}

/// An encoder that projects tf-idf rows with a random projection.
#[derive(Clone, Debug, PartialEq)]
pub struct SentenceEncoder {
    tfidf: TfIdf,
    projection: Projection,
}

impl SentenceEncoder {
    /// Fits the vocabulary on captions, and draws a projection with `seed`.
    ///
    /// # Errors
    ///
    /// If no caption contains a word, or the dimension is 0.
    pub fn fit<'a>(
        captions: impl IntoIterator<Item = &'a str>,
        dimension: usize,
        seed: u64,
    ) -> Result<Self, TextError> {
        let tfidf = TfIdf::fit(captions)?;
        let projection = Projection::draw(&tfidf, dimension, seed)?;
        Ok(Self { tfidf, projection })
    }

    /// The fitted vocabulary and weights.
    pub fn tfidf(&self) -> &TfIdf {
        &self.tfidf
    }

    /// The dimension of the sentence vectors.
    pub fn dimension(&self) -> usize {
        self.projection.dimension()
    }

    /// The vector of a caption. It is 0 if no word of the caption is known.
    pub fn encode(&self, caption: &str) -> Vec<f32> {
        self.projection.project(&self.tfidf.row(caption))
    }

    /// The vectors of captions, and the number of captions without a known word.
    pub fn encode_all<S: AsRef<str> + Sync>(&self, captions: &[S]) -> Encoded {
        let rows: Vec<_> = captions.par_iter().map(|caption| self.tfidf.row(caption.as_ref())).collect();
        let vectors = rows.par_iter().map(|row| self.projection.project(row)).collect();
        Encoded { vectors, unknown: rows.iter().filter(|row| row.is_empty()).count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_the_projected_row() {
        let encoder = SentenceEncoder::fit(["a red flower", "a blue one"], 8, 5).unwrap();
        let row = encoder.tfidf().row("red and blue");
        assert_eq!(row.len(), 2);
        assert_eq!(encoder.encode("red and blue"), encoder.projection.project(&row));
        assert_eq!(encoder.encode("red and blue").len(), encoder.dimension());
    }

    #[test]
    fn vectors_of_captions_without_a_known_word_are_zero() {
        let encoder = SentenceEncoder::fit(["a red flower"], 4, 5).unwrap();
        let encoded = encoder.encode_all(&["red", "", "blue petals"]);
        assert_eq!(encoded.unknown, 2);
        assert_eq!(encoded.vectors[0], encoder.encode("red"));
        assert_ne!(encoded.vectors[0], [0.0; 4]);
        assert_eq!(encoded.vectors[1..], [[0.0; 4], [0.0; 4]]);
    }
}

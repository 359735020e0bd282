//! Random projection of sparse rows.

use super::error::TextError;
use super::tfidf::TfIdf;
use crate::random::Random;
use rayon::prelude::*;

/// A Gaussian random projection: one vector for each word of a vocabulary.
///
/// The entries are N(0, 1) / √dimension, which preserves lengths and angles on average (Johnson & Lindenstrauss). The
/// vector of a word depends on the seed and the word alone, not on the rest of the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    dimension: usize,
    /// The vectors of the columns, `[columns, dimension]`, row-major.
    vectors: Vec<f32>,
}

impl Projection {
    /// Draws the vectors of the words of a vocabulary.
    ///
    /// # Errors
    ///
    /// If the dimension is 0.
    pub fn draw(tfidf: &TfIdf, dimension: usize, seed: u64) -> Result<Self, TextError> {
        if dimension == 0 {
            return Err(TextError::ZeroDimension);
        }
        let scale = 1.0 / (dimension as f32).sqrt();
        let mut vectors = vec![0.0; dimension * tfidf.vocabulary().len()];
        vectors.par_chunks_mut(dimension).zip(tfidf.vocabulary()).for_each(|(vector, word)| {
            let mut random = Random::named(seed, &format!("tfidf/{word}"));
            vector.fill_with(|| random.normal() * scale);
        });
        Ok(Self { dimension, vectors })
    }

    /// The dimension of a projected row.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The vector of a column.
    ///
    /// # Panics
    ///
    /// If the vocabulary of the projection has no such column.
    pub fn vector(&self, column: usize) -> &[f32] {
        &self.vectors[column * self.dimension..][..self.dimension]
    }

    /// Projects a sparse row, in double precision. The projection of the empty row is 0.
    ///
    /// # Panics
    ///
    /// If the vocabulary of the projection has no such column.
    pub fn project(&self, row: &[(usize, f64)]) -> Vec<f32> {
        let mut sum = vec![0.0f64; self.dimension];
        for &(column, weight) in row {
            for (sum, &entry) in sum.iter_mut().zip(self.vector(column)) {
                *sum += weight * f64::from(entry);
            }
        }
        sum.into_iter().map(|entry| entry as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projected_row_is_the_weighted_sum_of_word_vectors() {
        let projection = Projection { dimension: 2, vectors: vec![1.0, 2.0, -3.0, 0.5, 8.0, 8.0] };
        // 0.5 · (1, 2) + 2 · (−3, 0.5)
        assert_eq!(projection.project(&[(0, 0.5), (1, 2.0)]), [-5.5, 2.0]);
        assert_eq!(projection.project(&[]), [0.0, 0.0]);
    }

    #[test]
    fn the_vector_of_a_word_does_not_depend_on_the_vocabulary() {
        let (small, large) = (TfIdf::fit(["red"]).unwrap(), TfIdf::fit(["a blue flower", "red"]).unwrap());
        let draw = |tfidf, seed| Projection::draw(tfidf, 16, seed).unwrap();
        let red = large.vocabulary().iter().position(|word| word == "red").unwrap();
        assert_eq!(draw(&small, 1).vector(0), draw(&large, 1).vector(red));
        assert_ne!(draw(&small, 1).vector(0), draw(&large, 1).vector(0));
        assert_ne!(draw(&small, 1), draw(&small, 2));
    }

    #[test]
    fn lengths_and_right_angles_are_preserved_on_average() {
        let tfidf = TfIdf::fit(["red", "blue"]).unwrap();
        let projection = Projection::draw(&tfidf, 10_000, 3).unwrap();
        let dot = |a: usize, b: usize| {
            projection.vector(a).iter().zip(projection.vector(b)).map(|(a, b)| f64::from(a * b)).sum::<f64>()
        };
        // The tolerance is four standard deviations: √(2 / 10,000) = 0.014 and 0.01.
        assert!((dot(0, 0) - 1.0).abs() < 0.06 && (dot(1, 1) - 1.0).abs() < 0.06);
        assert!(dot(0, 1).abs() < 0.04);
    }

    #[test]
    fn dimension_0_is_an_error() {
        let tfidf = TfIdf::fit(["red"]).unwrap();
        assert!(matches!(Projection::draw(&tfidf, 0, 1), Err(TextError::ZeroDimension)));
    }
}

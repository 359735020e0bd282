//! A random projection of sparse rows.

use super::error::TextError;
use super::tfidf::TfIdf;
use crate::random::Random;
use rayon::prelude::*;

/// A Gaussian random projection: one vector per word of a vocabulary.
///
/// Entries are N(0, 1) / √dimension, so that lengths and angles are kept on average (Johnson & Lindenstrauss). A
/// word's vector is drawn by the seed and the word alone: another vocabulary does not change it.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    dimension: usize,
    /// One vector of `dimension` entries for each column, end to end.
    vectors: Vec<f32>,
}

impl Projection {
    /// Draws the vectors of a vocabulary.
    ///
    /// # Errors
    ///
    /// If the dimension is 0.
    pub fn draw(tfidf: &TfIdf, dimension: usize, seed: u64) -> Result<Self, TextError> {
        if dimension == 0 {
            return Err(TextError::NoDimension);
        }
        let scale = 1.0 / (dimension as f32).sqrt();
        let mut vectors = vec![0.0; dimension * tfidf.vocabulary().len()];
        vectors.par_chunks_mut(dimension).zip(tfidf.vocabulary()).for_each(|(vector, word)| {
            let mut random = Random::named(seed, &format!("tfidf/{word}"));
            vector.fill_with(|| random.normal() * scale);
        });
        Ok(Self { dimension, vectors })
    }

    /// The number of entries of a projected row.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The vector of a column.
    ///
    /// # Panics
    ///
    /// If the vocabulary it was drawn for has no such column.
    pub fn vector(&self, column: usize) -> &[f32] {
        &self.vectors[column * self.dimension..][..self.dimension]
    }

    /// The projection of a sparse row, summed in double precision; the empty row gives zeros.
    ///
    /// # Panics
    ///
    /// If the vocabulary it was drawn for has no such column.
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
    fn a_row_is_projected_to_the_weighted_sum_of_its_words() {
        let projection = Projection { dimension: 2, vectors: vec![1.0, 2.0, -3.0, 0.5, 8.0, 8.0] };
        // 0.5 · (1, 2) + 2 · (−3, 0.5)
        assert_eq!(projection.project(&[(0, 0.5), (1, 2.0)]), [-5.5, 2.0]);
        assert_eq!(projection.project(&[]), [0.0, 0.0]);
    }

    #[test]
    fn a_word_keeps_its_vector_in_another_vocabulary() {
        let (small, large) = (TfIdf::fit(["red"]).unwrap(), TfIdf::fit(["a blue flower", "red"]).unwrap());
        let draw = |tfidf, seed| Projection::draw(tfidf, 16, seed).unwrap();
        let red = large.vocabulary().iter().position(|word| word == "red").unwrap();
        assert_eq!(draw(&small, 1).vector(0), draw(&large, 1).vector(red));
        assert_ne!(draw(&small, 1).vector(0), draw(&large, 1).vector(0));
        assert_ne!(draw(&small, 1), draw(&small, 2));
    }

    #[test]
    fn lengths_and_right_angles_are_kept_on_average() {
        let tfidf = TfIdf::fit(["red", "blue"]).unwrap();
        let projection = Projection::draw(&tfidf, 10_000, 3).unwrap();
        let dot = |a: usize, b: usize| {
            projection.vector(a).iter().zip(projection.vector(b)).map(|(a, b)| f64::from(a * b)).sum::<f64>()
        };
        // Standard deviations are √(2 / 10,000) = 0.014 and 0.01; four of them.
        assert!((dot(0, 0) - 1.0).abs() < 0.06 && (dot(1, 1) - 1.0).abs() < 0.06);
        assert!(dot(0, 1).abs() < 0.04);
    }

    #[test]
    fn no_dimension_is_an_error() {
        let tfidf = TfIdf::fit(["red"]).unwrap();
        assert!(matches!(Projection::draw(&tfidf, 0, 1), Err(TextError::NoDimension)));
    }
}

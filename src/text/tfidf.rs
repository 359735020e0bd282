//! Term frequency times inverse document frequency.

use super::error::TextError;
use std::collections::{BTreeMap, BTreeSet};

/// The words of a caption in lower case: maximal sequences of the letters a–z and the digits 0–9.
pub fn words(caption: &str) -> Vec<String> {
    let lower = caption.to_lowercase();
    let runs = lower.split(|letter: char| !(letter.is_ascii_lowercase() || letter.is_ascii_digit()));
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

/// A fitted vocabulary with inverse document frequencies.
///
/// The formulas are those of scikit-learn's `TfidfVectorizer(smooth_idf=True, norm="l2")`. For n captions, df of which
/// contain a word, idf = ln((1 + n) / (1 + df)) + 1. A row has count · idf for each word, divided by its Euclidean
/// length.
#[derive(Clone, Debug, PartialEq)]
pub struct TfIdf {
    vocabulary: Vec<String>,
    idf: Vec<f64>,
}

impl TfIdf {
    /// Computes the vocabulary and the weights from captions, whose order does not matter.
    ///
    /// # Errors
    ///
    /// If no caption contains a word.
    pub fn fit<'a>(captions: impl IntoIterator<Item = &'a str>) -> Result<Self, TextError> {
        let (mut frequencies, mut total) = (BTreeMap::<String, usize>::new(), 0);
        for caption in captions {
            total += 1;
            for word in words(caption).into_iter().collect::<BTreeSet<_>>() {
                *frequencies.entry(word).or_default() += 1;
            }
        }
        if frequencies.is_empty() {
            return Err(TextError::NoWords { captions: total });
        }
        let idf = |&count: &usize| ((1 + total) as f64 / (1 + count) as f64).ln() + 1.0;
        Ok(Self { idf: frequencies.values().map(idf).collect(), vocabulary: frequencies.into_keys().collect() })
    }

    /// The words in byte order. The index of a word is its column.
    pub fn vocabulary(&self) -> &[String] {
        &self.vocabulary
    }

    /// The inverse document frequency of each column, at least 1.
    pub fn idf(&self) -> &[f64] {
        &self.idf
    }

    /// The row of a caption as (column, weight) in ascending order of columns, with Euclidean length 1. Unknown words
    /// are ignored; the row of a caption without a known word is empty.
    pub fn row(&self, caption: &str) -> Vec<(usize, f64)> {
        let mut row = BTreeMap::<usize, f64>::new();
        for word in words(caption) {
            if let Ok(column) = self.vocabulary.binary_search(&word) {
                *row.entry(column).or_default() += self.idf[column];
            }
        }
        let length = row.values().map(|weight| weight * weight).sum::<f64>().sqrt();
        row.into_iter().map(|(column, weight)| (column, weight / length)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by `tests/reference/measures.py` with scikit-learn.
    const REFERENCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/measures.json"));

    #[test]
    fn words_are_sequences_of_letters_and_digits_in_lower_case() {
        assert_eq!(words("A 5-petalled, PINK flower's é!"), ["a", "5", "petalled", "pink", "flower", "s"]);
        assert!(words(" —! ").is_empty());
    }

    #[test]
    fn rare_words_have_higher_weights() {
        let fitted = TfIdf::fit(["red flower", "blue flower", "Flower flower"]).unwrap();
        assert_eq!(fitted.vocabulary(), ["blue", "flower", "red"]);
        // ln(4 / 2) + 1 = 1.693147, ln(4 / 4) + 1 = 1.
        let expected = [1.693_147_180_559_945_3, 1.0, 1.693_147_180_559_945_3];
        assert!(fitted.idf().iter().zip(expected).all(|(idf, expected)| (idf - expected).abs() < 1e-15));
        // red once, flower twice: (1.693147, 2) / √(1.693147² + 4) = (1.693147, 2) / 2.620448.
        let row = fitted.row("flower, red flower of");
        assert_eq!(row.iter().map(|entry| entry.0).collect::<Vec<_>>(), [1, 2]);
        assert!((row[0].1 - 0.763_228).abs() < 1e-6 && (row[1].1 - 0.646_129).abs() < 1e-6, "{row:?}");
    }

    #[test]
    fn a_row_without_known_words_is_empty() {
        assert!(TfIdf::fit(["red"]).unwrap().row("a blue one").is_empty());
    }

    #[test]
    fn captions_without_words_are_an_error() {
        let error = TfIdf::fit(["", "!"]).unwrap_err();
        assert_eq!(error.to_string(), "no word in 2 training captions");
    }

    #[test]
    fn rows_equal_scikit_learn() {
        let reference: serde_json::Value = serde_json::from_str(REFERENCE).unwrap();
        let reference = &reference["tfidf"];
        let captions: Vec<String> = serde_json::from_value(reference["captions"].clone()).unwrap();
        let vocabulary: Vec<String> = serde_json::from_value(reference["vocabulary"].clone()).unwrap();
        let idf: Vec<f64> = serde_json::from_value(reference["idf"].clone()).unwrap();
        let matrix: Vec<Vec<f64>> = serde_json::from_value(reference["matrix"].clone()).unwrap();
        let fitted = TfIdf::fit(captions.iter().map(String::as_str)).unwrap();
        assert_eq!(fitted.vocabulary(), vocabulary);
        assert!(fitted.idf().iter().zip(&idf).all(|(a, b)| (a - b).abs() < 1e-14));
        for (caption, expected) in captions.iter().zip(&matrix) {
            let mut row = vec![0.0; vocabulary.len()];
            for (column, weight) in fitted.row(caption) {
                row[column] = weight;
            }
            assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{caption}: {row:?}");
        }
    }
}

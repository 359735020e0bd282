//! Vocabulary expansion: words of other word vectors are added to an encoder.

use std::collections::HashSet;

use super::digest::sha256;
use super::encoder_file::EncoderFile;
use super::error::SkipThoughtError;
use super::solve::least_squares;
use super::vector_file::VectorFile;
use super::vocabulary::Vocabulary;

/// The result of a vocabulary expansion.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// The number of words that the encoder and the vectors share. The linear map is fitted on them.
    pub shared: usize,
    /// The number of added words.
    pub added: usize,
    /// The rank of the shared words' vectors, at most [`VectorFile::dimension`].
    pub rank: usize,
    /// The condition number: the largest singular value divided by the smallest one that is not 0.
    pub condition: f64,
    /// The fraction of the variance of the shared words' vectors in the encoder that the map does not explain.
    pub unexplained: f64,
}

/// Adds those words of `vectors` to an encoder that are missing in it and for which `keep` is true. A least-squares
/// affine map, fitted on the shared words, maps the vectors to the word space of the encoder (Kiros et al. 2015, §2.2).
/// As in the published code, the map has an intercept, and words with an underscore, which are phrases of word2vec, are
/// skipped. The rows of existing words do not change. All added vectors are in memory, so `keep` should select the
/// words that are needed.
///
/// # Errors
///
/// If the vectors cannot be read, or the number of shared words is not larger than the dimension of the vectors.
pub fn expand(
    encoder: &EncoderFile,
    vectors: &VectorFile,
    keep: &dyn Fn(&str) -> bool,
) -> Result<(EncoderFile, Expansion), SkipThoughtError> {
    let vocabulary = Vocabulary::new(&encoder.words)?;
    let (mut inputs, mut outputs, mut shared_rows) = (Vec::new(), Vec::new(), HashSet::new());
    let dimension = encoder.dimension;
    vectors.for_each(&mut |word, vector| {
        let row = vocabulary.row(word).filter(|&row| ![vocabulary.eos(), vocabulary.unknown()].contains(&row));
        if let Some(row) = row.filter(|&row| shared_rows.insert(row)) {
            inputs.extend(vector.iter().map(|&value| f64::from(value)));
            outputs.extend(encoder.embedding[row * dimension..][..dimension].iter().map(|&value| f64::from(value)));
        }
    })?;
    let shared = shared_rows.len();
    let too_few = || SkipThoughtError::Shared { path: vectors.path().into(), shared, dimension: vectors.dimension() };
    if shared <= vectors.dimension() {
        return Err(too_few());
    }
    let map = least_squares(&inputs, &outputs, shared).ok_or_else(too_few)?;
    let mut expanded = EncoderFile { sha256: String::new(), ..encoder.clone() };
    let mut added = HashSet::new();
    vectors.for_each(&mut |word, vector| {
        let is_new = !word.is_empty() && !word.contains('_') && vocabulary.row(word).is_none();
        if is_new && keep(word) && added.insert(word.to_owned()) {
            expanded.words.push(word.to_owned());
            expanded.embedding.extend(map.apply(vector));
        }
    })?;
    let source = sha256(vectors.path())?;
    expanded.about = format!("{}; {} words added by vectors {source}", encoder.about, added.len());
    let (rank, condition, unexplained) = (map.rank, map.condition, map.unexplained);
    Ok((expanded, Expansion { shared, added: added.len(), rank, condition, unexplained }))
}

#[cfg(test)]
mod tests;

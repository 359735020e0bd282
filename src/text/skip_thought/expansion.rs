//! Words that an encoder was not trained on, from vectors that others were trained on.

use std::collections::HashSet;

use super::digest::sha256;
use super::encoder_file::EncoderFile;
use super::error::SkipThoughtError;
use super::solve::least_squares;
use super::vector_file::VectorFile;
use super::words::Words;

/// How an encoder was given more words.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// How many words the encoder and the vectors share: the map was fitted on them.
    pub shared: usize,
    /// How many words were added.
    pub added: usize,
    /// How many directions of the vectors the shared words tell apart, of [`VectorFile::dimension`].
    pub rank: usize,
    /// The largest over the smallest singular value of those directions.
    pub condition: f64,
    /// The share of the shared words' variance in the encoder's space that the map leaves unexplained.
    pub unexplained: f64,
}

/// Adds to an encoder the words of `vectors` that it has not, and `keep` lets through: their vectors are taken to the
/// encoder's word space by the affine map of least squares over the words that both have (Kiros et al. 2015, §2.2; like their
/// code, with an intercept, and without words that hold an underscore, which word2vec puts into phrases). The words that
/// the encoder had keep their rows. Word vectors are kept in memory: let through what will be read.
///
/// # Errors
///
/// If the vectors cannot be read, or the shared words are not more than a vector has numbers.
pub fn expand(
    encoder: &EncoderFile,
    vectors: &VectorFile,
    keep: &dyn Fn(&str) -> bool,
) -> Result<(EncoderFile, Expansion), SkipThoughtError> {
    let words = Words::new(&encoder.words)?;
    let (mut inputs, mut outputs, mut met) = (Vec::new(), Vec::new(), HashSet::new());
    let width = encoder.dimension;
    vectors.each(&mut |word, vector| {
        let row = words.row(word).filter(|&row| ![words.eos(), words.unknown()].contains(&row));
        if let Some(row) = row.filter(|&row| met.insert(row)) {
            inputs.extend(vector.iter().map(|&number| f64::from(number)));
            outputs.extend(encoder.embedding[row * width..][..width].iter().map(|&number| f64::from(number)));
        }
    })?;
    let shared = met.len();
    let too_few = || SkipThoughtError::Shared { path: vectors.path().into(), shared, more: vectors.dimension() };
    if shared <= vectors.dimension() {
        return Err(too_few());
    }
    let map = least_squares(&inputs, &outputs, shared).ok_or_else(too_few)?;
    let mut expanded = EncoderFile { sha256: String::new(), ..encoder.clone() };
    let mut added = HashSet::new();
    vectors.each(&mut |word, vector| {
        let new = !word.is_empty() && !word.contains('_') && words.row(word).is_none();
        if new && keep(word) && added.insert(word.to_owned()) {
            expanded.words.push(word.to_owned());
            expanded.embedding.extend(map.map(vector));
        }
    })?;
    let source = sha256(vectors.path())?;
    expanded.about = format!("{}; {} words added by vectors {source}", encoder.about, added.len());
    let (rank, condition, unexplained) = (map.rank, map.condition, map.unexplained);
    Ok((expanded, Expansion { shared, added: added.len(), rank, condition, unexplained }))
}

#[cfg(test)]
mod tests;

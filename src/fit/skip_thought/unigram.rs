//! The unigram model: the probability of a word is its frequency, whatever the context.

/// The log frequencies of the words of a vocabulary of `words` in `sentences`. Every count is increased by 1 (Laplace),
/// so that no probability is 0.
pub(super) fn log_frequencies<'a>(sentences: impl IntoIterator<Item = &'a [usize]>, words: usize) -> Vec<f64> {
    let mut counts = vec![1u64; words];
    sentences.into_iter().flatten().for_each(|&word| counts[word] += 1);
    let total = counts.iter().sum::<u64>() as f64;
    counts.into_iter().map(|count| (count as f64 / total).ln()).collect()
}

/// The perplexity of `sentences` under the unigram model.
pub(super) fn perplexity<'a>(log_frequencies: &[f64], sentences: impl IntoIterator<Item = &'a [usize]>) -> f64 {
    let (mut nats, mut words) = (0.0, 0u64);
    for &word in sentences.into_iter().flatten() {
        nats -= log_frequencies[word];
        words += 1;
    }
    (nats / words as f64).exp()
}

#[cfg(test)]
mod tests {
    #[test]
    fn perplexity_is_the_geometric_mean_of_inverse_frequencies() {
        // Counts 3 + 1, 1 + 1 and 0 + 1 of 7: inverse frequencies 7/4, 7/2, 7/1, 7/4.
        let frequencies = super::log_frequencies([[0, 0].as_slice(), &[0, 1]], 3);
        let found = super::perplexity(&frequencies, [[0, 1, 2, 0].as_slice()]);
        let expected = (1.75f64 * 3.5 * 7.0 * 1.75).powf(0.25);
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}

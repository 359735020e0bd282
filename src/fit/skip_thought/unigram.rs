//! What a model that knows nothing but how frequent words are makes of the same words.

/// The logarithms of the shares that the words of a vocabulary of `words` have in `learned`: each counts once more than it
/// occurs (Laplace), so that none is impossible.
pub(super) fn log_shares<'a>(learned: impl IntoIterator<Item = &'a [usize]>, words: usize) -> Vec<f64> {
    let mut counts = vec![1u64; words];
    learned.into_iter().flatten().for_each(|&word| counts[word] += 1);
    let all = counts.iter().sum::<u64>() as f64;
    counts.into_iter().map(|count| (count as f64 / all).ln()).collect()
}

/// The perplexity of `told` under such shares.
pub(super) fn perplexity<'a>(log_shares: &[f64], told: impl IntoIterator<Item = &'a [usize]>) -> f64 {
    let (mut nats, mut seen) = (0.0, 0u64);
    for &word in told.into_iter().flatten() {
        nats -= log_shares[word];
        seen += 1;
    }
    (nats / seen as f64).exp()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_geometric_mean_of_how_unlikely_the_words_are() {
        // Of 3 + 1, 1 + 1 and 0 + 1 of 7: 7/4, 7/2, 7/1, 7/4.
        let shares = super::log_shares([[0, 0].as_slice(), &[0, 1]], 3);
        let found = super::perplexity(&shares, [[0, 1, 2, 0].as_slice()]);
        let expected = (1.75f64 * 3.5 * 7.0 * 1.75).powf(0.25);
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}

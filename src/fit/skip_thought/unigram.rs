//! What a model that knows nothing but how frequent words are makes of the same words.

/// The perplexity of `told` under the frequencies of `learned`, rows of a vocabulary of `words`: each word counts once more
/// than it occurs (Laplace), so that none is impossible.
pub(super) fn perplexity<'a>(
    learned: impl IntoIterator<Item = &'a [usize]>,
    told: impl IntoIterator<Item = &'a [usize]>,
    words: usize,
) -> f64 {
    let mut counts = vec![1u64; words];
    learned.into_iter().flatten().for_each(|&word| counts[word] += 1);
    let all = counts.iter().sum::<u64>() as f64;
    let (mut nats, mut seen) = (0.0, 0u64);
    for &word in told.into_iter().flatten() {
        nats -= (counts[word] as f64 / all).ln();
        seen += 1;
    }
    (nats / seen as f64).exp()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_geometric_mean_of_how_unlikely_the_words_are() {
        // Of 3 + 1, 1 + 1 and 0 + 1 of 7: 7/4, 7/2, 7/1, 7/4.
        let found = super::perplexity([[0, 0].as_slice(), &[0, 1]], [[0, 1, 2, 0].as_slice()], 3);
        let expected = (1.75f64 * 3.5 * 7.0 * 1.75).powf(0.25);
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}

//! The vocabulary of an encoder in training.

use super::corpus::Corpus;

/// The row of `<eos>`, the end of a sentence.
pub(super) const EOS: u32 = 0;
/// The row of every word that is not in the vocabulary.
pub(super) const UNKNOWN: u32 = 1;
/// The names of these rows, as in the published dictionary.
pub(super) const SPECIAL: [&str; 2] = ["<eos>", "UNK"];

/// Words and their rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Vocabulary {
    /// The word of each row: `<eos>`, `UNK`, and then the most frequent words.
    pub words: Vec<String>,
    /// The row of each word of the corpus.
    rows: Vec<u32>,
}

impl Vocabulary {
    /// The words that occur at least `min_count` times in the given documents of a corpus, in descending order of
    /// frequency. Equally frequent words are in the order of their first occurrence. The vocabulary has at most
    /// `max_words` words, including the two special ones.
    pub fn new(corpus: &Corpus, documents: &[usize], max_words: usize, min_count: usize) -> Self {
        let mut counts = vec![0usize; corpus.words.len()];
        for sentence in documents.iter().flat_map(|&document| &corpus.documents[document].sentences) {
            sentence.iter().for_each(|&word| counts[word as usize] += 1);
        }
        let mut order: Vec<usize> = (0..counts.len()).collect();
        // A word of the corpus that is spelt like a special word is unknown.
        order.retain(|&word| counts[word] >= min_count.max(1) && !SPECIAL.contains(&corpus.words[word].as_str()));
        order.sort_by_key(|&word| std::cmp::Reverse(counts[word]));
        order.truncate(max_words.saturating_sub(SPECIAL.len()));
        let (mut words, mut rows) = (SPECIAL.map(str::to_owned).to_vec(), vec![UNKNOWN; corpus.words.len()]);
        for word in order {
            rows[word] = words.len() as u32;
            words.push(corpus.words[word].clone());
        }
        Self { words, rows }
    }

    /// The rows of the words of a sentence of the corpus.
    pub fn rows(&self, sentence: &[u32]) -> Vec<u32> {
        sentence.iter().map(|&word| self.rows[word as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::corpus::whitespace_words;
    use super::*;

    #[test]
    fn words_are_sorted_by_frequency_and_then_by_first_occurrence() {
        let corpus = Corpus::of_groups([vec!["z b b UNK UNK UNK", "a c a"], vec!["d d d d"]], &whitespace_words);
        let words = |max_words, min_count| Vocabulary::new(&corpus, &[0], max_words, min_count).words;
        assert_eq!(words(20, 1), ["<eos>", "UNK", "b", "a", "z", "c"]);
        assert_eq!(words(20, 2), ["<eos>", "UNK", "b", "a"]);
        assert_eq!(words(3, 1), ["<eos>", "UNK", "b"]);
        let vocabulary = Vocabulary::new(&corpus, &[0], 20, 2);
        assert_eq!(vocabulary.rows(&corpus.documents[0].sentences[0]), [1, 2, 2, 1, 1, 1]);
        assert_eq!(vocabulary.rows(&corpus.documents[1].sentences[0]), [1; 4]);
    }
}

//! The words that are learned, each with a row of its own.

use super::corpus::Corpus;

/// The row of the end of a sentence.
pub(super) const END: u32 = 0;
/// The row of every word that has none of its own.
pub(super) const UNKNOWN: u32 = 1;
/// What these rows are called, as in the published dictionary.
pub(super) const SPECIAL: [&str; 2] = ["<eos>", "UNK"];

/// Words and their rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Vocabulary {
    /// The words by row: `<eos>`, `UNK`, and then the most frequent ones.
    pub words: Vec<String>,
    /// The row of each word of the corpus.
    rows: Vec<u32>,
}

impl Vocabulary {
    /// The words that occur at least `min_count` times in these documents of a corpus, the most frequent first and those
    /// as frequent in the order of their first appearance in the corpus, up to `most` with the two special ones.
    pub fn new(corpus: &Corpus, documents: &[usize], most: usize, min_count: usize) -> Self {
        let mut counts = vec![0usize; corpus.words.len()];
        for sentence in documents.iter().flat_map(|&document| &corpus.documents[document].sentences) {
            sentence.iter().for_each(|&word| counts[word as usize] += 1);
        }
        let mut order: Vec<usize> = (0..counts.len()).collect();
        // A word that is written as one of the special ones is a word that is not known.
        order.retain(|&word| counts[word] >= min_count.max(1) && !SPECIAL.contains(&corpus.words[word].as_str()));
        order.sort_by_key(|&word| std::cmp::Reverse(counts[word]));
        order.truncate(most.saturating_sub(SPECIAL.len()));
        let (mut words, mut rows) = (SPECIAL.map(str::to_owned).to_vec(), vec![UNKNOWN; corpus.words.len()]);
        for word in order {
            rows[word] = words.len() as u32;
            words.push(corpus.words[word].clone());
        }
        Self { words, rows }
    }

    /// A sentence of the corpus by the rows of its words.
    pub fn rows(&self, sentence: &[u32]) -> Vec<u32> {
        sentence.iter().map(|&word| self.rows[word as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::corpus::at_white_space;
    use super::*;

    #[test]
    fn frequent_words_come_first_and_the_earlier_of_two_as_frequent_ones() {
        let corpus = Corpus::of_groups([vec!["z b b UNK UNK UNK", "a c a"], vec!["d d d d"]], &at_white_space);
        let words = |most, min_count| Vocabulary::new(&corpus, &[0], most, min_count).words;
        assert_eq!(words(20, 1), ["<eos>", "UNK", "b", "a", "z", "c"]);
        assert_eq!(words(20, 2), ["<eos>", "UNK", "b", "a"]);
        assert_eq!(words(3, 1), ["<eos>", "UNK", "b"]);
        let vocabulary = Vocabulary::new(&corpus, &[0], 20, 2);
        assert_eq!(vocabulary.rows(&corpus.documents[0].sentences[0]), [1, 2, 2, 1, 1, 1]);
        assert_eq!(vocabulary.rows(&corpus.documents[1].sentences[0]), [1; 4]);
    }
}

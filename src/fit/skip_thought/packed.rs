//! Packed sentences, as in PyTorch's `PackedSequence`.

use burn::tensor::{Device, Int, Tensor, TensorData};

/// Sentences of different lengths as one list of words: the first word of every sentence, then the second word of every
/// sentence that has one, and so on. The sentences are sorted by length, the longest first. There is no padding, so no
/// mask is needed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Packed {
    /// The sentence of each row, as an index into the batch.
    pub order: Vec<usize>,
    /// The number of sentences that have a word at each position.
    pub counts: Vec<usize>,
    /// The words, as rows of the vocabulary.
    pub words: Vec<usize>,
    /// The row of each word.
    pub rows: Vec<usize>,
}

impl Packed {
    /// Packs sentences, none of which may be empty.
    pub fn new(sentences: &[Vec<u32>]) -> Self {
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(sentences[i].len()));
        let longest = order.first().map_or(0, |&i| sentences[i].len());
        let (mut counts, mut words, mut rows) = (Vec::with_capacity(longest), Vec::new(), Vec::new());
        for position in 0..longest {
            let active = order.iter().take_while(|&&i| sentences[i].len() > position);
            words.extend(active.map(|&i| sentences[i][position] as usize));
            counts.push(words.len() - rows.len());
            rows.extend(0..words.len() - rows.len());
        }
        Self { order, counts, words, rows }
    }

    /// The words before those at the second and later positions: the inputs of a decoder that predicts these. The first
    /// word of a sentence has no word before it.
    pub fn previous_words(&self) -> Vec<usize> {
        let mut previous = Vec::with_capacity(self.words.len());
        let mut start = 0;
        for (&count, &next) in self.counts.iter().zip(self.counts.iter().skip(1)) {
            previous.extend_from_slice(&self.words[start..start + next]);
            start += count;
        }
        previous
    }

    /// For each row, the row of `other` with the same sentence.
    pub fn rows_in(&self, other: &Packed) -> Vec<usize> {
        let mut row_of = vec![0; other.order.len()];
        for (row, &sentence) in other.order.iter().enumerate() {
            row_of[sentence] = row;
        }
        self.order.iter().map(|&sentence| row_of[sentence]).collect()
    }
}

/// Indices as a tensor `[n]`.
pub(super) fn index_tensor(indices: &[usize], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i64> = indices.iter().map(|&index| index as i64).collect();
    Tensor::from_data(TensorData::new(indices.clone(), [indices.len()]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_of_position_and_the_longest_sentence_is_first() {
        let packed = Packed::new(&[vec![5], vec![6, 7, 8], vec![9, 10]]);
        assert_eq!(packed.order, [1, 2, 0]);
        assert_eq!(packed.counts, [3, 2, 1]);
        assert_eq!(packed.words, [6, 9, 5, 7, 10, 8]);
        assert_eq!(packed.rows, [0, 1, 2, 0, 1, 0]);
        assert_eq!(packed.previous_words(), [6, 9, 7]);
        let other = Packed::new(&[vec![1, 1, 1], vec![1], vec![1, 1]]);
        assert_eq!(packed.rows_in(&other), [2, 1, 0]);
    }
}

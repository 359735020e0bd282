//! Sentences of a batch, word by word: the longest first, so that those which still go on are always the first rows.

use burn::tensor::{Device, Int, Tensor, TensorData};

/// Sentences of unequal length as one list of words: the first word of each, then the second of each that has two, and
/// so on. Nothing is filled up, so that nothing has to be masked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Packed {
    /// Which sentence of the batch each row is of.
    pub order: Vec<usize>,
    /// How many sentences have a word at each place.
    pub counts: Vec<usize>,
    /// The words, as rows of the vocabulary.
    pub words: Vec<usize>,
    /// The row of each word.
    pub rows: Vec<usize>,
}

impl Packed {
    /// The sentences as they are given; none of them may be empty.
    pub fn new(sentences: &[Vec<u32>]) -> Self {
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(sentences[i].len()));
        let longest = order.first().map_or(0, |&i| sentences[i].len());
        let (mut counts, mut words, mut rows) = (Vec::with_capacity(longest), Vec::new(), Vec::new());
        for place in 0..longest {
            let going = order.iter().take_while(|&&i| sentences[i].len() > place);
            words.extend(going.map(|&i| sentences[i][place] as usize));
            counts.push(words.len() - rows.len());
            rows.extend(0..words.len() - rows.len());
        }
        Self { order, counts, words, rows }
    }

    /// The words but the last place's: what a decoder is given when it has to tell the ones after. The first of each
    /// sentence is told from nothing.
    pub fn before(&self) -> Vec<usize> {
        let mut before = Vec::with_capacity(self.words.len());
        let mut start = 0;
        for (&count, &next) in self.counts.iter().zip(self.counts.iter().skip(1)) {
            before.extend_from_slice(&self.words[start..start + next]);
            start += count;
        }
        before
    }

    /// For each row of this one, the row of another one that is of the same sentence.
    pub fn rows_in(&self, other: &Packed) -> Vec<usize> {
        let mut row_of = vec![0; other.order.len()];
        for (row, &sentence) in other.order.iter().enumerate() {
            row_of[sentence] = row;
        }
        self.order.iter().map(|&sentence| row_of[sentence]).collect()
    }
}

/// Places as a tensor `[n]`.
pub(super) fn places(places: &[usize], device: &Device) -> Tensor<1, Int> {
    let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
    Tensor::from_data(TensorData::new(places.clone(), [places.len()]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_place_by_place_and_the_longest_sentence_first() {
        let packed = Packed::new(&[vec![5], vec![6, 7, 8], vec![9, 10]]);
        assert_eq!(packed.order, [1, 2, 0]);
        assert_eq!(packed.counts, [3, 2, 1]);
        assert_eq!(packed.words, [6, 9, 5, 7, 10, 8]);
        assert_eq!(packed.rows, [0, 1, 2, 0, 1, 0]);
        assert_eq!(packed.before(), [6, 9, 7]);
        let other = Packed::new(&[vec![1, 1, 1], vec![1], vec![1, 1]]);
        assert_eq!(packed.rows_in(&other), [2, 1, 0]);
    }
}

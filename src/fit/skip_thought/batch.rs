//! Triplets of neighbouring sentences, and batches of them.

use super::corpus::Corpus;
use super::packed::Packed;
use super::recipe::{Direction, SkipThoughtRecipe};
use super::vocabulary::{EOS, Vocabulary};
use crate::random::Random;

/// A sentence and its neighbours, as indices of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Triplet {
    pub previous: usize,
    pub current: usize,
    pub next: usize,
}

/// The sentences of some documents, as rows of a vocabulary.
#[derive(Clone, Debug)]
pub(super) struct Sentences {
    /// All sentences, without `<eos>`.
    pub all: Vec<Vec<u32>>,
    /// The sentences of each document, and whether they are unordered.
    documents: Vec<(std::ops::Range<usize>, bool)>,
    max_length: usize,
}

/// The triplets of one epoch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Triplets {
    pub all: Vec<Triplet>,
    /// The number of triplets that are left out because a sentence is too long.
    pub left_out: usize,
}

/// The sentences of the triplets of a batch.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// The input of the encoder.
    pub current: Packed,
    /// The same sentences reversed; empty for uni-skip.
    pub reversed: Packed,
    /// The targets of the decoders, with `<eos>`.
    pub previous: Packed,
    pub next: Packed,
}

impl Sentences {
    /// The sentences of the given documents of a corpus.
    pub fn new(corpus: &Corpus, documents: &[usize], vocabulary: &Vocabulary, recipe: &SkipThoughtRecipe) -> Self {
        let mut sentences = Self { all: Vec::new(), documents: Vec::new(), max_length: recipe.fit.max_length };
        for document in documents.iter().map(|&document| &corpus.documents[document]) {
            let start = sentences.all.len();
            sentences.all.extend(document.sentences.iter().map(|sentence| vocabulary.rows(sentence)));
            sentences.documents.push((start..sentences.all.len(), document.is_unordered));
        }
        sentences
    }

    /// The triplets of all documents. `order` returns the circular order of the sentences of an unordered document,
    /// from the index of the document and the number of its sentences.
    pub fn triplets(&self, order: &dyn Fn(usize, usize) -> Vec<usize>) -> Triplets {
        let mut triplets = Triplets { all: Vec::new(), left_out: 0 };
        for (document, (range, is_unordered)) in self.documents.iter().enumerate() {
            let (start, n) = (range.start, range.len());
            if *is_unordered && n >= 2 {
                let order = order(document, n);
                let at = |i: usize| start + order[i % n];
                (0..n).for_each(|i| self.add(&mut triplets, [at(i), at(i + 1), at(i + 2)]));
            } else if !is_unordered && n >= 3 {
                (start..start + n - 2).for_each(|i| self.add(&mut triplets, [i, i + 1, i + 2]));
            }
        }
        triplets
    }

    fn add(&self, triplets: &mut Triplets, [previous, current, next]: [usize; 3]) {
        let is_short = |sentence: &usize| self.all[*sentence].len() <= self.max_length;
        match [previous, current, next].iter().all(is_short) {
            true => triplets.all.push(Triplet { previous, current, next }),
            false => triplets.left_out += 1,
        }
    }

    /// The training batches of an epoch, in random order. The sentences of a batch have similar lengths: the triplets
    /// are shuffled, sorted by length and divided into batches, and the batches are shuffled.
    pub fn train_batches(&self, recipe: &SkipThoughtRecipe, epoch: u32) -> Vec<Vec<Triplet>> {
        let seed = recipe.fit.seed;
        let random = |what: &str| Random::named(seed, &format!("skip-thought/{what}/{epoch}"));
        let mut triplets = self.triplets(&|document, n| random(&format!("ring/{document}")).permutation(n)).all;
        let order = random("order").permutation(triplets.len());
        triplets = order.into_iter().map(|index| triplets[index]).collect();
        let batches = self.by_length(triplets, recipe.fit.batch);
        random("batches").permutation(batches.len()).into_iter().map(|index| batches[index].clone()).collect()
    }

    /// Divides triplets into batches, in ascending order of the length of the middle sentence.
    pub fn by_length(&self, mut triplets: Vec<Triplet>, batch: usize) -> Vec<Vec<Triplet>> {
        triplets.sort_by_key(|triplet| self.all[triplet.current].len());
        triplets.chunks(batch).map(<[Triplet]>::to_vec).collect()
    }

    /// The packed sentences of a batch.
    pub fn batch(&self, triplets: &[Triplet], recipe: &SkipThoughtRecipe) -> Batch {
        let words = |sentence: usize| self.all[sentence].clone();
        let (current, reversed) =
            encoder_inputs(triplets.iter().map(|triplet| words(triplet.current)).collect(), recipe);
        let targets = |sentence: &dyn Fn(&Triplet) -> usize| {
            Packed::new(&triplets.iter().map(|triplet| with_eos(words(sentence(triplet)))).collect::<Vec<_>>())
        };
        Batch {
            current,
            reversed,
            previous: targets(&|triplet| triplet.previous),
            next: targets(&|triplet| triplet.next),
        }
    }
}

/// The encoder's inputs for `sentences`, forward and reversed. The reversed ones are empty for uni-skip.
pub(super) fn encoder_inputs(sentences: Vec<Vec<u32>>, recipe: &SkipThoughtRecipe) -> (Packed, Packed) {
    let sentences: Vec<Vec<u32>> = match recipe.use_eos {
        true => sentences.into_iter().map(with_eos).collect(),
        false => sentences,
    };
    let reversed: Vec<Vec<u32>> = match recipe.direction {
        Direction::Uni => Vec::new(),
        Direction::Bi => sentences.iter().map(|words| words.iter().rev().copied().collect()).collect(),
    };
    (Packed::new(&sentences), Packed::new(&reversed))
}

fn with_eos(mut words: Vec<u32>) -> Vec<u32> {
    words.push(EOS);
    words
}

#[cfg(test)]
mod tests {
    use super::super::corpus::whitespace_words;
    use super::super::recipe::changed;
    use super::*;

    fn recipe() -> SkipThoughtRecipe {
        changed(|recipe| (recipe.fit.max_length, recipe.fit.batch) = (3, 2))
    }

    fn sentences(corpus: &Corpus) -> Sentences {
        let documents: Vec<usize> = (0..corpus.documents()).collect();
        Sentences::new(corpus, &documents, &Vocabulary::new(corpus, &documents, 100, 1), &recipe())
    }

    fn text(text: &str) -> Corpus {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.txt");
        std::fs::write(&path, text).unwrap();
        Corpus::read(&path, &whitespace_words).unwrap()
    }

    #[test]
    fn neighbours_are_of_one_document_and_triplets_with_long_sentences_are_left_out() {
        let sentences = sentences(&text("a\nb\nc\nd\n\ne\nf\n\ng\nh\nv w x y\nj\nk\nl\nm\n"));
        let triplets = sentences.triplets(&|_, _| unreachable!("the documents are ordered"));
        let triplet = |previous: usize| Triplet { previous, current: previous + 1, next: previous + 2 };
        assert_eq!(triplets.all, [triplet(0), triplet(1), triplet(9), triplet(10)]);
        assert_eq!(triplets.left_out, 3);
    }

    #[test]
    fn each_epoch_orders_the_captions_of_an_image_anew() {
        let corpus = Corpus::of_groups([vec!["a", "b", "c", "d", "e"], vec!["f"], vec!["g", "h"]], &whitespace_words);
        let sentences = sentences(&corpus);
        let epoch = |epoch| sentences.train_batches(&recipe(), epoch).concat();
        for triplets in [epoch(1), epoch(2)] {
            let mut middles: Vec<usize> = triplets.iter().map(|triplet| triplet.current).collect();
            middles.sort_unstable();
            assert_eq!(middles, [0, 1, 2, 3, 4, 6, 7]);
            for Triplet { previous, current, next } in triplets {
                assert!(previous != current && next != current);
                assert_eq!(current < 5, previous < 5 && next < 5);
            }
        }
        assert_eq!(epoch(1), epoch(1));
        assert_ne!(epoch(1), epoch(2));
    }

    #[test]
    fn the_sentences_of_a_batch_have_similar_lengths() {
        let corpus = Corpus::of_groups([vec!["a", "b c d", "e f", "g", "h i j", "k l"]], &whitespace_words);
        let sentences = sentences(&corpus);
        let batches = sentences.train_batches(&recipe(), 1);
        assert_eq!(batches.len(), 3);
        for batch in &batches {
            assert_eq!(sentences.all[batch[0].current].len(), sentences.all[batch[1].current].len());
        }
        let batch = sentences.batch(&batches[0], &SkipThoughtRecipe { use_eos: true, ..recipe() });
        let length = sentences.all[batches[0][0].current].len();
        assert_eq!(batch.current.counts, vec![2; length + 1]);
        assert_eq!(batch.current.words[2 * length..], [0, 0]);
        assert!(batch.reversed.words.is_empty());
    }
}

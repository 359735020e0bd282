//! Triplets of neighbours, and which of them are looked at together.

use super::corpus::Corpus;
use super::packed::Packed;
use super::recipe::{Direction, SkipThoughtRecipe};
use super::vocabulary::{END, Vocabulary};
use crate::random::Random;

/// A sentence between its neighbours, by their places among the sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Triplet {
    pub previous: usize,
    pub this: usize,
    pub next: usize,
}

/// Documents by the rows of their words.
#[derive(Clone, Debug)]
pub(super) struct Sentences {
    /// Every sentence, without its end.
    pub all: Vec<Vec<u32>>,
    /// Where each document's sentences lie, and whether they have no order of their own.
    documents: Vec<(std::ops::Range<usize>, bool)>,
    longest: usize,
}

/// Triplets for one pass over documents.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Triplets {
    pub all: Vec<Triplet>,
    /// How many were left out, as one of the three is too long.
    pub left_out: usize,
}

/// Triplets that are looked at together.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// What is read.
    pub this: Packed,
    /// The same from the end; empty where it is not wanted.
    pub reversed: Packed,
    /// What is told, each with its end.
    pub previous: Packed,
    pub next: Packed,
}

impl Sentences {
    /// These documents of the corpus.
    pub fn new(corpus: &Corpus, documents: &[usize], vocabulary: &Vocabulary, recipe: &SkipThoughtRecipe) -> Self {
        let mut sentences = Self { all: Vec::new(), documents: Vec::new(), longest: recipe.fit.max_length };
        for document in documents.iter().map(|&document| &corpus.documents[document]) {
            let start = sentences.all.len();
            sentences.all.extend(document.sentences.iter().map(|sentence| vocabulary.rows(sentence)));
            sentences.documents.push((start..sentences.all.len(), document.is_loose));
        }
        sentences
    }

    /// The triplets of a pass, document by document; `rings` tells how the sentences of a document without order stand in
    /// a ring: by the document's place and how many there are.
    pub fn triplets(&self, rings: &dyn Fn(usize, usize) -> Vec<usize>) -> Triplets {
        let mut triplets = Triplets { all: Vec::new(), left_out: 0 };
        for (place, (range, is_loose)) in self.documents.iter().enumerate() {
            let (start, n) = (range.start, range.len());
            if *is_loose && n >= 2 {
                let ring = rings(place, n);
                let at = |i: usize| start + ring[i % n];
                (0..n).for_each(|i| self.add(&mut triplets, [at(i), at(i + 1), at(i + 2)]));
            } else if !is_loose && n >= 3 {
                (start..start + n - 2).for_each(|i| self.add(&mut triplets, [i, i + 1, i + 2]));
            }
        }
        triplets
    }

    fn add(&self, to: &mut Triplets, [previous, this, next]: [usize; 3]) {
        let is_short = |sentence: &usize| self.all[*sentence].len() <= self.longest;
        match [previous, this, next].iter().all(is_short) {
            true => to.all.push(Triplet { previous, this, next }),
            false => to.left_out += 1,
        }
    }

    /// The triplets of an epoch of learning, in batches of sentences about as long as each other: drawn into an order, by
    /// length, cut, and the batches drawn into an order again.
    pub fn learned(&self, recipe: &SkipThoughtRecipe, epoch: u32) -> Vec<Vec<Triplet>> {
        let seed = recipe.fit.seed;
        let drawn = |what: &str| Random::named(seed, &format!("skip-thought/{what}/{epoch}"));
        let mut triplets = self.triplets(&|place, n| drawn(&format!("ring/{place}")).permutation(n)).all;
        let order = drawn("order").permutation(triplets.len());
        triplets = order.into_iter().map(|place| triplets[place]).collect();
        let batches = self.by_length(triplets, recipe.fit.batch);
        drawn("batches").permutation(batches.len()).into_iter().map(|place| batches[place].clone()).collect()
    }

    /// Triplets in batches, the shortest sentences first.
    pub fn by_length(&self, mut triplets: Vec<Triplet>, batch: usize) -> Vec<Vec<Triplet>> {
        triplets.sort_by_key(|triplet| self.all[triplet.this].len());
        triplets.chunks(batch).map(<[Triplet]>::to_vec).collect()
    }

    /// Words and sentences of a batch.
    pub fn batch(&self, triplets: &[Triplet], recipe: &SkipThoughtRecipe) -> Batch {
        let words = |place: usize| self.all[place].clone();
        let (this, reversed) = reads(triplets.iter().map(|triplet| words(triplet.this)).collect(), recipe);
        let told = |place: &dyn Fn(&Triplet) -> usize| {
            Packed::new(&triplets.iter().map(|triplet| ended(words(place(triplet)))).collect::<Vec<_>>())
        };
        Batch { this, reversed, previous: told(&|triplet| triplet.previous), next: told(&|triplet| triplet.next) }
    }
}

/// What the encoder reads of these sentences, and the same from the end, where it is wanted.
pub(super) fn reads(sentences: Vec<Vec<u32>>, recipe: &SkipThoughtRecipe) -> (Packed, Packed) {
    let sentences: Vec<Vec<u32>> = match recipe.use_eos {
        true => sentences.into_iter().map(ended).collect(),
        false => sentences,
    };
    let reversed: Vec<Vec<u32>> = match recipe.direction {
        Direction::Uni => Vec::new(),
        Direction::Bi => sentences.iter().map(|words| words.iter().rev().copied().collect()).collect(),
    };
    (Packed::new(&sentences), Packed::new(&reversed))
}

fn ended(mut words: Vec<u32>) -> Vec<u32> {
    words.push(END);
    words
}

#[cfg(test)]
mod tests {
    use super::super::corpus::at_white_space;
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
        Corpus::read(&path, &at_white_space).unwrap()
    }

    #[test]
    fn neighbours_are_of_one_document_and_long_sentences_leave_their_triplets_out() {
        let sentences = sentences(&text("a\nb\nc\nd\n\ne\nf\n\ng\nh\nv w x y\nj\nk\nl\nm\n"));
        let triplets = sentences.triplets(&|_, _| unreachable!("there is an order"));
        let triplet = |previous: usize| Triplet { previous, this: previous + 1, next: previous + 2 };
        assert_eq!(triplets.all, [triplet(0), triplet(1), triplet(9), triplet(10)]);
        assert_eq!(triplets.left_out, 3);
    }

    #[test]
    fn captions_stand_in_a_ring_that_each_epoch_draws_anew() {
        let corpus = Corpus::of_groups([vec!["a", "b", "c", "d", "e"], vec!["f"], vec!["g", "h"]], &at_white_space);
        let sentences = sentences(&corpus);
        let epoch = |epoch| sentences.learned(&recipe(), epoch).concat();
        for seen in [epoch(1), epoch(2)] {
            let mut middles: Vec<usize> = seen.iter().map(|triplet| triplet.this).collect();
            middles.sort_unstable();
            assert_eq!(middles, [0, 1, 2, 3, 4, 6, 7]);
            for Triplet { previous, this, next } in seen {
                assert!(previous != this && next != this);
                assert_eq!(this < 5, previous < 5 && next < 5);
            }
        }
        assert_eq!(epoch(1), epoch(1));
        assert_ne!(epoch(1), epoch(2));
    }

    #[test]
    fn a_batch_is_of_sentences_about_as_long_as_each_other() {
        let corpus = Corpus::of_groups([vec!["a", "b c d", "e f", "g", "h i j", "k l"]], &at_white_space);
        let sentences = sentences(&corpus);
        let batches = sentences.learned(&recipe(), 1);
        assert_eq!(batches.len(), 3);
        for batch in &batches {
            assert_eq!(sentences.all[batch[0].this].len(), sentences.all[batch[1].this].len());
        }
        let batch = sentences.batch(&batches[0], &SkipThoughtRecipe { use_eos: true, ..recipe() });
        let length = sentences.all[batches[0][0].this].len();
        assert_eq!(batch.this.counts, vec![2; length + 1]);
        assert_eq!(batch.this.words[2 * length..], [0, 0]);
        assert!(batch.reversed.words.is_empty());
    }
}

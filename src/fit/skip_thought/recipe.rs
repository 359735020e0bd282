//! How an encoder is trained.

use crate::spec::TextSettings;

/// Which way a sentence is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From its beginning: one unit makes the whole vector (uni-skip).
    #[default]
    Uni,
    /// From its beginning and from its end: two units make half of the vector each (bi-skip).
    Bi,
}

impl Direction {
    /// Its word: `uni` or `bi`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Uni => "uni",
            Direction::Bi => "bi",
        }
    }
}

/// How an encoder is trained; what is not of Kiros et al. 2015 (arXiv 1506.06726) is chosen for small corpora.
#[derive(Clone, Debug, PartialEq)]
pub struct SkipThoughtSettings {
    /// The most words of the vocabulary, `<eos>` and `UNK` among them; 3 to 20,000.
    pub words: usize,
    /// How often a word has to occur in what is learned from to be one of them; at least 1.
    pub min_count: usize,
    /// The most words of a sentence: a triplet with a longer one is left out, as in the published code.
    pub max_length: usize,
    /// The length of a word's vector.
    pub embedding: usize,
    /// The length of a sentence's vector, and of the decoders' states; even where both directions are read.
    pub hidden: usize,
    /// Which way sentences are read.
    pub direction: Direction,
    /// Whether the encoder reads `<eos>` after a sentence's words.
    pub use_eos: bool,
    /// The share of documents that it is tried on and does not learn from.
    pub held_out: f64,
    /// The most epochs.
    pub epochs: u32,
    /// Epochs without a better one that end it; at least 1.
    pub patience: u32,
    /// Triplets in a step.
    pub batch: usize,
    /// Adam's learning rate.
    pub rate: f64,
    /// The most that the norm of all gradients together may be.
    pub clip: f64,
    /// What weights, parting and order are drawn by.
    pub seed: u64,
}

impl Default for SkipThoughtSettings {
    fn default() -> Self {
        Self {
            words: 20_000,
            min_count: 1,
            max_length: 30,
            embedding: 300,
            hidden: 600,
            direction: Direction::Uni,
            use_eos: false,
            held_out: 0.05,
            epochs: 10,
            patience: 2,
            batch: 64,
            rate: 2e-4,
            clip: 5.0,
            seed: 1,
        }
    }
}

impl SkipThoughtSettings {
    /// How the encoder of these settings is trained; `None` where it is not trained here.
    pub fn of(text: &TextSettings) -> Option<Self> {
        let fit = &text.fit;
        text.is_fitted().then(|| Self {
            words: fit.words,
            min_count: fit.min_count,
            max_length: fit.max_length,
            embedding: fit.embedding,
            hidden: fit.hidden,
            direction: if text.variant == "bi" { Direction::Bi } else { Direction::Uni },
            use_eos: text.use_eos,
            held_out: fit.held_out,
            epochs: fit.epochs,
            patience: fit.patience,
            batch: fit.batch,
            rate: fit.rate,
            clip: fit.clip,
            seed: fit.seed,
        })
    }

    /// What is wrong with it, setting by setting; nothing where it can be used.
    pub fn mistakes(&self) -> Vec<String> {
        let Self {
            words, min_count, max_length, embedding, hidden, direction, held_out, epochs, patience, batch, ..
        } = *self;
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let checks = [
            ((3..=20_000).contains(&words), format!("words = {words}: 3 to 20,000")),
            (min_count >= 1, format!("min_count = {min_count}: at least 1")),
            (max_length >= 1, format!("max_length = {max_length}: at least 1")),
            (embedding >= 1, format!("embedding = {embedding}: at least 1")),
            (hidden >= 1, format!("hidden = {hidden}: at least 1")),
            (direction == Direction::Uni || hidden % 2 == 0, format!("hidden = {hidden}: even, for two directions")),
            (held_out > 0.0 && held_out < 1.0, format!("held_out = {held_out}: between 0 and 1")),
            ((1..=10_000).contains(&epochs), format!("epochs = {epochs}: 1 to 10,000")),
            (patience >= 1, format!("patience = {patience}: at least 1")),
            (batch >= 1, format!("batch = {batch}: at least 1")),
            (positive(self.rate), format!("rate = {}: above 0", self.rate)),
            (positive(self.clip), format!("clip = {}: above 0", self.clip)),
        ];
        checks.into_iter().filter(|(is_right, _)| !is_right).map(|(_, mistake)| mistake).collect()
    }

    /// All that the encoder follows from, in words: `corpus` tells all sentences in their documents from others, as
    /// [`Corpus::sha256`](super::Corpus::sha256) does, and `tokeniser` the name of how its sentences were cut into words.
    pub fn print(&self, corpus: &str, tokeniser: &str) -> String {
        let Self {
            words,
            min_count,
            max_length,
            embedding,
            hidden,
            direction,
            use_eos,
            held_out,
            epochs,
            patience,
            batch,
            rate,
            clip,
            seed,
        } = self;
        format!(
            "skip-thought/2 {} {words} {min_count} {max_length} {embedding} {hidden} {use_eos} {held_out} {epochs} \
             {patience} {batch} {rate} {clip} {seed} {tokeniser} {corpus}",
            direction.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_counts_and_so_do_corpus_and_tokeniser() {
        let is = SkipThoughtSettings::default();
        let of = |change: &dyn Fn(&mut SkipThoughtSettings)| {
            let mut other = is.clone();
            change(&mut other);
            other.print("corpus", "whitespace")
        };
        let prints = [
            is.print("corpus", "whitespace"),
            is.print("other", "whitespace"),
            is.print("corpus", "treebank"),
            of(&|s| s.words -= 1),
            of(&|s| s.min_count += 1),
            of(&|s| s.max_length += 1),
            of(&|s| s.embedding += 1),
            of(&|s| s.hidden += 1),
            of(&|s| s.direction = Direction::Bi),
            of(&|s| s.use_eos = true),
            of(&|s| s.held_out *= 2.0),
            of(&|s| s.epochs += 1),
            of(&|s| s.patience += 1),
            of(&|s| s.batch += 1),
            of(&|s| s.rate *= 2.0),
            of(&|s| s.clip *= 2.0),
            of(&|s| s.seed += 1),
        ];
        let all: std::collections::BTreeSet<&String> = prints.iter().collect();
        assert_eq!(all.len(), prints.len());
    }

    #[test]
    fn what_cannot_be_used_is_told_setting_by_setting() {
        assert!(SkipThoughtSettings::default().mistakes().is_empty());
        let wrong = SkipThoughtSettings {
            words: 20_001,
            hidden: 5,
            direction: Direction::Bi,
            rate: f64::NAN,
            ..SkipThoughtSettings::default()
        };
        let mistakes = wrong.mistakes();
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
        assert!(mistakes[0].contains("20001") && mistakes[1].contains("even") && mistakes[2].contains("NaN"));
    }
}

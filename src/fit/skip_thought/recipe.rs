//! How an encoder is trained.

use crate::spec::{TextFitSettings, TextSettings};

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

/// All that an encoder follows from but the sentences. What is not of Kiros et al. 2015 (arXiv 1506.06726) is chosen for small
/// corpora.
#[derive(Clone, Debug, PartialEq)]
pub struct SkipThoughtRecipe {
    /// Which way sentences are read. A plan holds the length of the vector to be even where there are two.
    pub direction: Direction,
    /// Whether the encoder reads `<eos>` after a sentence's words.
    pub use_eos: bool,
    /// How it is taught. A triplet with a sentence that is too long is left out, as in the published code.
    pub fit: TextFitSettings,
}

impl SkipThoughtRecipe {
    /// The recipe of the encoder of these settings; `None` where it is not trained here.
    pub fn of(text: &TextSettings) -> Option<Self> {
        let direction = if text.variant == "bi" { Direction::Bi } else { Direction::Uni };
        text.is_fitted().then(|| Self { direction, use_eos: text.use_eos, fit: text.fit.clone() })
    }

    /// All that the encoder follows from, in words: `corpus` tells all sentences in their documents from others, as
    /// [`Corpus::sha256`](super::Corpus::sha256) does, and `tokeniser` the name of how its sentences were cut into words.
    pub fn print(&self, corpus: &str, tokeniser: &str) -> String {
        let Self { direction, use_eos, fit } = self;
        // The path is left out: what counts is what the corpus holds.
        let TextFitSettings {
            words,
            min_count,
            max_length,
            embedding,
            hidden,
            held_out,
            epochs,
            patience,
            batch,
            rate,
            clip,
            seed,
            ..
        } = fit;
        format!(
            "skip-thought/2 {} {words} {min_count} {max_length} {embedding} {hidden} {use_eos} {held_out} {epochs} \
             {patience} {batch} {rate} {clip} {seed} {tokeniser} {corpus}",
            direction.as_str()
        )
    }
}

/// The recipe of the built-in defaults, changed.
#[cfg(test)]
pub(super) fn changed(change: impl FnOnce(&mut SkipThoughtRecipe)) -> SkipThoughtRecipe {
    let fit = crate::spec::Settings::from_values([]).expect("the defaults are settings").text.fit;
    let mut recipe = SkipThoughtRecipe { direction: Direction::Uni, use_eos: false, fit };
    change(&mut recipe);
    recipe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_counts_and_so_do_corpus_and_tokeniser_but_not_where_the_corpus_lies() {
        let is = changed(|_| {});
        let of = |change: fn(&mut SkipThoughtRecipe)| changed(change).print("corpus", "whitespace");
        let prints = [
            is.print("corpus", "whitespace"),
            is.print("other", "whitespace"),
            is.print("corpus", "treebank"),
            of(|recipe| recipe.direction = Direction::Bi),
            of(|recipe| recipe.use_eos = true),
            of(|recipe| recipe.fit.words -= 1),
            of(|recipe| recipe.fit.min_count += 1),
            of(|recipe| recipe.fit.max_length += 1),
            of(|recipe| recipe.fit.embedding += 1),
            of(|recipe| recipe.fit.hidden += 1),
            of(|recipe| recipe.fit.held_out *= 2.0),
            of(|recipe| recipe.fit.epochs += 1),
            of(|recipe| recipe.fit.patience += 1),
            of(|recipe| recipe.fit.batch += 1),
            of(|recipe| recipe.fit.rate *= 2.0),
            of(|recipe| recipe.fit.clip *= 2.0),
            of(|recipe| recipe.fit.seed += 1),
        ];
        let all: std::collections::BTreeSet<&String> = prints.iter().collect();
        assert_eq!(all.len(), prints.len());
        assert_eq!(prints[0], of(|recipe| recipe.fit.corpus = "elsewhere.txt".into()));
    }

    #[test]
    fn only_an_encoder_that_is_trained_has_a_recipe() {
        let mut text = crate::spec::Settings::from_values([]).unwrap().text;
        assert_eq!(SkipThoughtRecipe::of(&text), None);
        (text.encoder, text.weights, text.variant) = ("skip-thought".into(), "fit".into(), "bi".into());
        assert_eq!(SkipThoughtRecipe::of(&text).unwrap(), changed(|recipe| recipe.direction = Direction::Bi));
        text.weights = "skip-thoughts".into();
        assert_eq!(SkipThoughtRecipe::of(&text), None);
    }
}

//! The recipe of a trained text encoder.

use crate::spec::{TextFitSettings, TextSettings};

/// The direction in which a sentence is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Forward: one recurrent unit computes the vector (uni-skip).
    #[default]
    Uni,
    /// Forward and backward: two recurrent units compute one half of the vector each (bi-skip).
    Bi,
}

impl Direction {
    /// The name: `uni` or `bi`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Uni => "uni",
            Direction::Bi => "bi",
        }
    }
}

/// Everything that determines a trained encoder, except the sentences. Values that differ from Kiros et al. 2015
/// (arXiv 1506.06726) are chosen for small corpora.
#[derive(Clone, Debug, PartialEq)]
pub struct SkipThoughtRecipe {
    /// The direction. For `Bi`, the plan requires an even length of the vector.
    pub direction: Direction,
    /// Whether the encoder reads `<eos>` after a sentence's words.
    pub use_eos: bool,
    /// The training settings. As in the published code, triplets with a sentence that is too long are left out.
    pub fit: TextFitSettings,
}

impl SkipThoughtRecipe {
    /// The recipe of the encoder. `None` if the settings do not train one.
    pub fn from_settings(text: &TextSettings) -> Option<Self> {
        let direction = if text.variant == "bi" { Direction::Bi } else { Direction::Uni };
        text.is_fitted().then(|| Self { direction, use_eos: text.use_eos, fit: text.fit.clone() })
    }

    /// A text that identifies the trained encoder. `corpus` identifies all sentences of the corpus, as
    /// [`Corpus::sha256`](super::Corpus::sha256) does; `tokeniser` is the name of the tokeniser.
    pub fn fingerprint(&self, corpus: &str, tokeniser: &str) -> String {
        let Self { direction, use_eos, fit } = self;
        // The path of the corpus is not part of the text: the hash of its contents is.
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

/// The recipe of the built-in defaults with changes.
#[cfg(test)]
pub(super) fn changed(change: impl FnOnce(&mut SkipThoughtRecipe)) -> SkipThoughtRecipe {
    let fit = crate::spec::Settings::from_values([]).expect("the defaults are valid").text.fit;
    let mut recipe = SkipThoughtRecipe { direction: Direction::Uni, use_eos: false, fit };
    change(&mut recipe);
    recipe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_depends_on_settings_corpus_and_tokeniser_but_not_on_paths() {
        let default = changed(|_| {});
        let of = |change: fn(&mut SkipThoughtRecipe)| changed(change).fingerprint("corpus", "whitespace");
        let fingerprints = [
            default.fingerprint("corpus", "whitespace"),
            default.fingerprint("other", "whitespace"),
            default.fingerprint("corpus", "treebank"),
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
        let all: std::collections::BTreeSet<&String> = fingerprints.iter().collect();
        assert_eq!(all.len(), fingerprints.len());
        assert_eq!(fingerprints[0], of(|recipe| recipe.fit.corpus = "elsewhere.txt".into()));
    }

    #[test]
    fn only_settings_that_train_an_encoder_have_a_recipe() {
        let mut text = crate::spec::Settings::from_values([]).unwrap().text;
        assert_eq!(SkipThoughtRecipe::from_settings(&text), None);
        (text.encoder, text.weights, text.variant) = ("skip-thought".into(), "fit".into(), "bi".into());
        assert_eq!(
            SkipThoughtRecipe::from_settings(&text).unwrap(),
            changed(|recipe| recipe.direction = Direction::Bi)
        );
        text.weights = "skip-thoughts".into();
        assert_eq!(SkipThoughtRecipe::from_settings(&text), None);
    }
}

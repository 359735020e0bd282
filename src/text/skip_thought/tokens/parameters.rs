//! The parameters of punkt for English.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The English parameters, parsed at first use.
pub(super) static ENGLISH: LazyLock<Parameters> = LazyLock::new(|| Parameters::parse(include_str!("english.txt")));

/// The orthographic context of a word: the positions and cases in which it occurred in punkt's training data.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Orthography(u8);

impl Orthography {
    /// Inside a sentence, in upper case.
    pub(super) fn inside_upper(self) -> bool {
        self.0 & 4 != 0
    }

    /// At the start of a sentence, in lower case.
    pub(super) fn first_lower(self) -> bool {
        self.0 & 16 != 0
    }

    /// At any position, in upper case.
    pub(super) fn upper(self) -> bool {
        self.0 & (2 | 4 | 8) != 0
    }

    /// At any position, in lower case.
    pub(super) fn lower(self) -> bool {
        self.0 & (16 | 32 | 64) != 0
    }
}

/// The parameters of punkt. Words are in lower case; every number is `##number##`.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    abbreviations: HashSet<&'static str>,
    starters: HashSet<&'static str>,
    collocations: HashSet<(&'static str, &'static str)>,
    orthography: HashMap<&'static str, Orthography>,
}

impl Parameters {
    fn parse(text: &'static str) -> Self {
        let mut parameters = Self::default();
        for line in text.lines() {
            let mut columns = line.split('\t');
            match columns.next() {
                Some("abbreviations") => parameters.abbreviations.extend(columns),
                Some("starters") => parameters.starters.extend(columns),
                Some("collocation") => parameters.collocations.extend(columns.next().zip(columns.next())),
                Some("orthography") => {
                    let flags = columns.next().and_then(|flags| flags.parse().ok()).map(Orthography);
                    let flags = flags.expect("the embedded file is valid, and a test checks it");
                    parameters.orthography.extend(columns.map(|word| (word, flags)));
                }
                _ => {}
            }
        }
        parameters
    }

    /// Whether a word without its period is an abbreviation.
    pub(super) fn is_abbreviation(&self, word: &str) -> bool {
        self.abbreviations.contains(word)
    }

    /// Whether a word often begins a sentence.
    pub(super) fn is_starter(&self, word: &str) -> bool {
        self.starters.contains(word)
    }

    /// Whether two words with a period between them are a collocation, which is not a sentence boundary.
    pub(super) fn is_collocation(&self, first: &str, second: &str) -> bool {
        self.collocations.contains(&(first, second))
    }

    /// The orthographic context of a word.
    pub(super) fn orthography(&self, word: &str) -> Orthography {
        self.orthography.get(word).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_english_parameters_are_parsed() {
        let english = &*ENGLISH;
        let counts = (english.abbreviations.len(), english.starters.len(), english.collocations.len());
        assert_eq!((counts, english.orthography.len()), ((156, 39, 37), 20366));
        assert!(english.is_abbreviation("ph.d") && english.is_abbreviation(". . ") && !english.is_abbreviation("etc"));
        assert!(english.is_collocation("##number##", "corrections") && english.is_starter("although"));
        assert!(english.orthography("the").lower() && !english.orthography("qwertz").lower());
    }
}

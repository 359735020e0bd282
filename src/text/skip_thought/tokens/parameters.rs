//! What punkt knows of English.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The English parameters, parsed when they are first asked for.
pub(super) static ENGLISH: LazyLock<Parameters> = LazyLock::new(|| Parameters::parse(include_str!("english.txt")));

/// In which places and cases a word was seen in training.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Seen(u8);

impl Seen {
    /// Within a sentence, in upper case.
    pub(super) fn inside_upper(self) -> bool {
        self.0 & 4 != 0
    }

    /// At the start of a sentence, in lower case.
    pub(super) fn first_lower(self) -> bool {
        self.0 & 16 != 0
    }

    /// Anywhere in upper case.
    pub(super) fn upper(self) -> bool {
        self.0 & (2 | 4 | 8) != 0
    }

    /// Anywhere in lower case.
    pub(super) fn lower(self) -> bool {
        self.0 & (16 | 32 | 64) != 0
    }
}

/// Parameters of punkt; words are in lower case, and a number is `##number##`.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    abbreviations: HashSet<&'static str>,
    starters: HashSet<&'static str>,
    collocations: HashSet<(&'static str, &'static str)>,
    orthography: HashMap<&'static str, Seen>,
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
                    let seen = columns.next().and_then(|flags| flags.parse().ok()).map(Seen);
                    let seen = seen.expect("the file is part of the program, and a test counts what is read of it");
                    parameters.orthography.extend(columns.map(|word| (word, seen)));
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

    /// Whether two words belong together though a period parts them.
    pub(super) fn belong(&self, first: &str, second: &str) -> bool {
        self.collocations.contains(&(first, second))
    }

    /// How a word was seen in training.
    pub(super) fn seen(&self, word: &str) -> Seen {
        self.orthography.get(word).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_english_parameters_are_read() {
        let english = &*ENGLISH;
        let counts = (english.abbreviations.len(), english.starters.len(), english.collocations.len());
        assert_eq!((counts, english.orthography.len()), ((156, 39, 37), 20366));
        assert!(english.is_abbreviation("ph.d") && english.is_abbreviation(". . ") && !english.is_abbreviation("etc"));
        assert!(english.belong("##number##", "corrections") && english.is_starter("although"));
        assert_eq!(english.seen("notable"), Seen(english.seen("notable").0));
        assert!(english.seen("the").lower() && !english.seen("qwertz").lower());
    }
}

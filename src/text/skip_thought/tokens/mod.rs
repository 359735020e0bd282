//! Tokenisation of captions, as in `preprocess` and `encode` of the published encoder, which use NLTK.
//!
//! Case is preserved, and punctuation marks are words. The rules are those of NLTK 3.10.4. Earlier versions of NLTK
//! (the encoder is from 2015) handle fewer Unicode quotes and dashes.

mod characters;
mod parameters;
mod sentences;
mod treebank;

pub(super) use characters::is_space;
pub use sentences::sentences;
pub use treebank::words;

/// The words of a text. As in the published code, the text is split into sentences by punkt, each sentence is split
/// again (by `word_tokenize`), and the results are split into words.
pub fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let sentences = sentences::split(&text).into_iter().flat_map(sentences::split);
    sentences.flat_map(treebank::split).collect()
}

/// A tokeniser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokeniser {
    /// The tokenisation of the published encoder: [`tokens`].
    Nltk,
    /// Sequences of the letters a–z and the digits 0–9 in lower case, as in the tf-idf encoder.
    Plain,
}

impl Tokeniser {
    /// All tokenisers.
    pub const ALL: [Self; 2] = [Self::Nltk, Self::Plain];

    /// The name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nltk => "nltk",
            Self::Plain => "plain",
        }
    }

    /// The tokeniser with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tokeniser| tokeniser.as_str() == name)
    }

    /// The words of a text.
    pub fn split(self, text: &str) -> Vec<String> {
        match self {
            Self::Nltk => tokens(text),
            Self::Plain => crate::text::words(text),
        }
    }
}

#[cfg(test)]
mod tests;

//! From a caption to the words that the published encoder looks up: as its `preprocess` and `encode` with NLTK.
//!
//! Case is kept, and marks are words. The rules are those of NLTK 3.10.4: earlier versions of NLTK (the encoder is of 2015) know
//! fewer Unicode quotes and dashes.

mod characters;
mod parameters;
mod sentences;
mod treebank;

pub(super) use characters::is_space;
pub use sentences::sentences;
pub use treebank::words;

/// The words of a text: it is split into sentences by punkt, these once more (as `word_tokenize` does with what it is
/// given), and those into words.
pub fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let sentences = sentences::split(&text).into_iter().flat_map(sentences::split);
    sentences.flat_map(treebank::split).collect()
}

/// How a text is cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokeniser {
    /// As the published encoder: [`tokens`].
    Nltk,
    /// Runs of the letters a–z and the digits 0–9, in lower case, as the bag of words has them.
    Plain,
}

impl Tokeniser {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Nltk, Self::Plain];

    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nltk => "nltk",
            Self::Plain => "plain",
        }
    }

    /// The one of that name.
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

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

#[cfg(test)]
mod tests;

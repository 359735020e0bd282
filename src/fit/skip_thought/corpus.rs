//! Sentences in documents: what an encoder is trained on.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::error::FitError;
use crate::file_kind::{FileKind, WrongKind};

/// Sentences that belong together, as numbers of the corpus's words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub sentences: Vec<Vec<u32>>,
    /// Whether the sentences have no order of their own.
    pub is_loose: bool,
}

/// Documents of sentences, cut into words.
///
/// In a text, a sentence's neighbours are the ones before and after it, so that the first and the last of a document are
/// neighbours alone. A group of captions says the same thing several times over and has no order: its sentences stand in a
/// ring, drawn anew for each epoch, in which each is once in the middle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corpus {
    /// Each word once, in the order of their first appearance.
    pub(super) words: Vec<String>,
    pub(super) documents: Vec<Document>,
}

/// Cuts a sentence that is already tokenised: at white space.
pub fn at_white_space(sentence: &str) -> Vec<String> {
    sentence.split_whitespace().map(str::to_owned).collect()
}

impl Corpus {
    /// The corpus of a text file: one sentence a line, blank lines between documents.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a line is not UTF-8: by its number.
    pub fn read(path: &Path, tokenise: &dyn Fn(&str) -> Vec<String>) -> Result<Self, FitError> {
        let unread = |source| FitError::File { path: path.into(), source };
        let bytes = std::fs::read(path).map_err(unread)?;
        let kind = WrongKind::unless(&bytes, "a text, one sentence a line", &[FileKind::Empty]);
        kind.map_err(|wrong| unread(std::io::Error::other(wrong)))?;
        let mut gathering = Gathering::default();
        let mut document = Vec::new();
        for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
            let line = std::str::from_utf8(line).map_err(|_| FitError::Line { path: path.into(), line: number })?;
            match line.trim() {
                "" => gathering.document(std::mem::take(&mut document), false),
                sentence => document.push(tokenise(sentence)),
            }
        }
        gathering.document(document, false);
        Ok(gathering.corpus)
    }

    /// The corpus of groups of sentences that say the same thing, such as an image's captions.
    pub fn of_groups<G: IntoIterator<Item = S>, S: AsRef<str>>(
        groups: impl IntoIterator<Item = G>,
        tokenise: &dyn Fn(&str) -> Vec<String>,
    ) -> Self {
        let mut gathering = Gathering::default();
        for group in groups {
            gathering.document(group.into_iter().map(|sentence| tokenise(sentence.as_ref())).collect(), true);
        }
        gathering.corpus
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.documents.len()
    }

    /// How many sentences.
    pub fn sentences(&self) -> usize {
        self.documents.iter().map(|document| document.sentences.len()).sum()
    }

    /// The hash of all sentences, in their documents.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for document in &self.documents {
            hash.update(if document.is_loose { b"group\n".as_slice() } else { b"document\n" });
            for sentence in &document.sentences {
                let words = sentence.iter().map(|&word| self.words[word as usize].as_str());
                // No word holds this: a tokeniser that leaves control characters in words would be a strange one.
                hash.update(words.collect::<Vec<_>>().join("\u{1f}").as_bytes());
                hash.update(b"\n");
            }
        }
        hex::encode(hash.finalize())
    }
}

#[derive(Default)]
struct Gathering {
    corpus: Corpus,
    numbers: HashMap<String, u32>,
}

impl Gathering {
    /// A document more, but for sentences without words.
    fn document(&mut self, sentences: Vec<Vec<String>>, is_loose: bool) {
        let sentences = sentences.into_iter().filter(|sentence| !sentence.is_empty());
        let sentences: Vec<Vec<u32>> =
            sentences.map(|sentence| sentence.into_iter().map(|word| self.number(word)).collect()).collect();
        if !sentences.is_empty() {
            self.corpus.documents.push(Document { sentences, is_loose });
        }
    }

    fn number(&mut self, word: String) -> u32 {
        let words = &mut self.corpus.words;
        *self.numbers.entry(word).or_insert_with_key(|word| {
            words.push(word.clone());
            u32::try_from(words.len() - 1).expect("there are fewer words than bytes of a text in memory")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Corpus, FitError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corpus.txt");
        std::fs::write(&path, bytes).unwrap();
        Corpus::read(&path, &at_white_space)
    }

    #[test]
    fn a_line_is_a_sentence_and_a_blank_line_ends_a_document() {
        let corpus = read("a b\r\nb c\n\n \t\nd\n  e  a \n".as_bytes()).unwrap();
        assert_eq!((corpus.documents(), corpus.sentences()), (2, 4));
        assert_eq!(corpus.words, ["a", "b", "c", "d", "e"]);
        assert_eq!(corpus.documents[0].sentences, [vec![0, 1], vec![1, 2]]);
        assert_eq!(corpus.documents[1].sentences, [vec![3], vec![4, 0]]);
        assert_eq!(read(b"\n\n").unwrap().documents(), 0);
    }

    #[test]
    fn a_line_that_is_not_utf8_is_refused_by_its_number() {
        let error = read(b"good\n\nbad \xff\n").unwrap_err();
        assert!(matches!(error, FitError::Line { line: 3, .. }), "{error}");
        assert!(error.help().unwrap().contains("UTF-8"));
    }

    #[test]
    fn corpora_that_differ_have_other_hashes() {
        let group = |group: &[&str]| Corpus::of_groups([group.to_vec()], &at_white_space);
        let all = [
            group(&["a b", "c"]),
            group(&["a", "b c"]),
            group(&["a b c"]),
            Corpus::of_groups([vec!["a b"], vec!["c"]], &at_white_space),
            read(b"a b\nc\n").unwrap(),
        ];
        let hashes: std::collections::BTreeSet<String> = all.iter().map(Corpus::sha256).collect();
        assert_eq!(hashes.len(), all.len());
        assert_eq!(group(&["a  b", "", "c"]).sha256(), all[0].sha256());
    }
}

//! The training corpus of a text encoder: documents of sentences.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::error::FitError;
use crate::file_kind::{FileKind, WrongKind};

/// The sentences of a document, as indices of the corpus's words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub sentences: Vec<Vec<u32>>,
    /// Whether the order of the sentences has no meaning.
    pub is_unordered: bool,
}

/// Documents of tokenised sentences.
///
/// In a text, the neighbours of a sentence are the sentences before and after it; the first and the last sentence of a
/// document are only neighbours. The captions of an image have no order: each epoch arranges them in a random circular
/// order, in which every caption has two neighbours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corpus {
    /// The distinct words, in the order of their first occurrence.
    pub(super) words: Vec<String>,
    pub(super) documents: Vec<Document>,
}

/// Splits a sentence into words at white space.
pub fn whitespace_words(sentence: &str) -> Vec<String> {
    sentence.split_whitespace().map(str::to_owned).collect()
}

impl Corpus {
    /// Reads a text file with one sentence a line and blank lines between documents.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a line is not UTF-8.
    pub fn read(path: &Path, tokenise: &dyn Fn(&str) -> Vec<String>) -> Result<Self, FitError> {
        let read_error = |source| FitError::File { path: path.into(), source };
        let bytes = std::fs::read(path).map_err(read_error)?;
        let kind = WrongKind::check(&bytes, "a text, one sentence a line", &[FileKind::Empty]);
        kind.map_err(|wrong| read_error(std::io::Error::other(wrong)))?;
        let mut builder = CorpusBuilder::default();
        let mut document = Vec::new();
        for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
            let line = std::str::from_utf8(line).map_err(|_| FitError::Line { path: path.into(), line: number })?;
            match line.trim() {
                "" => builder.document(std::mem::take(&mut document), false),
                sentence => document.push(tokenise(sentence)),
            }
        }
        builder.document(document, false);
        Ok(builder.corpus)
    }

    /// The corpus of groups of unordered sentences, such as the captions of an image.
    pub fn of_groups<G: IntoIterator<Item = S>, S: AsRef<str>>(
        groups: impl IntoIterator<Item = G>,
        tokenise: &dyn Fn(&str) -> Vec<String>,
    ) -> Self {
        let mut builder = CorpusBuilder::default();
        for group in groups {
            builder.document(group.into_iter().map(|sentence| tokenise(sentence.as_ref())).collect(), true);
        }
        builder.corpus
    }

    /// The number of documents.
    pub fn documents(&self) -> usize {
        self.documents.len()
    }

    /// The number of sentences.
    pub fn sentences(&self) -> usize {
        self.documents.iter().map(|document| document.sentences.len()).sum()
    }

    /// SHA-256 of all documents and sentences.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for document in &self.documents {
            hash.update(if document.is_unordered { b"group\n".as_slice() } else { b"document\n" });
            for sentence in &document.sentences {
                let words = sentence.iter().map(|&word| self.words[word as usize].as_str());
                // The separator is a control character, which tokenisers do not leave in words.
                hash.update(words.collect::<Vec<_>>().join("\u{1f}").as_bytes());
                hash.update(b"\n");
            }
        }
        hex::encode(hash.finalize())
    }
}

#[derive(Default)]
struct CorpusBuilder {
    corpus: Corpus,
    indices: HashMap<String, u32>,
}

impl CorpusBuilder {
    /// Adds a document. Sentences without words are skipped.
    fn document(&mut self, sentences: Vec<Vec<String>>, is_unordered: bool) {
        let sentences = sentences.into_iter().filter(|sentence| !sentence.is_empty());
        let sentences: Vec<Vec<u32>> =
            sentences.map(|sentence| sentence.into_iter().map(|word| self.word_index(word)).collect()).collect();
        if !sentences.is_empty() {
            self.corpus.documents.push(Document { sentences, is_unordered });
        }
    }

    fn word_index(&mut self, word: String) -> u32 {
        let words = &mut self.corpus.words;
        *self.indices.entry(word).or_insert_with_key(|word| {
            words.push(word.clone());
            u32::try_from(words.len() - 1).expect("a corpus in memory has fewer than 2³² words")
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
        Corpus::read(&path, &whitespace_words)
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
    fn the_error_of_a_line_that_is_not_utf8_has_its_number() {
        let error = read(b"good\n\nbad \xff\n").unwrap_err();
        assert!(matches!(error, FitError::Line { line: 3, .. }), "{error}");
        assert!(error.help().unwrap().contains("UTF-8"));
    }

    #[test]
    fn different_corpora_have_different_hashes() {
        let group = |group: &[&str]| Corpus::of_groups([group.to_vec()], &whitespace_words);
        let all = [
            group(&["a b", "c"]),
            group(&["a", "b c"]),
            group(&["a b c"]),
            Corpus::of_groups([vec!["a b"], vec!["c"]], &whitespace_words),
            read(b"a b\nc\n").unwrap(),
        ];
        let hashes: std::collections::BTreeSet<String> = all.iter().map(Corpus::sha256).collect();
        assert_eq!(hashes.len(), all.len());
        assert_eq!(group(&["a  b", "", "c"]).sha256(), all[0].sha256());
    }
}

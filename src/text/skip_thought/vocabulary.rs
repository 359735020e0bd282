//! The vocabulary of an encoder.

use std::path::Path;

use super::error::SkipThoughtError;
use super::tokens::is_space;
use crate::file_error::FileError;
use crate::file_kind::FileKind;

/// The end of a sentence.
const EOS: &str = "<eos>";
/// Every unknown word.
const UNKNOWN: &str = "UNK";

/// Words and their rows. A word needs 8 bytes in addition to its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabulary {
    /// All words, concatenated in the order of their rows.
    text: String,
    /// The end of the word of each row in `text`.
    ends: Vec<u32>,
    /// The rows, sorted by word and then by row.
    sorted: Vec<u32>,
    eos: usize,
    unknown: usize,
}

impl Vocabulary {
    /// Creates a vocabulary from the words in the order of their rows. A duplicate word has the last of its rows, as in
    /// the dict of the published code.
    ///
    /// # Errors
    ///
    /// If `<eos>` or `UNK` is missing.
    pub fn new<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Result<Self, SkipThoughtError> {
        let mut vocabulary = Self { text: String::new(), ends: vec![], sorted: vec![], eos: 0, unknown: 0 };
        for word in words {
            vocabulary.text.push_str(word.as_ref());
            vocabulary.ends.push(vocabulary.text.len() as u32);
        }
        let mut sorted: Vec<u32> = (0..vocabulary.ends.len() as u32).collect();
        sorted.sort_by_key(|&row| (vocabulary.word(row as usize), row));
        vocabulary.sorted = sorted;
        let special = |word| vocabulary.row(word).ok_or(SkipThoughtError::NoWord { word, words: vocabulary.len() });
        (vocabulary.eos, vocabulary.unknown) = (special(EOS)?, special(UNKNOWN)?);
        Ok(vocabulary)
    }

    /// Reads a dictionary with one word a line, in the order of the rows. Spaces around a word are ignored.
    ///
    /// # Errors
    ///
    /// If the dictionary cannot be read, a line is not UTF-8, or `<eos>` or `UNK` is missing.
    pub fn read(path: &Path) -> Result<Self, SkipThoughtError> {
        FileError::check_kind(path, "a dictionary, one word a line", &[FileKind::Empty])?;
        let bytes = std::fs::read(path).map_err(FileError::read(path))?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            SkipThoughtError::Utf8 { path: path.into(), line }
        })?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        Self::new(text.split('\n').map(|line| line.trim_matches(is_space)))
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Always `false`: `<eos>` and `UNK` are required.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word of a row.
    pub fn word(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[row] as usize]
    }

    /// The row of a word, if it has one.
    pub fn row(&self, word: &str) -> Option<usize> {
        let end = self.sorted.partition_point(|&row| self.word(row as usize) <= word);
        let row = self.sorted[end.checked_sub(1)?] as usize;
        (self.word(row) == word).then_some(row)
    }

    /// The row of `<eos>`.
    pub fn eos(&self) -> usize {
        self.eos
    }

    /// The row of unknown words.
    pub fn unknown(&self) -> usize {
        self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_a_word_is_its_line_and_the_last_line_of_duplicates() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dictionary.txt");
        std::fs::write(&path, "the\n <eos>\u{a0}\r\nUNK\nrose\nthe\nÜber\n").unwrap();
        let words = Vocabulary::read(&path).unwrap();
        assert_eq!((words.len(), words.eos(), words.unknown()), (6, 1, 2));
        assert_eq!(
            (words.row("the"), words.row("Über"), words.row("über"), words.row("")),
            (Some(4), Some(5), None, None)
        );
        assert_eq!(
            (0..6).map(|row| words.word(row)).collect::<Vec<_>>(),
            ["the", "<eos>", "UNK", "rose", "the", "Über"]
        );
    }

    #[test]
    fn invalid_dictionaries_are_rejected() {
        let error = Vocabulary::new(["<eos>", "a"]).unwrap_err();
        assert!(error.to_string() == "missing word `UNK` in a dictionary of 2 words" && error.help().is_some());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dictionary.txt");
        std::fs::write(&path, b"<eos>\nUNK\ncaf\xe9\n").unwrap();
        assert!(Vocabulary::read(&path).unwrap_err().to_string().ends_with("line 3 is not UTF-8"));
    }
}

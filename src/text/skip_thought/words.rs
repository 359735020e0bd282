//! The words of an encoder.

use std::path::Path;

use super::error::{SkipThoughtError, expect};
use super::tokens::is_space;
use crate::file_kind::FileKind;

/// What ends a sentence, where that is read.
const EOS: &str = "<eos>";
/// What stands for every word that has no row.
const UNKNOWN: &str = "UNK";

/// Words and their rows, in 8 bytes each and their letters.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    letters: String,
    /// Where each row's word ends.
    ends: Vec<u32>,
    /// The rows in the order of their words, of equal words in that of the rows.
    sorted: Vec<u32>,
    eos: usize,
    unknown: usize,
}

impl Words {
    /// Words in the order of their rows. Of a word that stands twice the last row counts, as in the original's dict.
    ///
    /// # Errors
    ///
    /// If there is no `<eos>` or no `UNK`.
    pub fn new<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Result<Self, SkipThoughtError> {
        let mut made = Self { letters: String::new(), ends: vec![], sorted: vec![], eos: 0, unknown: 0 };
        for word in words {
            made.letters.push_str(word.as_ref());
            made.ends.push(made.letters.len() as u32);
        }
        let mut sorted: Vec<u32> = (0..made.ends.len() as u32).collect();
        sorted.sort_by_key(|&row| (made.word(row as usize), row));
        made.sorted = sorted;
        let special = |word| made.row(word).ok_or(SkipThoughtError::NoWord { word, words: made.len() });
        (made.eos, made.unknown) = (special(EOS)?, special(UNKNOWN)?);
        Ok(made)
    }

    /// A dictionary: one word a line, in the order of the rows; spaces around a word do not belong to it.
    ///
    /// # Errors
    ///
    /// If it cannot be read, a line is not UTF-8, or `<eos>` or `UNK` is missing.
    pub fn read(path: &Path) -> Result<Self, SkipThoughtError> {
        expect(path, "a dictionary, one word a line", &[FileKind::Empty])?;
        let bytes = std::fs::read(path).map_err(|source| SkipThoughtError::Read { path: path.into(), source })?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            SkipThoughtError::Utf8 { path: path.into(), line }
        })?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        Self::new(text.split('\n').map(|line| line.trim_matches(is_space)))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never: `<eos>` and `UNK` are there.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word of a row.
    pub fn word(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.letters[start..self.ends[row] as usize]
    }

    /// The row of a word, if it has one.
    pub fn row(&self, word: &str) -> Option<usize> {
        let behind = self.sorted.partition_point(|&row| self.word(row as usize) <= word);
        let row = self.sorted[behind.checked_sub(1)?] as usize;
        (self.word(row) == word).then_some(row)
    }

    /// The row of what ends a sentence.
    pub fn eos(&self) -> usize {
        self.eos
    }

    /// The row of words that have none.
    pub fn unknown(&self) -> usize {
        self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_rows_of_their_lines_and_the_last_of_two_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dictionary.txt");
        std::fs::write(&path, "the\n <eos>\u{a0}\r\nUNK\nrose\nthe\nÜber\n").unwrap();
        let words = Words::read(&path).unwrap();
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
    fn a_dictionary_without_what_it_needs_is_refused() {
        let error = Words::new(["<eos>", "a"]).unwrap_err();
        assert!(error.to_string() == "no word `UNK` among 2" && error.help().is_some());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dictionary.txt");
        std::fs::write(&path, b"<eos>\nUNK\ncaf\xe9\n").unwrap();
        assert!(Words::read(&path).unwrap_err().to_string().ends_with("line 3 is not UTF-8"));
    }
}

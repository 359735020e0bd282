//! Files of word vectors by word2vec or GloVe.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::error::{SkipThoughtError, expect};

/// The longest line or word that is read.
const LONGEST: u64 = 1 << 20;
/// The most numbers of a vector.
const WIDEST: usize = 1 << 15;

/// How the vectors are written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// Lines of a word and its numbers.
    Glove,
    /// The same behind a line with the counts of words and numbers.
    Text,
    /// The same, with numbers as little-endian 32-bit floats.
    Binary,
}

/// A file of word vectors: GloVe's text, or word2vec's text or binary form, told apart by what is in it.
#[derive(Clone, Debug)]
pub struct VectorFile {
    path: PathBuf,
    form: Form,
    /// How many words a file of word2vec says it has.
    words: Option<usize>,
    dimension: usize,
}

impl VectorFile {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or begins like none of the forms.
    pub fn open(path: &Path) -> Result<Self, SkipThoughtError> {
        let wrong = |why: &str| SkipThoughtError::Vectors { path: path.into(), why: why.into() };
        let mut reader = Entries::open(path)?;
        let first = reader.line()?.ok_or_else(|| wrong("it is empty"))?;
        // Vectors may be of words such as `<html>`: a line of a word and its numbers is no other kind of file.
        if !begins_as_vectors(&first) {
            expect(path, "a file of word vectors", &[])?;
        }
        let first = String::from_utf8(first).map_err(|_| SkipThoughtError::Utf8 { path: path.into(), line: 1 })?;
        let fields: Vec<&str> = fields(&first).collect();
        let counts = match fields[..] {
            [words, dimension] => words.parse().ok().zip(dimension.parse().ok()),
            _ => None,
        };
        let (form, words, dimension) = match counts {
            None => (Form::Glove, None, fields.len().saturating_sub(1)),
            Some((words, dimension)) => {
                let line = reader.line().unwrap_or_default().and_then(|line| String::from_utf8(line).ok());
                let text = line.is_some_and(|line| parted(&line, dimension).is_some());
                (if text { Form::Text } else { Form::Binary }, Some(words), dimension)
            }
        };
        match dimension {
            1..=WIDEST => Ok(Self { path: path.into(), form, words, dimension }),
            _ => Err(wrong(&format!("vectors of {dimension} numbers"))),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many numbers a vector has.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Shows each word with its vector, in the order of the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, ends early, or a vector is none; nothing more is shown then.
    pub fn each(&self, show: &mut dyn FnMut(&str, &[f32])) -> Result<(), SkipThoughtError> {
        let mut entries = Entries::open(&self.path)?;
        if self.form != Form::Glove {
            entries.line()?;
        }
        let mut count = 0;
        loop {
            let entry = match self.form {
                Form::Binary if Some(count) == self.words => None,
                Form::Binary => Some(entries.binary(self.dimension, count)?),
                Form::Glove | Form::Text => entries.text(self.dimension)?,
            };
            let Some((word, vector)) = entry else { break };
            count += 1;
            if !vector.iter().all(|number| number.is_finite()) {
                return Err(self.wrong(format!("the vector of {word:?}, word {count}, is not finite")));
            }
            show(&word, &vector);
        }
        match self.words {
            Some(words) if words != count => Err(self.wrong(format!("{count} words, where it says {words}"))),
            _ => Ok(()),
        }
    }

    fn wrong(&self, why: String) -> SkipThoughtError {
        SkipThoughtError::Vectors { path: self.path.clone(), why }
    }
}

/// Whether a line is of a word and numbers, or of counts.
fn begins_as_vectors(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let mut fields = fields(&text).skip(1).peekable();
    fields.peek().is_some() && fields.all(|field| field.parse::<f32>().is_ok())
}

/// What stands between single spaces, of which the last may be followed by one more.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.trim_end_matches([' ', '\r', '\t']).split([' ', '\t'])
}

/// A word, which may hold spaces, and as many numbers as there should be.
fn parted(line: &str, dimension: usize) -> Option<(&str, Vec<f32>)> {
    let line = line.trim_end_matches([' ', '\r', '\t']);
    let mut fields = line.rsplit([' ', '\t']);
    let mut numbers = fields.by_ref().take(dimension).map(str::parse).collect::<Result<Vec<f32>, _>>().ok()?;
    numbers.reverse();
    let taken: usize = line.rsplit([' ', '\t']).take(dimension).map(|field| field.len() + 1).sum();
    let word = line.get(..line.len().checked_sub(taken)?)?;
    (numbers.len() == dimension && fields.next().is_some()).then_some((word, numbers))
}

struct Entries {
    path: PathBuf,
    reader: BufReader<File>,
    line: usize,
}

impl Entries {
    fn open(path: &Path) -> Result<Self, SkipThoughtError> {
        let file = File::open(path).map_err(|source| SkipThoughtError::Read { path: path.into(), source })?;
        Ok(Self { path: path.into(), reader: BufReader::with_capacity(1 << 20, file), line: 0 })
    }

    fn wrong(&self, why: String) -> SkipThoughtError {
        SkipThoughtError::Vectors { path: self.path.clone(), why }
    }

    fn until(&mut self, end: u8) -> Result<Vec<u8>, SkipThoughtError> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(LONGEST).read_until(end, &mut bytes);
        read.map_err(|source| SkipThoughtError::Read { path: self.path.clone(), source })?;
        Ok(bytes)
    }

    /// The next line, if there is one.
    fn line(&mut self) -> Result<Option<Vec<u8>>, SkipThoughtError> {
        let mut line = self.until(b'\n')?;
        if line.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 == LONGEST {
            return Err(self.wrong(format!("line {} is longer than {LONGEST} bytes", self.line)));
        }
        Ok(Some(line))
    }

    fn text(&mut self, dimension: usize) -> Result<Option<(String, Vec<f32>)>, SkipThoughtError> {
        let Some(line) = self.line()? else { return Ok(None) };
        let utf8 = |_| SkipThoughtError::Utf8 { path: self.path.clone(), line: self.line };
        let line = String::from_utf8(line).map_err(utf8)?;
        let (word, vector) = parted(&line, dimension)
            .ok_or_else(|| self.wrong(format!("line {} is no word and {dimension} numbers", self.line)))?;
        Ok(Some((word.to_owned(), vector)))
    }

    fn binary(&mut self, dimension: usize, before: usize) -> Result<(String, Vec<f32>), SkipThoughtError> {
        let mut word = self.until(b' ')?;
        let cut = || self.wrong(format!("it ends after {before} words, or holds no binary vectors"));
        if word.pop() != Some(b' ') {
            return Err(cut());
        }
        let mut bytes = vec![0; 4 * dimension];
        self.reader.read_exact(&mut bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                SkipThoughtError::Vectors { path: self.path.clone(), why: format!("it ends after {before} words") }
            }
            _ => SkipThoughtError::Read { path: self.path.clone(), source: error },
        })?;
        // Some writers end a vector's line, some do not.
        let word = String::from_utf8(word).map_err(|_| self.wrong(format!("word {} is not UTF-8", before + 1)))?;
        let vector = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        Ok((word.trim_start_matches('\n').to_owned(), vector))
    }
}

#[cfg(test)]
mod tests;

//! Files of word vectors from word2vec or GloVe.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::error::SkipThoughtError;
use crate::file_error::FileError;

/// The largest length of a line or word in bytes.
const MAX_LINE: u64 = 1 << 20;
/// The largest dimension of a vector.
const MAX_DIMENSION: usize = 1 << 15;

/// The format of a file of word vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    /// Lines with a word and its values.
    Glove,
    /// The same, after a line with the number of words and the dimension.
    Word2VecText,
    /// The same, with values as little-endian `f32`.
    Word2VecBinary,
}

/// A file of word vectors in the text format of GloVe, or in the text or binary format of word2vec. The format is
/// detected from the contents.
#[derive(Clone, Debug)]
pub struct VectorFile {
    path: PathBuf,
    format: Format,
    /// The number of words in the header of a word2vec file.
    words: Option<usize>,
    dimension: usize,
}

impl VectorFile {
    /// Opens a file and detects its format.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has none of the formats.
    pub fn open(path: &Path) -> Result<Self, SkipThoughtError> {
        let invalid = |why: &str| SkipThoughtError::Vectors { path: path.into(), why: why.into() };
        let mut reader = EntryReader::open(path)?;
        let first = reader.line()?.ok_or_else(|| invalid("the file is empty"))?;
        // A word may be like `<html>`, so a first line with a word and values is not checked for other kinds of files.
        if !is_vector_line(&first) {
            FileError::check_kind(path, "a file of word vectors", &[])?;
        }
        let first = String::from_utf8(first).map_err(|_| SkipThoughtError::Utf8 { path: path.into(), line: 1 })?;
        let fields: Vec<&str> = fields(&first).collect();
        let counts = match fields[..] {
            [words, dimension] => words.parse().ok().zip(dimension.parse().ok()),
            _ => None,
        };
        let (format, words, dimension) = match counts {
            None => (Format::Glove, None, fields.len().saturating_sub(1)),
            Some((words, dimension)) => {
                let line = reader.line().unwrap_or_default().and_then(|line| String::from_utf8(line).ok());
                let is_text = line.is_some_and(|line| parse_line(&line, dimension).is_some());
                (if is_text { Format::Word2VecText } else { Format::Word2VecBinary }, Some(words), dimension)
            }
        };
        match dimension {
            1..=MAX_DIMENSION => Ok(Self { path: path.into(), format, words, dimension }),
            _ => Err(invalid(&format!("the dimension is {dimension}, but 1 to {MAX_DIMENSION} is required"))),
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The dimension of the vectors.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Calls `visit` with each word and its vector, in the order of the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is truncated, or a vector is invalid.
    pub fn for_each(&self, visit: &mut dyn FnMut(&str, &[f32])) -> Result<(), SkipThoughtError> {
        let mut entries = EntryReader::open(&self.path)?;
        if self.format != Format::Glove {
            entries.line()?;
        }
        let mut count = 0;
        loop {
            let entry = match self.format {
                Format::Word2VecBinary if Some(count) == self.words => None,
                Format::Word2VecBinary => Some(entries.binary(self.dimension, count)?),
                Format::Glove | Format::Word2VecText => entries.text(self.dimension)?,
            };
            let Some((word, vector)) = entry else { break };
            count += 1;
            if !vector.iter().all(|value| value.is_finite()) {
                return Err(self.invalid(format!("the vector of {word:?}, word {count}, is not finite")));
            }
            visit(&word, &vector);
        }
        match self.words {
            Some(words) if words != count => {
                Err(self.invalid(format!("the file has {count} words, but its header says {words}")))
            }
            _ => Ok(()),
        }
    }

    fn invalid(&self, why: String) -> SkipThoughtError {
        SkipThoughtError::Vectors { path: self.path.clone(), why }
    }
}

/// Whether a line has a word and values, or two counts.
fn is_vector_line(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let mut fields = fields(&text).skip(1).peekable();
    fields.peek().is_some() && fields.all(|field| field.parse::<f32>().is_ok())
}

/// The fields of a line, which are separated by single spaces or tabs. Trailing spaces are ignored.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.trim_end_matches([' ', '\r', '\t']).split([' ', '\t'])
}

/// Parses a line with a word, which may contain spaces, and `dimension` values.
fn parse_line(line: &str, dimension: usize) -> Option<(&str, Vec<f32>)> {
    let line = line.trim_end_matches([' ', '\r', '\t']);
    let mut fields = line.rsplit([' ', '\t']);
    let mut values = fields.by_ref().take(dimension).map(str::parse).collect::<Result<Vec<f32>, _>>().ok()?;
    values.reverse();
    let values_length: usize = line.rsplit([' ', '\t']).take(dimension).map(|field| field.len() + 1).sum();
    let word = line.get(..line.len().checked_sub(values_length)?)?;
    (values.len() == dimension && fields.next().is_some()).then_some((word, values))
}

/// Reads words and vectors one by one.
struct EntryReader {
    path: PathBuf,
    reader: BufReader<File>,
    line: usize,
}

impl EntryReader {
    fn open(path: &Path) -> Result<Self, SkipThoughtError> {
        let file = File::open(path).map_err(FileError::read(path))?;
        Ok(Self { path: path.into(), reader: BufReader::with_capacity(1 << 20, file), line: 0 })
    }

    fn invalid(&self, why: String) -> SkipThoughtError {
        SkipThoughtError::Vectors { path: self.path.clone(), why }
    }

    fn read_until(&mut self, end: u8) -> Result<Vec<u8>, SkipThoughtError> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(MAX_LINE).read_until(end, &mut bytes);
        read.map_err(FileError::read(&self.path))?;
        Ok(bytes)
    }

    /// The next line; `None` at the end of the file.
    fn line(&mut self) -> Result<Option<Vec<u8>>, SkipThoughtError> {
        let mut line = self.read_until(b'\n')?;
        if line.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 == MAX_LINE {
            return Err(self.invalid(format!("line {} is longer than {MAX_LINE} bytes", self.line)));
        }
        Ok(Some(line))
    }

    fn text(&mut self, dimension: usize) -> Result<Option<(String, Vec<f32>)>, SkipThoughtError> {
        let Some(line) = self.line()? else { return Ok(None) };
        let utf8 = |_| SkipThoughtError::Utf8 { path: self.path.clone(), line: self.line };
        let line = String::from_utf8(line).map_err(utf8)?;
        let (word, vector) = parse_line(&line, dimension)
            .ok_or_else(|| self.invalid(format!("line {} is not a word and {dimension} values", self.line)))?;
        Ok(Some((word.to_owned(), vector)))
    }

    /// The next word and vector in the binary format, after `before` words.
    fn binary(&mut self, dimension: usize, before: usize) -> Result<(String, Vec<f32>), SkipThoughtError> {
        let mut word = self.read_until(b' ')?;
        if word.pop() != Some(b' ') {
            let why = format!("the file ends after {before} words, or does not contain binary vectors");
            return Err(self.invalid(why));
        }
        let mut bytes = vec![0; 4 * dimension];
        self.reader.read_exact(&mut bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => self.invalid(format!("the file ends after {before} words")),
            _ => FileError::read(&self.path)(error).into(),
        })?;
        let word = String::from_utf8(word).map_err(|_| self.invalid(format!("word {} is not UTF-8", before + 1)))?;
        let vector = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        // Some writers add a newline after each vector.
        Ok((word.trim_start_matches('\n').to_owned(), vector))
    }
}

#[cfg(test)]
mod tests;

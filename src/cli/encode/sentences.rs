use std::path::{Path, PathBuf};

use crate::file_error::FileError;
use crate::file_kind::{FileKind, WrongKind};

/// The error of a file of sentences.
#[derive(Debug, thiserror::Error)]
pub enum SentencesError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is not UTF-8.
    #[error("{path}: line {line} is not UTF-8", path = path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The file is empty.
    #[error("{path}: the file is empty", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl SentencesError {
    /// The remedy.
    pub fn help(&self) -> Option<String> {
        match self {
            SentencesError::File(error) => error.help().map(str::to_owned),
            SentencesError::NotUtf8 { path, .. } => {
                Some(format!("convert it to UTF-8: for Latin-1, `iconv -f latin1 -t utf-8 {}`", path.display()))
            }
            SentencesError::Empty { .. } => Some("write one sentence per line".to_owned()),
        }
    }
}

/// The lines of a text file. An empty line is a sentence without words.
///
/// # Errors
///
/// If the file cannot be read, is empty, or is not UTF-8.
pub fn sentences(path: &Path) -> Result<Vec<String>, SentencesError> {
    let failed = FileError::read(path);
    let bytes = std::fs::read(path).map_err(failed)?;
    let kind = WrongKind::check(&bytes, "a text with one sentence per line", &[FileKind::Empty]);
    kind.map_err(|wrong| failed(std::io::Error::other(wrong)))?;
    if bytes.is_empty() {
        return Err(SentencesError::Empty { path: path.to_owned() });
    }
    let lines = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let text = |(line, bytes): (usize, &[u8])| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.trim_end_matches('\r').to_owned()),
        Err(_) => Err(SentencesError::NotUtf8 { path: path.to_owned(), line }),
    };
    (1..).zip(lines.split(|&byte| byte == b'\n')).map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_sentence() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let of = |bytes: &[u8]| {
            std::fs::write(file.path(), bytes).unwrap();
            sentences(file.path())
        };
        assert_eq!(of(b"one\r\n\ntwo").unwrap(), ["one", "", "two"]);
        assert_eq!(of(b"one\n").unwrap(), ["one"]);
        assert_eq!(of(b"\n").unwrap(), [""]);
        assert!(matches!(of(b""), Err(SentencesError::Empty { .. })));
        assert!(matches!(of(b"one\ntwo \xff\nthree"), Err(SentencesError::NotUtf8 { line: 2, .. })));
        assert!(matches!(sentences(Path::new("nowhere")), Err(SentencesError::File(FileError::Read { .. }))));
    }
}

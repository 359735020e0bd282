//! Reading bytes, with the current offset.

use std::io::{BufRead, Read as _};

use super::error::PickleError;

/// The largest length of a string in bytes: a row of 32,768 values.
const MAX_STRING: u64 = 1 << 17;

/// A reader that counts bytes.
pub(super) struct ByteReader<R> {
    reader: R,
    /// The offset of the next byte in the file.
    pub(super) at: u64,
}

impl<R: BufRead> ByteReader<R> {
    /// Creates a reader whose next byte has the offset `at`.
    pub(super) fn new(reader: R, at: u64) -> Self {
        Self { reader, at }
    }

    fn error(&self, source: std::io::Error) -> PickleError {
        match source.kind() {
            std::io::ErrorKind::UnexpectedEof => PickleError::Truncated { at: self.at },
            _ => PickleError::Read { at: self.at, source },
        }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|error| self.error(error))?;
        self.at += N as u64;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PickleError> {
        Ok(self.array::<1>()?[0])
    }

    /// Reads a string of the given length.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, PickleError> {
        if length > MAX_STRING {
            return Err(PickleError::Limit {
                what: "bytes of a string",
                found: length,
                limit: MAX_STRING,
                at: self.at,
            });
        }
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(length).read_to_end(&mut bytes).map_err(|error| self.error(error))?;
        self.at += read as u64;
        if (read as u64) < length {
            return Err(PickleError::Truncated { at: self.at });
        }
        Ok(bytes)
    }

    /// Reads a line without the newline.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, PickleError> {
        let mut line = Vec::new();
        let read =
            (&mut self.reader).take(MAX_STRING).read_until(b'\n', &mut line).map_err(|error| self.error(error))?;
        self.at += read as u64;
        match line.pop() {
            Some(b'\n') => Ok(line),
            _ if read as u64 == MAX_STRING => Err(PickleError::Limit {
                what: "bytes of a line",
                found: MAX_STRING,
                limit: MAX_STRING - 1,
                at: self.at,
            }),
            _ => Err(PickleError::Truncated { at: self.at }),
        }
    }

    /// Checks that the file ends here.
    pub(super) fn end(mut self) -> Result<(), PickleError> {
        let rest = self.reader.fill_buf().map_err(|source| PickleError::Read { at: self.at, source })?;
        match rest.is_empty() {
            true => Ok(()),
            false => Err(PickleError::Malformed { what: "bytes after the end of the pickle".into(), at: self.at }),
        }
    }
}

//! The bytes of a pickle, counted.

use std::io::{BufRead, Read as _};

use super::error::PickleError;

/// The longest string that is read: a row of 32,768 numbers.
const LONGEST: u64 = 1 << 17;

pub(super) struct Source<R> {
    reader: R,
    /// The byte of the file that comes next.
    pub(super) at: u64,
}

impl<R: BufRead> Source<R> {
    /// A reader whose next byte is the file's byte `at`.
    pub(super) fn new(reader: R, at: u64) -> Self {
        Self { reader, at }
    }

    fn failed(&self, source: std::io::Error) -> PickleError {
        match source.kind() {
            std::io::ErrorKind::UnexpectedEof => PickleError::Ends { at: self.at },
            _ => PickleError::Read { at: self.at, source },
        }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|error| self.failed(error))?;
        self.at += N as u64;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PickleError> {
        Ok(self.array::<1>()?[0])
    }

    /// A string of a claimed length.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, PickleError> {
        if length > LONGEST {
            return Err(PickleError::Limit { what: "a string's bytes", found: length, limit: LONGEST, at: self.at });
        }
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(length).read_to_end(&mut bytes).map_err(|error| self.failed(error))?;
        self.at += read as u64;
        if (read as u64) < length {
            return Err(PickleError::Ends { at: self.at });
        }
        Ok(bytes)
    }

    /// What stands before the end of the line.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, PickleError> {
        let mut line = Vec::new();
        let read = (&mut self.reader).take(LONGEST).read_until(b'\n', &mut line).map_err(|error| self.failed(error))?;
        self.at += read as u64;
        match line.pop() {
            Some(b'\n') => Ok(line),
            _ if read as u64 == LONGEST => {
                Err(PickleError::Limit { what: "a line's bytes", found: LONGEST, limit: LONGEST - 1, at: self.at })
            }
            _ => Err(PickleError::Ends { at: self.at }),
        }
    }

    /// That nothing follows.
    pub(super) fn end(mut self) -> Result<(), PickleError> {
        let rest = self.reader.fill_buf().map_err(|source| PickleError::Read { at: self.at, source })?;
        match rest.is_empty() {
            true => Ok(()),
            false => Err(PickleError::Malformed { what: "something after the end of the pickle".into(), at: self.at }),
        }
    }
}

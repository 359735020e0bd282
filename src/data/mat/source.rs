//! A stream of bytes from memory or from compressed data.

use super::MatError;
use std::io::{ErrorKind, Read};

/// The byte order of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// A stream of bytes with a byte order. Every read checks that the bytes exist.
pub(super) struct Source<R> {
    reader: R,
    pub order: ByteOrder,
}

impl<R: Read> Source<R> {
    pub fn new(reader: R, order: ByteOrder) -> Self {
        Self { reader, order }
    }

    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], MatError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|error| failed(what, &error))?;
        Ok(bytes)
    }

    pub fn u32(&mut self, what: &'static str) -> Result<u32, MatError> {
        Ok(self.order.u32(self.array(what)?))
    }

    /// Reads `count` bytes. The memory used depends on the bytes that exist, not on `count`.
    pub fn bytes(&mut self, count: usize, what: &'static str) -> Result<Vec<u8>, MatError> {
        let mut bytes = Vec::new();
        (&mut self.reader).take(count as u64).read_to_end(&mut bytes).map_err(|error| failed(what, &error))?;
        if bytes.len() == count { Ok(bytes) } else { Err(MatError::Truncated { what }) }
    }

    /// Skips up to `count` bytes of padding. Some programs do not write the padding of the last value.
    pub fn skip(&mut self, count: usize, what: &'static str) -> Result<(), MatError> {
        let skipped = std::io::copy(&mut (&mut self.reader).take(count as u64), &mut std::io::sink());
        skipped.map(drop).map_err(|error| failed(what, &error))
    }

    /// Checks that there are no more bytes.
    pub fn end(&mut self, what: &'static str) -> Result<(), MatError> {
        match self.reader.read(&mut [0]).map_err(|error| failed(what, &error))? {
            0 => Ok(()),
            _ => Err(MatError::Damaged { what: format!("{what} has bytes after its numbers") }),
        }
    }
}

/// Converts an error of the stream. A stream in memory can only end too early; compressed data can also be damaged.
fn failed(what: &'static str, error: &std::io::Error) -> MatError {
    match error.kind() {
        ErrorKind::UnexpectedEof => MatError::Truncated { what },
        _ => MatError::Damaged { what: format!("{what} cannot be decompressed ({error})") },
    }
}

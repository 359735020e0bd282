//! The hash of a file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::SkipThoughtError;
use crate::file_error::FileError;

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
///
/// If the file cannot be read.
pub(super) fn sha256(path: &Path) -> Result<String, SkipThoughtError> {
    let read_error = FileError::read(path);
    let mut file = File::open(path).map_err(read_error)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(read_error)? {
            0 => return Ok(hex::encode(hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

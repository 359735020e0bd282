//! Telling the level of a file, and reading a vector of it.

use super::{MatError, level4, level5};
use crate::file_kind::{FileKind, WrongKind};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The largest file that is read; those of Oxford-102 have a few kilobytes.
const MOST_BYTES: u64 = 1 << 28;
/// The second byte of the version of MATLAB 7.3.
const LEVEL_73: u8 = 2;

/// The bytes of a file that may be one of MATLAB's.
///
/// # Errors
///
/// If it cannot be read; within, if it is larger than any such file.
pub fn read_file(path: &Path) -> std::io::Result<Result<Vec<u8>, MatError>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    let too_large = || MatError::TooLarge { what: "more bytes than a table of labels has".into(), most: MOST_BYTES };
    Ok(if bytes.len() as u64 > MOST_BYTES { Err(too_large()) } else { Ok(bytes) })
}

/// The numbers of the variable, a row or a column, as they are: neither whole nor in any range as yet. They may be of any
/// real numeric class (`int8` to `uint64`, `single`, `double`, `logical`), in a file of MATLAB 4 to 7, compressed or not, of
/// either byte order.
///
/// # Errors
///
/// If the bytes are no whole MATLAB file, or have no such vector.
pub fn vector(bytes: &[u8], variable: &str) -> Result<Vec<f64>, MatError> {
    match WrongKind::unless(bytes, "a MATLAB file", &[]) {
        Err(WrongKind { kind: FileKind::Hdf5, .. }) => return Err(MatError::Level73),
        other => other?,
    }
    match level5::begins(bytes) {
        Some((_, LEVEL_73)) => Err(MatError::Level73),
        Some((order, _)) => level5::vector(bytes, order, variable),
        None if level4::begins(bytes) => level4::vector(bytes, variable),
        None if bytes.starts_with(b"MATLAB 5.0") => Err(level5::broken_header(bytes)),
        None => Err(MatError::NotMat),
    }
}

//! Detection of the level of a file, and reading of a vector.

use super::{MatError, level4, level5};
use crate::file_kind::{FileKind, WrongKind};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The maximum size of a file. The files of Oxford-102 have a few kilobytes.
const MAX_BYTES: u64 = 1 << 28;
/// The second byte of the version in a file of MATLAB 7.3.
const LEVEL_73: u8 = 2;

/// Reads the bytes of a file that should be a MATLAB file.
///
/// # Errors
///
/// The outer result: the file cannot be read. The inner result: the file is larger than the limit.
pub fn read_file(path: &Path) -> std::io::Result<Result<Vec<u8>, MatError>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    let too_large = || MatError::TooLarge { what: "the file has too many bytes".into(), limit: MAX_BYTES };
    Ok(if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) })
}

/// Reads the values of a variable that is a row or a column. The values are not checked: they need not be integers or
/// in any range. The variable can have any real numeric class (`int8` to `uint64`, `single`, `double`, `logical`). The
/// file can be of MATLAB 4 to 7, compressed or not, in either byte order.
///
/// # Errors
///
/// If the bytes are not a complete MATLAB file, or the file has no such vector.
pub fn vector(bytes: &[u8], variable: &str) -> Result<Vec<f64>, MatError> {
    match WrongKind::check(bytes, "a MATLAB file", &[]) {
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

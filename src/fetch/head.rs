//! Reading the first bytes of a file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Reads the first bytes of a file, up to 512.
///
/// # Errors
///
/// If it cannot be read.
pub fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut head)?;
    Ok(head)
}

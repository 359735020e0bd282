//! How a file begins, and web pages that came in its place.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The first bytes of a file, up to 512.
///
/// # Errors
///
/// If it cannot be read.
pub fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether a file that begins so is a page for people.
pub(super) fn is_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<!doctype html", "<html", "<head"].iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_a_file() {
        for page in ["<!DOCTYPE html><html>", "\n <HTML>", "\u{feff}<html>"] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        assert!(!is_page(b"MATLAB 5.0 MAT-file") && !is_page(&[0x1f, 0x8b]) && !is_page(b"PK\x03\x04"));
        assert!(!is_page(b""));
    }
}

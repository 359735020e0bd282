//! Whether a file is the one that it should be.

use super::error::{FetchError, WrongFile};
use super::part::disk;
use super::source::{Kind, Source};
use crate::data::row;
use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// What a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digests {
    pub bytes: u64,
    /// In hex.
    pub md5: String,
    /// In hex.
    pub sha256: String,
}

/// The digests of a file, in one reading.
pub(super) fn digests(path: &Path) -> Result<Digests, FetchError> {
    let mut file = File::open(path).map_err(disk(path))?;
    let (mut md5, mut sha256, mut bytes) = (Md5::new(), Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = file.read(&mut buffer).map_err(disk(path))?;
        if count == 0 {
            return Ok(Digests { bytes, md5: hex::encode(md5.finalize()), sha256: hex::encode(sha256.finalize()) });
        }
        bytes += count as u64;
        md5.update(&buffer[..count]);
        sha256.update(&buffer[..count]);
    }
}

/// Whether a file looks from within like what it should be: pages that came instead are recognised.
pub(super) fn kind(path: &Path, source: &Source) -> Result<Result<(), WrongFile>, FetchError> {
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(512).read_to_end(&mut head)).map_err(disk(path))?;
    if is_page(&head) {
        return Ok(Err(WrongFile::Page));
    }
    match source.kind {
        Kind::Archive(_) if head.starts_with(&[0x1f, 0x8b]) => Ok(Ok(())),
        Kind::Archive(_) => Ok(Err(WrongFile::NotGzip)),
        Kind::Table(rows) => {
            let bytes = std::fs::read(path).map_err(disk(path))?;
            let read = rows.iter().try_for_each(|name| row::row(&bytes, name).map(drop));
            Ok(read.map_err(WrongFile::from))
        }
    }
}

fn is_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<!doctype html", "<html", "<head"].iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // RFC 1321, appendix A.5; FIPS 180-2, appendix B.1.
        let md5 = "900150983cd24fb0d6963f7d28e17f72".into();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into();
        assert_eq!(digests(&path).unwrap(), Digests { bytes: 3, md5, sha256 });
    }

    #[test]
    fn a_page_is_told_from_a_file() {
        for page in ["<!DOCTYPE html><html>", "\n <HTML>", "\u{feff}<html>"] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        assert!(!is_page(b"MATLAB 5.0 MAT-file") && !is_page(&[0x1f, 0x8b]) && !is_page(b""));
    }
}

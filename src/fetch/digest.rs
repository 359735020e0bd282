//! Digests of files, and published digests.

use super::error::{DigestMismatch, FetchError, abbreviated, io_error};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The length and the digests of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// The length in bytes.
    pub bytes: u64,
    /// The MD5 in hex.
    pub md5: String,
    /// The SHA-256 in hex.
    pub sha256: String,
}

/// Computes the digests of a file.
///
/// # Errors
///
/// If it cannot be read.
pub fn compute_digests(path: &Path) -> Result<Digests, FetchError> {
    let mut file = File::open(path).map_err(io_error(path))?;
    let (mut md5, mut sha256, mut bytes) = (Md5::new(), Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = file.read(&mut buffer).map_err(io_error(path))?;
        if count == 0 {
            return Ok(Digests { bytes, md5: hex::encode(md5.finalize()), sha256: hex::encode(sha256.finalize()) });
        }
        bytes += count as u64;
        md5.update(&buffer[..count]);
        sha256.update(&buffer[..count]);
    }
}

/// A published digest, in lowercase hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishedDigest {
    /// The MD5.
    Md5(&'static str),
    /// The SHA-256 or its first digits; file names of PyTorch contain eight of them.
    Sha256(&'static str),
}

impl PublishedDigest {
    /// Compares the digests of a file with the published one.
    pub(super) fn compare(self, found: &Digests) -> Result<(), DigestMismatch> {
        match self {
            PublishedDigest::Md5(expected) if found.md5 == expected => Ok(()),
            PublishedDigest::Md5(expected) => Err(DigestMismatch::Md5 { expected, found: found.md5.clone() }),
            PublishedDigest::Sha256(expected) if found.sha256.starts_with(expected) => Ok(()),
            PublishedDigest::Sha256(expected) => Err(DigestMismatch::Sha256 { expected, found: found.sha256.clone() }),
        }
    }
}

impl fmt::Display for PublishedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishedDigest::Md5(md5) => write!(f, "MD5 {md5}"),
            PublishedDigest::Sha256(sha256) => write!(f, "SHA-256 {}", abbreviated(sha256)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, appendix A.5; FIPS 180-2, appendix B.1.
    fn abc() -> Digests {
        let md5 = "900150983cd24fb0d6963f7d28e17f72".into();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into();
        Digests { bytes: 3, md5, sha256 }
    }

    #[test]
    fn digests_have_the_values_of_the_standards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(compute_digests(&path).unwrap(), abc());
    }

    #[test]
    fn eight_digits_are_compared_with_the_beginning_only() {
        assert_eq!(PublishedDigest::Sha256("ba7816bf").compare(&abc()), Ok(()));
        let other = PublishedDigest::Sha256("20015ad0").compare(&abc()).unwrap_err();
        assert_eq!(other.to_string(), format!("its SHA-256 is {}, the published SHA-256 is 20015ad0…", abc().sha256));
        assert!(PublishedDigest::Md5("90015098").compare(&abc()).is_err(), "an MD5 must be complete");
    }
}

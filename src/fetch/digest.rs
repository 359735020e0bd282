//! What a file's bytes are, and what somebody said that they are.

use super::error::{FetchError, disk};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// What a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// How many there are.
    pub bytes: u64,
    /// Their MD5, in hex.
    pub md5: String,
    /// Their SHA-256, in hex.
    pub sha256: String,
}

/// The digests of a file, in one reading.
///
/// # Errors
///
/// If it cannot be read.
pub fn digests(path: &Path) -> Result<Digests, FetchError> {
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

/// A digest that somebody published, in lowercase hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The MD5.
    Md5(&'static str),
    /// The SHA-256, or its first digits: names of PyTorch's files carry eight of them.
    Sha256(&'static str),
}

/// A digest that is not the published one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtherDigest {
    /// Another MD5.
    #[error("its MD5 is {found}, the published one {expected}")]
    Md5 {
        /// The published one, in hex.
        expected: &'static str,
        /// The file's, in hex.
        found: String,
    },
    /// Another SHA-256.
    #[error("its SHA-256 is {found}, the published one {}", digits(.expected))]
    Sha256 {
        /// The published one or its first digits, in hex.
        expected: &'static str,
        /// The file's, in hex.
        found: String,
    },
}

impl Published {
    /// Holds a file's digests against the published one.
    pub(super) fn compare(self, found: &Digests) -> Result<(), OtherDigest> {
        match self {
            Published::Md5(expected) if found.md5 == expected => Ok(()),
            Published::Md5(expected) => Err(OtherDigest::Md5 { expected, found: found.md5.clone() }),
            Published::Sha256(expected) if found.sha256.starts_with(expected) => Ok(()),
            Published::Sha256(expected) => Err(OtherDigest::Sha256 { expected, found: found.sha256.clone() }),
        }
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Published::Md5(md5) => write!(f, "MD5 {md5}"),
            Published::Sha256(sha256) => write!(f, "SHA-256 {}", digits(sha256)),
        }
    }
}

/// A SHA-256, or its first digits with a sign that there are more.
fn digits(sha256: &str) -> String {
    let more = if sha256.len() < 64 { "…" } else { "" };
    format!("{sha256}{more}")
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
    fn digests_are_those_of_the_standards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(digests(&path).unwrap(), abc());
    }

    #[test]
    fn eight_digits_are_held_against_the_beginning_alone() {
        assert_eq!(Published::Sha256("ba7816bf").compare(&abc()), Ok(()));
        let other = Published::Sha256("20015ad0").compare(&abc()).unwrap_err();
        assert_eq!(other.to_string(), format!("its SHA-256 is {}, the published one 20015ad0…", abc().sha256));
        assert!(Published::Md5("90015098").compare(&abc()).is_err(), "an MD5 is whole");
    }
}

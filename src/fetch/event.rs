//! Events of fetching a file.

use super::digest::PublishedDigest;
use super::error::DigestMismatch;
use std::time::Duration;

/// An event of one file.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// The file exists and is right.
    Existing,
    /// A transfer starts.
    Started {
        /// The URL.
        url: &'a str,
        /// The number of bytes that existed before.
        existing: u64,
        /// The length of the complete file, if the server sends it.
        total: Option<u64>,
    },
    /// The number of bytes that exist now.
    Progress(u64),
    /// The download starts again: the server cannot resume it, or has another version of the file.
    Restarted {
        /// The number of bytes that were discarded.
        discarded: u64,
    },
    /// The connection failed; another attempt follows.
    Retry {
        /// The error.
        reason: &'a str,
        /// The delay before the attempt.
        delay: Duration,
    },
    /// The file is complete and has the published digest.
    MatchesPublished(PublishedDigest),
    /// The file of a mirror does not have the published digest.
    DiffersFromPublished(&'a DigestMismatch),
    /// The file has the SHA-256 in the lock file.
    MatchesLock {
        /// The SHA-256, in hex.
        sha256: &'a str,
        /// The name of the lock file.
        lock: &'static str,
    },
    /// No published digest confirms the file. Its digest is recorded, and later files must have it.
    Trusted {
        /// The SHA-256 in the lock file, in hex.
        sha256: &'a str,
        /// The name of the lock file.
        lock: &'static str,
    },
    /// The file has its final name.
    Completed {
        /// The number of files that were written.
        files: usize,
    },
}

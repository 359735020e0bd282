//! What a fetch tells while it works.

use super::digest::{OtherDigest, Published};
use std::time::Duration;

/// Something that happened to one file.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// It is there already.
    Kept,
    /// Bytes begin to come.
    Coming {
        /// From where.
        url: &'a str,
        /// How many bytes were there before.
        held: u64,
        /// How many it will be, where the server says so.
        total: Option<u64>,
    },
    /// So many bytes are there.
    Bytes(u64),
    /// The server does not go on where it was cut, or has another file now.
    Again {
        /// How many bytes were of no use.
        dropped: u64,
    },
    /// The connection broke; it is tried again.
    Retry {
        /// What happened.
        why: &'a str,
        /// How long it waits first.
        wait: Duration,
    },
    /// All of it is there, and its digest is the published one.
    Published(Published),
    /// Its digest is not the published one, which does not count elsewhere than at the official address.
    NotPublished(&'a OtherDigest),
    /// Its SHA-256 is the one in the lock file.
    AsBefore {
        /// The SHA-256, in hex.
        sha256: &'a str,
        /// The lock file's name.
        lock: &'static str,
    },
    /// Nobody published a digest that counts here: it is trusted as it came, and every later one has to equal it.
    Trusted {
        /// The SHA-256, in hex, that the lock file now holds.
        sha256: &'a str,
        /// The lock file's name.
        lock: &'static str,
    },
    /// It is in place.
    Placed {
        /// How many files were put there.
        files: usize,
    },
}

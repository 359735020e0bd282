//! What a fetch tells while it works.

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
    /// All of it is there, and its MD5 is the published one.
    Published {
        /// The MD5, in hex.
        md5: &'a str,
    },
    /// Its MD5 is not the published one, which does not count elsewhere than at the official address.
    NotPublished {
        /// The published MD5, in hex.
        expected: &'a str,
        /// Its MD5, in hex.
        found: &'a str,
    },
    /// Its SHA-256 is the one in the lock file.
    AsBefore {
        /// The SHA-256, in hex.
        sha256: &'a str,
    },
    /// Nobody published a digest that counts here: it is trusted as it came, and every later one has to equal it.
    Trusted {
        /// The SHA-256, in hex, that the lock file now holds.
        sha256: &'a str,
    },
    /// So many of its pictures or captions are unpacked.
    Unpacked {
        /// How many.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// Entries that have no place in the layout, and were not unpacked.
    PassedOver {
        /// How many.
        entries: usize,
        /// The first of them.
        first: &'a str,
    },
    /// It is in place.
    Placed {
        /// How many files were put there.
        files: usize,
    },
}

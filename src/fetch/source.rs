//! The description of a file that can be fetched.

use super::digest::PublishedDigest;

/// A file that can be fetched.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its name, which is the same at a mirror.
    pub name: &'static str,
    /// Its official URL.
    pub url: &'static str,
    /// Its published digest, if there is one.
    pub published: Option<PublishedDigest>,
    /// The maximum length in bytes; a longer file is rejected.
    pub max_bytes: u64,
}

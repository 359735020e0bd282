//! What is known about a file before it is fetched.

use super::digest::Published;

/// One file to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its name, at a mirror too.
    pub name: &'static str,
    /// Its official address.
    pub url: &'static str,
    /// Its digest, where somebody published one.
    pub published: Option<Published>,
    /// More bytes than this are not it.
    pub at_most: u64,
}

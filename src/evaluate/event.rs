//! Events that an evaluation reports while it runs.

use std::path::Path;

/// An event of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// Images of a source, or pairs of images, are done.
    Progress {
        /// The source.
        source: &'a Path,
        /// How many are done so far.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// The moments of a source were read from the cache.
    CachedMoments {
        /// Their file.
        path: &'a Path,
    },
    /// A note for the user.
    Note(String),
}

/// A function that receives every event.
pub type OnEvent<'a> = &'a dyn Fn(Event);

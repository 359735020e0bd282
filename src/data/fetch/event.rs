//! What fetching a data set tells while it works.

use crate::fetch;

/// Something that happened to one file of a data set.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// On its way.
    File(fetch::Event<'a>),
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
}

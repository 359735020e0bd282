//! Events of fetching a data set.

use crate::fetch;

/// An event of one file of a data set.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// An event of the download.
    File(fetch::Event<'a>),
    /// The progress of unpacking.
    Unpacked {
        /// The number of files unpacked.
        done: usize,
        /// The number of all files.
        total: usize,
    },
    /// Entries of the archive that do not belong to the layout were not unpacked.
    Skipped {
        /// The number of entries.
        entries: usize,
        /// The path of the first one in the archive.
        first: &'a str,
    },
}

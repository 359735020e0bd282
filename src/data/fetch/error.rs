//! What can go wrong while data are fetched.

use super::source::CAPTIONS;
use crate::data::MatError;
use crate::fetch::{FetchError as FileError, WrongFile};

/// An error of fetching data.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file, or the folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The labels, which say what the archives have to hold.
    #[error(transparent)]
    Labels(#[from] crate::data::DataError),
}

/// Why a file does not look from within like a table or archive of the data set.
#[derive(Debug, thiserror::Error)]
pub enum UnfitFile {
    /// It is no gzip archive.
    #[error("it is no gzip archive")]
    NotGzip,
    /// It is no MATLAB file, or has not the vectors that it should have.
    #[error(transparent)]
    Table(#[from] MatError),
    /// It is an archive, but not a good one.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read to its end.
    #[error("it is damaged or ends early: {0}")]
    Damaged(std::io::Error),
    /// An entry that must not be unpacked.
    #[error("its entry `{entry}` {why}")]
    Refused {
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An entry larger than any picture or caption file.
    #[error("its entry `{entry}` has {bytes} bytes, more than {at_most}")]
    Oversize {
        /// The entry's name.
        entry: String,
        /// How many bytes it says it has.
        bytes: u64,
        /// How many it may have.
        at_most: u64,
    },
    /// Not everything is in it that the labels list.
    #[error("{missing} of the {expected} files that the labels ask for are not in it, first {first}")]
    Missing {
        /// How many are missing.
        missing: usize,
        /// How many there should be.
        expected: usize,
        /// The first of them.
        first: String,
    },
}

impl FetchError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            FetchError::File(FileError::Wrong { name, source, .. }) if name == CAPTIONS && no_archive(source) => Some(
                "fetch it by hand from https://drive.google.com/file/d/0B0ywwgffWnLLcms2WWJQRFNSWXM/view (Google \
                 Drive may ask to confirm, or give it out no more today), then add --captions FILE"
                    .into(),
            ),
            FetchError::File(error) => error.help(),
            FetchError::Labels(error) => error.help(),
        }
    }
}

/// Whether something else came than an archive, good or bad.
fn no_archive(why: &WrongFile) -> bool {
    match why {
        WrongFile::Kind(_) => true,
        WrongFile::Unfit(unfit) => matches!(unfit.downcast_ref(), Some(UnfitFile::NotGzip)),
        _ => false,
    }
}

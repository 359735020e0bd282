//! Errors of fetching data sets.

use super::source::CAPTIONS;
use crate::data::MatError;
use crate::fetch::{FetchError as DownloadError, WrongFile};

/// An error of fetching a data set.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An error of fetching a file.
    #[error(transparent)]
    File(#[from] DownloadError),
    /// The labels, which determine the files of the archives, cannot be read.
    #[error(transparent)]
    Labels(#[from] crate::data::DataError),
}

/// Why a file is not a valid table or archive of the data set.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFile {
    /// It is not a gzip archive.
    #[error("it is not a gzip archive")]
    NotGzip,
    /// It is not a MATLAB file, or a required vector is missing.
    #[error(transparent)]
    Table(#[from] MatError),
    /// It is an invalid archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Why an archive is invalid.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read completely.
    #[error("it is damaged or truncated: {0}")]
    Damaged(std::io::Error),
    /// An entry that must not be unpacked.
    #[error("its entry `{entry}` {reason}")]
    InvalidEntry {
        /// The path of the entry.
        entry: String,
        /// Why it must not be unpacked.
        reason: &'static str,
    },
    /// An entry larger than the limit for image or caption files.
    #[error("its entry `{entry}` has {bytes} bytes, more than the limit of {max_bytes}")]
    TooLarge {
        /// The path of the entry.
        entry: String,
        /// Its size according to the archive, in bytes.
        bytes: u64,
        /// The limit in bytes.
        max_bytes: u64,
    },
    /// Files of images that the labels list are missing.
    #[error("{missing} of the {expected} files that the labels require are missing; the first is {first}")]
    Missing {
        /// The number of missing files.
        missing: usize,
        /// The number of required files.
        expected: usize,
        /// The first missing file.
        first: String,
    },
}

impl FetchError {
    /// What to do about it, if there is a remedy.
    pub fn help(&self) -> Option<String> {
        match self {
            FetchError::File(DownloadError::WrongFile { name, source, .. }) if name == CAPTIONS && not_gzip(source) => Some(
                "download it with a browser from https://drive.google.com/file/d/0B0ywwgffWnLLcms2WWJQRFNSWXM/view \
                 (Google Drive may require a confirmation or have a download limit per day), then add --captions FILE"
                    .into(),
            ),
            FetchError::File(error) => error.help(),
            FetchError::Labels(error) => error.help(),
        }
    }
}

/// Whether the downloaded file is not a gzip archive at all.
fn not_gzip(reason: &WrongFile) -> bool {
    match reason {
        WrongFile::Kind(_) => true,
        WrongFile::Format(error) => matches!(error.downcast_ref(), Some(InvalidFile::NotGzip)),
        _ => false,
    }
}

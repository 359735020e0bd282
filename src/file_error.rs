//! The error for a file that cannot be read or written, or that is of another kind than its reader expects. The error
//! types of the layers contain it.

use std::io;
use std::path::{Path, PathBuf};

use crate::file_kind::{FileKind, WrongKind};

/// An error of a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file or folder cannot be read.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("{}: cannot be written", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file is of another kind.
    #[error("{}: {source}", .path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// Its kind and the expected kind.
        source: WrongKind,
    },
}

impl FileError {
    /// The error of reading `path`: `read(path).map_err(FileError::read(path))`.
    pub fn read(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Read { path: path.into(), source }
    }

    /// The error of writing `path`.
    pub fn write(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Write { path: path.into(), source }
    }

    /// The error for the kind of `path`.
    pub fn wrong_kind(path: &Path) -> impl Fn(WrongKind) -> Self + Copy {
        move |source| Self::WrongKind { path: path.into(), source }
    }

    /// Checks the kind of a file before it is parsed: [`WrongKind::check_file`].
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is of a detected kind that the reader does not accept.
    pub fn check_kind(path: &Path, expected: &'static str, accepts: &[FileKind]) -> Result<(), Self> {
        let checked = WrongKind::check_file(path, expected, accepts);
        checked.map_err(Self::read(path))?.map_err(Self::wrong_kind(path))
    }

    /// The remedy, if there is one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            FileError::WrongKind { source, .. } => Some(source.help()),
            FileError::Read { .. } | FileError::Write { .. } => None,
        }
    }
}

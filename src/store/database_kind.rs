//! What a file is before SQLite opens it: told from its first bytes, so that a stranger's file stays as it is.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::file_kind::{FileKind, HEAD};

use super::StoreError;

/// What stands in the header of a jem database, where SQLite keeps the `application_id`: "jem" and a 1. The same
/// number is set by the fifth migration.
pub(super) const APPLICATION_ID: u32 = u32::from_be_bytes(*b"jem\x01");

/// The first bytes of every SQLite database (sqlite.org/fileformat2.html, 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Where the application's number begins in the header.
const APPLICATION_ID_AT: usize = 68;

/// What lies at the path of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DatabaseKind {
    /// Nothing.
    Missing,
    /// A database that says that it is jem's.
    Jem,
    /// A database without an application's number: jem's until the fifth migration, or somebody else's.
    Unnamed,
}

impl DatabaseKind {
    /// Reads the header of the file at `path`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Empty`], [`StoreError::NotADatabase`] and [`StoreError::Foreign`] for files that cannot be jem's.
    pub(super) fn of(path: &Path) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(DatabaseKind::Missing),
            Err(error) => return Err(io(error)),
        };
        let mut head = Vec::new();
        file.take(HEAD as u64).read_to_end(&mut head).map_err(io)?;
        if head.is_empty() {
            return Err(StoreError::Empty { path: path.to_owned() });
        }
        let Some(number) = head.get(APPLICATION_ID_AT..APPLICATION_ID_AT + 4).filter(|_| head.starts_with(MAGIC))
        else {
            return Err(StoreError::NotADatabase { path: path.to_owned(), kind: FileKind::of(&head) });
        };
        match u32::from_be_bytes(number.try_into().expect("four bytes were taken")) {
            APPLICATION_ID => Ok(DatabaseKind::Jem),
            0 => Ok(DatabaseKind::Unnamed),
            _ => Err(StoreError::Foreign { path: path.to_owned() }),
        }
    }
}

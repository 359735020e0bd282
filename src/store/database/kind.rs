//! The kind of a file, from its first bytes: it is read before SQLite opens the file, so that another program's file is
//! not changed.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::file_kind::{FileKind, HEAD};
use crate::store::StoreError;

/// The `application_id` in the header of a jem database: "jem" and a 1. The fifth migration sets the same number.
pub(super) const APPLICATION_ID: u32 = u32::from_be_bytes(*b"jem\x01");

/// The first bytes of every SQLite database (sqlite.org/fileformat2.html, 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The offset of the `application_id` in the header.
const APPLICATION_ID_AT: usize = 68;

/// The kind of the file at the path of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DatabaseKind {
    /// There is no file.
    Missing,
    /// A database with jem's `application_id`.
    Jem,
    /// A database without an `application_id`: of jem before the fifth migration, or of another program.
    Unnamed,
}

impl DatabaseKind {
    /// Reads the header of the file at `path`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Empty`], [`StoreError::NotADatabase`] and [`StoreError::Foreign`] for files that cannot be
    /// databases of jem.
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
        match u32::from_be_bytes(number.try_into().expect("the slice has four bytes")) {
            APPLICATION_ID => Ok(DatabaseKind::Jem),
            0 => Ok(DatabaseKind::Unnamed),
            _ => Err(StoreError::Foreign { path: path.to_owned() }),
        }
    }
}

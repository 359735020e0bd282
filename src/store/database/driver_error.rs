//! Errors of SQLite: what they mean for the database, and how to resolve them.

use std::fmt;

/// How to resolve a damaged database.
pub(super) const SALVAGE: &str =
    "restore a copy written by `jem db backup`; without one, `sqlite3 FILE .recover` saves what can be read";

/// An error of the driver. Its text is the meaning of the error for the database, then SQLite's message and code.
#[derive(Debug)]
pub struct DriverError(sqlx::Error);

/// A kind of error, by SQLite's primary result code (sqlite.org/rescode.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum ErrorKind {
    /// Another process is writing, or has locked the database.
    Locked,
    /// The file, its folder or the disk is read-only.
    ReadOnly,
    /// The disk reported an error.
    Disk,
    /// The file is damaged.
    Damaged,
    /// The disk is full.
    Full,
    /// A file cannot be opened.
    CannotOpen,
    /// There is not enough memory.
    Memory,
    /// Another error.
    Other,
}

impl DriverError {
    /// SQLite's extended result code, if the error is from SQLite.
    fn code(&self) -> Option<i32> {
        self.0.as_database_error()?.code()?.parse().ok()
    }

    /// The kind of the error.
    pub(in crate::store) fn kind(&self) -> ErrorKind {
        match self.code().map(|code| code & 0xff) {
            Some(5 | 6 | 15) => ErrorKind::Locked,
            Some(7) => ErrorKind::Memory,
            Some(8 | 3) => ErrorKind::ReadOnly,
            Some(10) => ErrorKind::Disk,
            Some(11 | 26) => ErrorKind::Damaged,
            Some(13) => ErrorKind::Full,
            Some(14) => ErrorKind::CannotOpen,
            _ => ErrorKind::Other,
        }
    }

    /// Whether the operation can succeed when it is repeated. That is so for a locked database, and for a read-only or
    /// unopenable one with an extended code: it occurs while another process creates or removes the log.
    pub(super) fn is_transient(&self) -> bool {
        match self.kind() {
            ErrorKind::Locked => true,
            ErrorKind::ReadOnly | ErrorKind::CannotOpen => self.code().is_some_and(|code| code > 0xff),
            _ => false,
        }
    }

    /// How to resolve the error.
    pub(in crate::store) fn help(&self) -> Option<&'static str> {
        Some(match self.kind() {
            ErrorKind::Locked => "end the process that has the lock (`fuser FILE` prints it), or try again later",
            ErrorKind::ReadOnly => "make the file and its folder writable, or copy the database to a writable location",
            ErrorKind::Disk => "check the disk and its connection; then check the database with `jem db check`",
            ErrorKind::Damaged => SALVAGE,
            ErrorKind::Full => "free space on the disk; everything saved before is kept",
            ErrorKind::CannotOpen => "check the permissions of the file, its `-wal` and `-shm`, and its folder",
            ErrorKind::Memory | ErrorKind::Other => return None,
        })
    }
}

impl From<sqlx::Error> for DriverError {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = match self.kind() {
            ErrorKind::Locked => "another process has locked the database",
            ErrorKind::ReadOnly => "the database is read-only here",
            ErrorKind::Disk => "the disk reported an error",
            ErrorKind::Damaged => "the file is damaged",
            ErrorKind::Full => "the disk is full",
            ErrorKind::CannotOpen => "the file or its write-ahead log cannot be opened",
            ErrorKind::Memory => "there is not enough memory",
            ErrorKind::Other => {
                return match self.0.as_database_error() {
                    Some(error) => f.write_str(error.message()),
                    None => self.0.fmt(f),
                };
            }
        };
        f.write_str(meaning)?;
        match (self.0.as_database_error(), self.code()) {
            (Some(error), Some(code)) => write!(f, " (SQLite: {}, code {code})", error.message()),
            _ => Ok(()),
        }
    }
}

/// The text contains the driver's message, so there is no source.
impl std::error::Error for DriverError {}

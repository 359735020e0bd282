//! SQLite's refusals in words: what they mean for the database, and what to do.

use std::fmt;

/// What to do about a damaged database.
pub(super) const SALVAGE: &str =
    "restore a copy that `jem db backup` made; without one, `sqlite3 FILE .recover` saves what can be read";

/// An error of the driver. Shown, it says what the refusal means; the driver's own error is its source where it says more.
#[derive(Debug)]
pub struct DriverError(sqlx::Error);

/// What kept SQLite from doing something, by its primary result code (sqlite.org/rescode.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Another process writes, or has locked the database.
    Locked,
    /// The file, its folder or the disk is read-only.
    ReadOnly,
    /// The disk reported an error.
    Disk,
    /// The file is damaged.
    Damaged,
    /// There is no room.
    Full,
    /// A file cannot be opened.
    CannotOpen,
    /// Memory is short.
    Memory,
    /// Anything else.
    Other,
}

impl DriverError {
    /// SQLite's extended result code, where the error is SQLite's.
    fn code(&self) -> Option<i32> {
        self.0.as_database_error()?.code()?.parse().ok()
    }

    /// What kind of refusal it is.
    pub(super) fn refusal(&self) -> Refusal {
        match self.code().map(|code| code & 0xff) {
            Some(5 | 6 | 15) => Refusal::Locked,
            Some(7) => Refusal::Memory,
            Some(8 | 3) => Refusal::ReadOnly,
            Some(10) => Refusal::Disk,
            Some(11 | 26) => Refusal::Damaged,
            Some(13) => Refusal::Full,
            Some(14) => Refusal::CannotOpen,
            _ => Refusal::Other,
        }
    }

    /// Whether the refusal passes by itself: locked; or read-only or unopenable with a nearer reason, as happens for a
    /// moment while another process makes or removes the log beside the database.
    pub(super) fn is_passing(&self) -> bool {
        match self.refusal() {
            Refusal::Locked => true,
            Refusal::ReadOnly | Refusal::CannotOpen => self.code().is_some_and(|code| code > 0xff),
            _ => false,
        }
    }

    /// What to do about it.
    pub(super) fn help(&self) -> Option<&'static str> {
        Some(match self.refusal() {
            Refusal::Locked => "end the process that holds the lock (`fuser` on the file names it), or try again later",
            Refusal::ReadOnly => "make the file and its folder writable, or copy the database to where they are",
            Refusal::Disk => {
                "check the disk and its connection; `jem db check` then says whether the database is whole"
            }
            Refusal::Damaged => SALVAGE,
            Refusal::Full => "make room on the disk; what was saved before is kept",
            Refusal::CannotOpen => "check the permissions of the file, its `-wal` and `-shm`, and its folder",
            Refusal::Memory | Refusal::Other => return None,
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
        let meaning = match self.refusal() {
            Refusal::Locked => "another process has locked the database",
            Refusal::ReadOnly => "the database is read-only here",
            Refusal::Disk => "the disk reported an error",
            Refusal::Damaged => "the file is damaged",
            Refusal::Full => "the disk is full",
            Refusal::CannotOpen => "the file, or the log beside it, cannot be opened",
            Refusal::Memory => "there is not enough memory",
            Refusal::Other => {
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

/// The driver's own words are part of the text already, so there is no source to be shown after it.
impl std::error::Error for DriverError {}

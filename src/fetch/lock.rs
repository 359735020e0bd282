//! The lock file of a folder: what was fetched, so that a later fetch can be held against it.

use super::error::{FetchError, disk};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Which lock file a command keeps.
#[derive(Debug)]
pub struct LockFile {
    /// Its name, in the folder that is fetched into.
    pub name: &'static str,
    /// The command, as its first line has it.
    pub command: &'static str,
}

/// One file as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    /// Where it came from, or that it was given by hand.
    pub url: String,
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// The day, as `2026-11-24` (UTC).
    pub date: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Table {
    #[serde(default, rename = "file")]
    files: Vec<Entry>,
}

/// The lock file of a folder.
pub(super) struct Lock {
    file: &'static LockFile,
    path: PathBuf,
    table: Table,
}

impl Lock {
    pub(super) fn open(folder: &Path, file: &'static LockFile) -> Result<Self, FetchError> {
        let path = folder.join(file.name);
        let table = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|source| FetchError::Lock { path: path.clone(), source })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Table::default(),
            Err(error) => return Err(disk(&path)(error)),
        };
        Ok(Self { file, path, table })
    }

    pub(super) fn name(&self) -> &'static str {
        self.file.name
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.table.files.iter().find(|entry| entry.name == name)
    }

    /// Notes a file, in place of what was said about it before.
    pub(super) fn record(&mut self, entry: Entry) -> Result<(), FetchError> {
        self.table.files.retain(|other| other.name != entry.name);
        self.table.files.push(entry);
        self.table.files.sort_by(|a, b| a.name.cmp(&b.name));
        let table = toml::to_string(&self.table).expect("a list of plain fields is a TOML table");
        let command = self.file.command;
        let text = format!("# What `{command}` brought here. A later file that differs is refused.\n\n{table}");
        let fresh = self.path.with_added_extension("new");
        std::fs::write(&fresh, text).map_err(disk(&fresh))?;
        std::fs::rename(&fresh, &self.path).map_err(disk(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: LockFile = LockFile { name: "a.lock", command: "jem fetch" };

    fn entry(name: &str, sha256: &str) -> Entry {
        let [name, sha256] = [name, sha256].map(str::to_owned);
        Entry { name, url: "http://a/".into(), bytes: 3, sha256, date: "2026-11-24".into() }
    }

    #[test]
    fn what_is_recorded_is_read_again_and_the_newest_word_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut lock = Lock::open(folder.path(), &LOCK).unwrap();
        assert_eq!(lock.entry("b"), None);
        for entry in [entry("b", "00"), entry("a", "11"), entry("b", "22")] {
            lock.record(entry).unwrap();
        }
        let again = Lock::open(folder.path(), &LOCK).unwrap();
        assert_eq!([again.entry("a"), again.entry("b")], [Some(&entry("a", "11")), Some(&entry("b", "22"))]);
        assert_eq!(again.table.files.len(), 2);
    }

    #[test]
    fn a_lock_file_that_is_none_is_an_error_and_not_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LOCK.name), "file = 3").unwrap();
        assert!(matches!(Lock::open(folder.path(), &LOCK), Err(FetchError::Lock { .. })));
    }
}

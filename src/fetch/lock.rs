//! The lock file of a folder records the digests of fetched files, so that later files can be compared.

use super::error::{FetchError, io_error};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The lock file of a command.
#[derive(Debug)]
pub struct LockFile {
    /// Its name in the folder of the files.
    pub name: &'static str,
    /// The command, for the first line of the file.
    pub command: &'static str,
}

/// A fetched file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    /// The URL, or `by hand` if the user put the file there.
    pub url: String,
    pub bytes: u64,
    /// The SHA-256 in hex.
    pub sha256: String,
    /// The date in UTC, such as `2026-11-24`.
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
            Ok(text) => {
                toml::from_str(&text).map_err(|source| FetchError::InvalidLock { path: path.clone(), source })?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Table::default(),
            Err(error) => return Err(io_error(&path)(error)),
        };
        Ok(Self { file, path, table })
    }

    pub(super) fn name(&self) -> &'static str {
        self.file.name
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.table.files.iter().find(|entry| entry.name == name)
    }

    /// Records a file; replaces an earlier entry with its name.
    pub(super) fn record(&mut self, entry: Entry) -> Result<(), FetchError> {
        self.table.files.retain(|other| other.name != entry.name);
        self.table.files.push(entry);
        self.table.files.sort_by(|a, b| a.name.cmp(&b.name));
        let table = toml::to_string(&self.table).expect("a list of structs is a TOML table");
        let command = self.file.command;
        let text = format!("# Files fetched by `{command}`. A later file that differs is rejected.\n\n{table}");
        let new = self.path.with_added_extension("new");
        std::fs::write(&new, text).map_err(io_error(&new))?;
        std::fs::rename(&new, &self.path).map_err(io_error(&self.path))
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
    fn entries_are_read_back_and_a_new_entry_replaces_an_older_one() {
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
    fn an_invalid_lock_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LOCK.name), "file = 3").unwrap();
        assert!(matches!(Lock::open(folder.path(), &LOCK), Err(FetchError::InvalidLock { .. })));
    }
}

//! The bytes of a file that is not whole yet, and what is known about them.

use super::error::{FetchError, disk};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What has to be known to go on where a connection broke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Where the bytes came from.
    pub url: String,
    /// The server's word for this version of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How many bytes the whole file has, as the server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// `<name>.part` beside `<name>.part.toml`.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    known: Known,
    bytes: u64,
}

impl Part {
    /// What is there of `name` in `folder`, or nothing if that came from elsewhere or nothing is known about it.
    pub(super) fn open(folder: &Path, name: &str, url: &str) -> Result<Self, FetchError> {
        let path = folder.join(format!("{name}.part"));
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(disk(&path))?;
        let bytes = file.metadata().map_err(disk(&path))?.len();
        let note = note(&path);
        let known: Option<Known> = std::fs::read_to_string(&note).ok().and_then(|text| toml::from_str(&text).ok());
        let mut part = Self { path, file, known: known.unwrap_or_default(), bytes };
        if part.known.url != url || part.known.total.is_some_and(|total| bytes > total) {
            part.restart()?;
        }
        Ok(part)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Drops what is there.
    pub(super) fn restart(&mut self) -> Result<(), FetchError> {
        self.file.set_len(0).map_err(disk(&self.path))?;
        (self.bytes, self.known) = (0, Known::default());
        Ok(())
    }

    /// Notes what is known, for a later process too.
    pub(super) fn know(&mut self, known: Known) -> Result<(), FetchError> {
        if self.known != known {
            let note = note(&self.path);
            let text = toml::to_string(&known).expect("three plain fields are a TOML table");
            std::fs::write(&note, text).map_err(disk(&note))?;
            self.known = known;
        }
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(bytes).map_err(disk(&self.path))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Leaves the bytes for a later time, and nothing where there are none.
    pub(super) fn leave(self) {
        if self.bytes == 0 {
            // The error that made it leave counts more than one about an empty file.
            let _ = (std::fs::remove_file(note(&self.path)), std::fs::remove_file(&self.path));
        }
    }

    /// All of it is there: it is on the disk, and no longer a part of something. Gives where it is.
    pub(super) fn finish(self) -> Result<PathBuf, FetchError> {
        self.file.sync_all().map_err(disk(&self.path))?;
        let note = note(&self.path);
        std::fs::remove_file(&note).map_err(disk(&note))?;
        Ok(self.path)
    }
}

fn note(part: &Path) -> PathBuf {
    part.with_added_extension("toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(folder: &Path, url: &str) -> u64 {
        Part::open(folder, "a.tgz", url).unwrap().bytes()
    }

    #[test]
    fn bytes_are_kept_only_with_where_they_came_from() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part::open(folder.path(), "a.tgz", "http://a/").unwrap();
        part.append(b"123").unwrap();
        part.know(Known { url: "http://a/".into(), version: None, total: Some(9) }).unwrap();
        drop(part);
        assert_eq!(held(folder.path(), "http://a/"), 3);
        assert_eq!(held(folder.path(), "http://b/"), 0);
        std::fs::write(folder.path().join("a.tgz.part"), "1234567890").unwrap();
        assert_eq!(held(folder.path(), "http://a/"), 0, "more than the whole");
        std::fs::write(folder.path().join("a.tgz.part"), "123").unwrap();
        std::fs::write(folder.path().join("a.tgz.part.toml"), "garbage").unwrap();
        assert_eq!(held(folder.path(), "http://a/"), 0);
    }
}

//! A partly downloaded file, and the information for resuming its download.

use super::error::{FetchError, io_error};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The information that is needed to resume a download.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartInfo {
    /// The URL of the file.
    pub url: String,
    /// The version of the file: an entity tag or a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The length of the complete file in bytes, if the server sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// The file `<name>.part`, with its information in `<name>.part.toml`.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    info: PartInfo,
    bytes: u64,
}

impl Part {
    /// Opens the part of `name` in `folder`. It is cleared if it has another URL or no information.
    pub(super) fn open(folder: &Path, name: &str, url: &str) -> Result<Self, FetchError> {
        let path = folder.join(format!("{name}.part"));
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(io_error(&path))?;
        let bytes = file.metadata().map_err(io_error(&path))?.len();
        let note = note(&path);
        let info: Option<PartInfo> = std::fs::read_to_string(&note).ok().and_then(|text| toml::from_str(&text).ok());
        let mut part = Self { path, file, info: info.unwrap_or_default(), bytes };
        if part.info.url != url || part.info.total.is_some_and(|total| bytes > total) {
            part.clear()?;
        }
        Ok(part)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn info(&self) -> &PartInfo {
        &self.info
    }

    /// Discards all bytes.
    pub(super) fn clear(&mut self) -> Result<(), FetchError> {
        self.file.set_len(0).map_err(io_error(&self.path))?;
        (self.bytes, self.info) = (0, PartInfo::default());
        Ok(())
    }

    /// Sets the information, and writes it to disk for a later process.
    pub(super) fn set_info(&mut self, info: PartInfo) -> Result<(), FetchError> {
        if self.info != info {
            let note = note(&self.path);
            let text = toml::to_string(&info).expect("three strings and numbers are a TOML table");
            std::fs::write(&note, text).map_err(io_error(&note))?;
            self.info = info;
        }
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(bytes).map_err(io_error(&self.path))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Keeps the bytes for a later download; removes the files if there are none.
    pub(super) fn close(self) {
        if self.bytes == 0 {
            // Errors are ignored: the error of the download matters more than an empty file.
            let _ = (std::fs::remove_file(note(&self.path)), std::fs::remove_file(&self.path));
        }
    }

    /// Flushes the complete file to disk, removes the information, and returns the path.
    pub(super) fn finish(self) -> Result<PathBuf, FetchError> {
        self.file.sync_all().map_err(io_error(&self.path))?;
        let note = note(&self.path);
        std::fs::remove_file(&note).map_err(io_error(&note))?;
        Ok(self.path)
    }
}

fn note(part: &Path) -> PathBuf {
    part.with_added_extension("toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(folder: &Path, url: &str) -> u64 {
        Part::open(folder, "a.tgz", url).unwrap().bytes()
    }

    #[test]
    fn a_part_is_only_used_with_the_url_it_came_from() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part::open(folder.path(), "a.tgz", "http://a/").unwrap();
        part.append(b"123").unwrap();
        part.set_info(PartInfo { url: "http://a/".into(), version: None, total: Some(9) }).unwrap();
        drop(part);
        assert_eq!(bytes(folder.path(), "http://a/"), 3);
        assert_eq!(bytes(folder.path(), "http://b/"), 0);
        std::fs::write(folder.path().join("a.tgz.part"), "1234567890").unwrap();
        assert_eq!(bytes(folder.path(), "http://a/"), 0, "longer than the complete file");
        std::fs::write(folder.path().join("a.tgz.part"), "123").unwrap();
        std::fs::write(folder.path().join("a.tgz.part.toml"), "garbage").unwrap();
        assert_eq!(bytes(folder.path(), "http://a/"), 0);
    }
}

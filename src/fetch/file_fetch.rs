//! Fetching one file: check an existing file or download it, verify it, give it its final name, record it.

use super::digest::{Digests, compute_digests};
use super::download::Download;
use super::error::{Changed, FetchError, FormatError, WrongFile, io_error};
use super::event::Event;
use super::folder::Folder;
use super::head::head;
use super::lock::Entry;
use super::source::Source;
use crate::file_kind::FileKind;
use std::path::{Path, PathBuf};

/// The steps of fetching one file.
pub struct FileFetch<'a> {
    /// The folder for the file.
    pub folder: &'a mut Folder,
    /// The description of the file.
    pub source: &'a Source,
    /// Checks the format of a file. Web pages, pointers and empty files are rejected before.
    pub check_format: &'a dyn Fn(&Path) -> std::io::Result<Result<(), FormatError>>,
    /// Receives the events.
    pub on_event: &'a dyn Fn(Event<'_>),
}

impl FileFetch<'_> {
    /// The final path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.path.join(self.source.name)
    }

    /// The URL of the file: at the mirror if there is one, otherwise the official one.
    pub fn url(&self) -> String {
        match &self.folder.mirror {
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), self.source.name),
            None => self.source.url.to_owned(),
        }
    }

    /// Whether the file exists and is not empty.
    pub fn exists(&self) -> bool {
        self.path().metadata().is_ok_and(|data| data.is_file() && data.len() > 0)
    }

    /// Verifies the file if it exists, and returns its digests.
    ///
    /// # Errors
    ///
    /// If the existing file is not the expected one, which is left unchanged, or cannot be read.
    pub fn verify_existing(&self) -> Result<Option<Digests>, FetchError> {
        if !self.exists() {
            return Ok(None);
        }
        let path = self.path();
        let digests = compute_digests(&path)?;
        self.check(&path, &digests)?.map_err(|source| FetchError::ExistingFile { path, source })?;
        (self.on_event)(Event::Existing);
        Ok(Some(digests))
    }

    /// Downloads and verifies the file, gives it its final name, and returns its digests.
    ///
    /// # Errors
    ///
    /// If it cannot be downloaded or written, or is not the expected file.
    pub fn download(&self) -> Result<Digests, FetchError> {
        let (source, url, folder) = (self.source, self.url(), self.folder.path.as_path());
        let part = Download { source, url: &url, folder, retry: self.folder.retry, on_event: self.on_event }.run()?;
        let digests = self.verify(&part, true)?;
        let path = self.path();
        std::fs::rename(&part, &path).map_err(io_error(&path))?;
        Ok(digests)
    }

    /// Verifies the file at `path` and returns its digests. A wrong file is rejected ([`Self::reject`]).
    ///
    /// # Errors
    ///
    /// If it is not the expected file, or cannot be read.
    pub fn verify(&self, path: &Path, is_downloaded: bool) -> Result<Digests, FetchError> {
        let digests = compute_digests(path)?;
        match self.check(path, &digests)? {
            Ok(()) => Ok(digests),
            Err(reason) => Err(self.reject(path, is_downloaded, reason)),
        }
    }

    /// Checks the format of a file, then its digest ([`Self::compare`]).
    fn check(&self, path: &Path, digests: &Digests) -> Result<Result<(), WrongFile>, FetchError> {
        match FileKind::of(&head(path).map_err(io_error(path))?) {
            // The file may be an archive; `check_format` checks whether it should be one.
            None | Some(FileKind::Gzip | FileKind::Zip | FileKind::Hdf5) => {}
            Some(kind) => return Ok(Err(WrongFile::Kind(kind))),
        }
        if let Err(error) = (self.check_format)(path).map_err(io_error(path))? {
            return Ok(Err(WrongFile::Format(error)));
        }
        Ok(self.compare(digests))
    }

    /// Compares the digests with the published digest, and if it does not decide, with the lock file.
    fn compare(&self, digests: &Digests) -> Result<(), WrongFile> {
        if let Some(published) = self.source.published {
            match published.compare(digests) {
                Ok(()) => {
                    (self.on_event)(Event::MatchesPublished(published));
                    return Ok(());
                }
                Err(mismatch) if self.folder.mirror.is_none() => return Err(mismatch.into()),
                Err(mismatch) => (self.on_event)(Event::DiffersFromPublished(&mismatch)),
            }
        }
        let lock = self.folder.lock.name();
        match self.folder.lock.entry(self.source.name) {
            Some(entry) if entry.sha256 == digests.sha256 => {
                (self.on_event)(Event::MatchesLock { sha256: &entry.sha256, lock });
                Ok(())
            }
            Some(entry) => {
                let (expected, found) = (entry.sha256.clone(), digests.sha256.clone());
                Err(WrongFile::Changed(Box::new(Changed { expected, found, date: entry.date.clone(), lock })))
            }
            None => Ok(()),
        }
    }

    /// Records the digests and the origin of the file in the lock file. Reports [`Event::Trusted`] if no published
    /// digest confirms the file.
    ///
    /// # Errors
    ///
    /// If the lock file cannot be written.
    pub fn record(&mut self, digests: &Digests, url: &str) -> Result<(), FetchError> {
        let lock = &mut self.folder.lock;
        if lock.entry(self.source.name).is_some_and(|entry| entry.sha256 == digests.sha256) {
            return Ok(());
        }
        if self.source.published.is_none_or(|published| published.compare(digests).is_err()) {
            (self.on_event)(Event::Trusted { sha256: &digests.sha256, lock: lock.name() });
        }
        let (name, date) = (self.source.name.into(), chrono::Utc::now().format("%F").to_string());
        lock.record(Entry { name, url: url.into(), bytes: digests.bytes, sha256: digests.sha256.clone(), date })
    }

    /// Returns the error for a wrong file. If jem downloaded it (`is_downloaded`), it is renamed to `<name>.rejected`.
    pub fn reject(&self, path: &Path, is_downloaded: bool, source: WrongFile) -> FetchError {
        let rejected = self.path().with_added_extension("rejected");
        let moved_to = (is_downloaded && std::fs::rename(path, &rejected).is_ok()).then_some(rejected);
        FetchError::WrongFile { name: self.source.name.into(), moved_to, source }
    }
}

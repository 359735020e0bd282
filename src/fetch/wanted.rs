//! One file on its way to its place: there already, or brought, examined, named and written down.

use super::digest::{Digests, digests};
use super::download::Download;
use super::error::{Changed, FetchError, Unfit, WrongFile, disk};
use super::event::Event;
use super::folder::Folder;
use super::lock::Entry;
use super::look::head;
use super::source::Source;
use crate::file_kind::FileKind;
use std::path::{Path, PathBuf};

/// One file that is wanted.
pub struct Wanted<'a> {
    /// Where it is wanted.
    pub folder: &'a mut Folder,
    /// What is known about it.
    pub source: &'a Source,
    /// Whether a file looks from within like what it should be. Web pages, pointers and empty files are recognised before.
    pub looks: &'a dyn Fn(&Path) -> std::io::Result<Result<(), Unfit>>,
    /// Hears what happens.
    pub tell: &'a dyn Fn(Event<'_>),
}

impl Wanted<'_> {
    /// Where it will be.
    pub fn path(&self) -> PathBuf {
        self.folder.path.join(self.source.name)
    }

    /// Where it comes from: the mirror, or its official address.
    pub fn url(&self) -> String {
        match &self.folder.from {
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), self.source.name),
            None => self.source.url.to_owned(),
        }
    }

    /// Whether it is there and not empty.
    pub fn is_there(&self) -> bool {
        self.path().metadata().is_ok_and(|data| data.is_file() && data.len() > 0)
    }

    /// The digests of the file, if it is there.
    ///
    /// # Errors
    ///
    /// If what is there is another file, which stays where it is, or cannot be read.
    pub fn kept(&self) -> Result<Option<Digests>, FetchError> {
        if !self.is_there() {
            return Ok(None);
        }
        let path = self.path();
        let digests = digests(&path)?;
        self.judge(&path, &digests)?.map_err(|source| FetchError::There { path, source })?;
        (self.tell)(Event::Kept);
        Ok(Some(digests))
    }

    /// Downloads the file, and gives it its name if it is right.
    ///
    /// # Errors
    ///
    /// If it cannot be downloaded, what came is not it, or the disk fails.
    pub fn bring(&self) -> Result<Digests, FetchError> {
        let (source, url, folder) = (self.source, self.url(), self.folder.path.as_path());
        let part = Download { source, url: &url, folder, patience: self.folder.patience, tell: self.tell }.run()?;
        let digests = self.examine(&part, true)?;
        let path = self.path();
        std::fs::rename(&part, &path).map_err(disk(&path))?;
        Ok(digests)
    }

    /// The digests of a file that is right; one of ours that is wrong is set aside.
    ///
    /// # Errors
    ///
    /// If it is not the right file, or cannot be read.
    pub fn examine(&self, path: &Path, ours: bool) -> Result<Digests, FetchError> {
        let digests = digests(path)?;
        match self.judge(path, &digests)? {
            Ok(()) => Ok(digests),
            Err(why) => Err(self.wrong(path, ours, why)),
        }
    }

    /// Looks into a file, and holds it against the published digest, which settles it, or against what was trusted
    /// before.
    fn judge(&self, path: &Path, digests: &Digests) -> Result<Result<(), WrongFile>, FetchError> {
        match FileKind::of(&head(path).map_err(disk(path))?) {
            // What is fetched may be an archive; `looks` knows whether it should be.
            None | Some(FileKind::Gzip | FileKind::Zip | FileKind::Hdf5) => {}
            Some(kind) => return Ok(Err(WrongFile::Kind(kind))),
        }
        if let Err(unfit) = (self.looks)(path).map_err(disk(path))? {
            return Ok(Err(WrongFile::Unfit(unfit)));
        }
        Ok(self.compare(digests))
    }

    fn compare(&self, digests: &Digests) -> Result<(), WrongFile> {
        if let Some(published) = self.source.published {
            match published.compare(digests) {
                Ok(()) => {
                    (self.tell)(Event::Published(published));
                    return Ok(());
                }
                Err(other) if self.folder.from.is_none() => return Err(other.into()),
                Err(other) => (self.tell)(Event::NotPublished(&other)),
            }
        }
        let lock = self.folder.lock.name();
        match self.folder.lock.entry(self.source.name) {
            Some(entry) if entry.sha256 == digests.sha256 => {
                (self.tell)(Event::AsBefore { sha256: &entry.sha256, lock });
                Ok(())
            }
            Some(entry) => {
                let (expected, found) = (entry.sha256.clone(), digests.sha256.clone());
                Err(WrongFile::Changed(Box::new(Changed { expected, found, date: entry.date.clone(), lock })))
            }
            None => Ok(()),
        }
    }

    /// Writes down what is now in place and where it came from, and says so where that is all it is trusted for.
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
            (self.tell)(Event::Trusted { sha256: &digests.sha256, lock: lock.name() });
        }
        let (name, date) = (self.source.name.into(), chrono::Utc::now().format("%F").to_string());
        lock.record(Entry { name, url: url.into(), bytes: digests.bytes, sha256: digests.sha256.clone(), date })
    }

    /// The error about a wrong file, which loses its name if it is ours.
    pub fn wrong(&self, path: &Path, ours: bool, source: WrongFile) -> FetchError {
        let aside = self.path().with_added_extension("rejected");
        let aside = (ours && std::fs::rename(path, &aside).is_ok()).then_some(aside);
        FetchError::Wrong { name: self.source.name.into(), aside, source }
    }
}

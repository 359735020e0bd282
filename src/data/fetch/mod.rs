//! Fetching Oxford-102 Flowers from where it is published, into the official layout.
//!
//! ```text
//! address ─ download ─ <name>.part ─ verify ─ <name> ─ unpack ─ jpg/ segmim/ text_c10/
//!            goes on where it was cut   │ published digest, or the lock file
//!                                       └ wrong: <name>.rejected
//! ```
//!
//! Nothing gets its final name before it is whole and right. A digest that somebody published is enforced at the
//! official address. Where there is none, the file is trusted as it first came; `jem-data.lock` holds its SHA-256, and
//! one that differs later is refused.

mod client;
mod download;
mod error;
mod event;
mod lock;
mod part;
mod source;
mod unpack;
mod verify;

pub use download::Patience;
pub use error::{ArchiveError, FetchError, WrongFile};
pub use event::Event;

use super::Part as Layout;
use super::label;
use super::oxford::{caption_name, photo_name, segmentation_name};
use download::Download;
use lock::{Entry, Lock};
use part::disk;
use source::{CAPTIONS, Kind, OXFORD_102, Source};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use unpack::{Failure, is_there};
use verify::Digests;

/// What to fetch, and how.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The data set's folder; it is made where it is not there.
    pub to: PathBuf,
    /// A mirror: every file is `<mirror>/<name>`, and published digests are compared but not enforced.
    pub from: Option<String>,
    /// `cvpr2016_flowers.tar.gz`, where it was fetched by hand.
    pub captions: Option<PathBuf>,
    /// Whether archives stay after they are unpacked.
    pub keep_archives: bool,
    /// How long broken connections are put up with.
    pub patience: Patience,
}

impl Fetch {
    /// Brings what is not there yet: labels, split, photographs, segmentations, captions. `tell` hears about each
    /// file by its name.
    ///
    /// # Errors
    ///
    /// The first file that cannot be brought. What was brought before stays.
    pub fn oxford_102(&self, tell: &dyn Fn(&str, Event<'_>)) -> Result<(), FetchError> {
        std::fs::create_dir_all(&self.to).map_err(disk(&self.to))?;
        let folder = File::open(&self.to).map_err(disk(&self.to))?;
        folder.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => FetchError::Busy { path: self.to.clone() },
            std::fs::TryLockError::Error(source) => FetchError::Disk { path: self.to.clone(), source },
        })?;
        let mut lock = Lock::open(&self.to)?;
        for source in &OXFORD_102 {
            let mut file = Wanted { fetch: self, source, lock: &mut lock, tell: &|event| tell(source.name, event) };
            match source.kind {
                Kind::Table(_) => file.table()?,
                Kind::Archive(part) => file.archive(part)?,
            }
        }
        Ok(())
    }

    /// The paths of one part's files below the root, by the labels.
    fn expected(&self, part: Layout) -> Result<BTreeSet<String>, FetchError> {
        let labels = label::labels(&self.to.join(Layout::Labels.entry()))?;
        let name = |(id, class): (u32, u16)| match part {
            Layout::Captions => caption_name(class, id),
            Layout::Segmentations => segmentation_name(id),
            Layout::Photos | Layout::Labels | Layout::SetId => photo_name(id),
        };
        Ok((1..).zip(labels).map(name).collect())
    }
}

/// One file that is wanted.
struct Wanted<'a> {
    fetch: &'a Fetch,
    source: &'a Source,
    lock: &'a mut Lock,
    tell: &'a dyn Fn(Event<'_>),
}

impl Wanted<'_> {
    fn path(&self) -> PathBuf {
        self.fetch.to.join(self.source.name)
    }

    fn url(&self) -> String {
        match &self.fetch.from {
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), self.source.name),
            None => self.source.url.to_owned(),
        }
    }

    /// A file that is kept as it is.
    fn table(&mut self) -> Result<(), FetchError> {
        let path = self.path();
        if is_there(&path) {
            let digests = verify::digests(&path)?;
            let judged = verify::kind(&path, self.source)?.and_then(|()| self.judge(&digests));
            judged.map_err(|source| FetchError::There { path, source })?;
            (self.tell)(Event::Kept);
            return Ok(());
        }
        let digests = self.bring()?;
        self.record(digests, self.url())?;
        (self.tell)(Event::Placed { files: 1 });
        Ok(())
    }

    /// An archive, which is unpacked.
    fn archive(&mut self, part: Layout) -> Result<(), FetchError> {
        let expected = self.fetch.expected(part)?;
        if expected.iter().all(|name| is_there(&self.fetch.to.join(name))) {
            (self.tell)(Event::Kept);
            return Ok(());
        }
        let by_hand = self.fetch.captions.as_ref().filter(|_| self.source.name == CAPTIONS);
        let (path, digests, url) = match by_hand {
            Some(path) => (path.clone(), self.examine(path, false)?, "by hand".to_owned()),
            None if is_there(&self.path()) => (self.path(), self.examine(&self.path(), true)?, self.url()),
            None => (self.path(), self.bring()?, self.url()),
        };
        let folder = self.workplace()?;
        let total = expected.len();
        let told = |done| (self.tell)(Event::Unpacked { done, total });
        let found = unpack::unpack(&path, part, &expected, folder.path(), told).map_err(|failure| match failure {
            Failure::Disk(error) => error,
            Failure::Archive(error) => self.wrong(&path, by_hand.is_none(), error.into()),
        })?;
        if let Some(first) = &found.first {
            (self.tell)(Event::PassedOver { entries: found.passed_over, first });
        }
        let files = unpack::put(folder.path(), &self.fetch.to, part, &expected)?;
        self.record(digests, url)?;
        (self.tell)(Event::Placed { files });
        if by_hand.is_none() && !self.fetch.keep_archives {
            std::fs::remove_file(&path).map_err(disk(&path))?;
        }
        Ok(())
    }

    /// An empty folder, which goes when it is no longer needed. One that a killed process left goes now.
    fn workplace(&self) -> Result<tempfile::TempDir, FetchError> {
        const NAME: &str = ".unpacking";
        let path = self.fetch.to.join(NAME);
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(disk(&path)(error)),
            _ => {}
        }
        tempfile::Builder::new().prefix(NAME).rand_bytes(0).tempdir_in(&self.fetch.to).map_err(disk(&path))
    }

    /// Downloads the file, and gives it its name if it is right.
    fn bring(&mut self) -> Result<Digests, FetchError> {
        let (url, folder) = (self.url(), self.fetch.to.as_path());
        let download =
            Download { source: self.source, url: &url, folder, patience: self.fetch.patience, tell: self.tell };
        let part = download.run()?;
        let digests = self.examine(&part, true)?;
        let path = self.path();
        std::fs::rename(&part, &path).map_err(disk(&path))?;
        Ok(digests)
    }

    /// The digests of a file that is right; one of ours that is wrong is set aside.
    fn examine(&self, path: &Path, ours: bool) -> Result<Digests, FetchError> {
        let digests = verify::digests(path)?;
        match verify::kind(path, self.source)?.and_then(|()| self.judge(&digests)) {
            Ok(()) => Ok(digests),
            Err(why) => Err(self.wrong(path, ours, why)),
        }
    }

    /// Holds a file against the published digest, which settles it, or against what was trusted before.
    fn judge(&self, digests: &Digests) -> Result<(), WrongFile> {
        let found = &digests.md5;
        match self.source.md5 {
            Some(md5) if md5 == found => {
                (self.tell)(Event::Published { md5 });
                return Ok(());
            }
            Some(expected) if self.fetch.from.is_none() => {
                return Err(WrongFile::Md5 { expected: expected.into(), found: found.clone() });
            }
            Some(expected) => (self.tell)(Event::NotPublished { expected, found }),
            None => {}
        }
        match self.lock.entry(self.source.name) {
            Some(entry) if entry.sha256 == digests.sha256 => (self.tell)(Event::AsBefore { sha256: &entry.sha256 }),
            Some(entry) => {
                let (expected, found) = (entry.sha256.clone(), digests.sha256.clone());
                return Err(WrongFile::Changed { expected, found, date: entry.date.clone() });
            }
            None => {}
        }
        Ok(())
    }

    /// Writes down what is now in place, and says so where that is all it is trusted for.
    fn record(&mut self, digests: Digests, url: String) -> Result<(), FetchError> {
        if self.lock.entry(self.source.name).is_some_and(|entry| entry.sha256 == digests.sha256) {
            return Ok(());
        }
        if self.source.md5 != Some(&digests.md5) {
            (self.tell)(Event::Trusted { sha256: &digests.sha256 });
        }
        let (name, date) = (self.source.name.into(), chrono::Utc::now().format("%F").to_string());
        self.lock.record(Entry { name, url, bytes: digests.bytes, sha256: digests.sha256, date })
    }

    /// The error about a wrong file, which loses its name if it is ours.
    fn wrong(&self, path: &Path, ours: bool, source: WrongFile) -> FetchError {
        let aside = self.path().with_added_extension("rejected");
        let aside = (ours && std::fs::rename(path, &aside).is_ok()).then_some(aside);
        FetchError::Wrong { name: self.source.name.into(), aside, source }
    }
}

#[cfg(test)]
mod tests;

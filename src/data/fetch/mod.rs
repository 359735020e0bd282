//! Fetching Oxford-102 Flowers from where it is published, into the official layout: each file as [`crate::fetch`]
//! brings it, and archives unpacked into `jpg/`, `segmim/` and `text_c10/`.

mod error;
mod event;
mod source;
mod unpack;

pub use error::{ArchiveError, FetchError, UnfitFile};
pub use event::Event;

use super::Part as Layout;
use super::label;
use super::oxford::{caption_name, photo_name, segmentation_name};
use crate::fetch::{self, Folder, Patience, Unfit, Wanted, WrongFile, disk};
use source::{CAPTIONS, Kind, LOCK, OXFORD_102};
use std::collections::BTreeSet;
use std::path::PathBuf;
use unpack::{Failure, is_there};

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
        let mut folder = Folder::open(&self.to, self.from.clone(), self.patience, &LOCK)?;
        for (source, kind) in &OXFORD_102 {
            let wanted = Wanted {
                folder: &mut folder,
                source,
                looks: &|path| kind.looks(path),
                tell: &|event| tell(source.name, Event::File(event)),
            };
            match *kind {
                Kind::Table(_) => table(wanted)?,
                Kind::Archive(part) => {
                    Archive { fetch: self, part, file: wanted, tell: &|event| tell(source.name, event) }.place()?;
                }
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

/// Brings a file that is kept as it is.
fn table(mut file: Wanted<'_>) -> Result<(), FetchError> {
    if file.kept()?.is_none() {
        let digests = file.bring()?;
        file.record(&digests, &file.url())?;
        (file.tell)(fetch::Event::Placed { files: 1 });
    }
    Ok(())
}

/// An archive on its way, which is unpacked.
struct Archive<'a> {
    fetch: &'a Fetch,
    part: Layout,
    file: Wanted<'a>,
    tell: &'a dyn Fn(Event<'_>),
}

impl Archive<'_> {
    fn place(mut self) -> Result<(), FetchError> {
        let (root, expected) = (&self.fetch.to, self.fetch.expected(self.part)?);
        if expected.iter().all(|name| is_there(&root.join(name))) {
            (self.file.tell)(fetch::Event::Kept);
            return Ok(());
        }
        let by_hand = self.fetch.captions.as_ref().filter(|_| self.file.source.name == CAPTIONS);
        let (path, digests, url) = match by_hand {
            Some(path) => (path.clone(), self.file.examine(path, false)?, "by hand".to_owned()),
            None if self.file.is_there() => {
                (self.file.path(), self.file.examine(&self.file.path(), true)?, self.file.url())
            }
            None => (self.file.path(), self.file.bring()?, self.file.url()),
        };
        let folder = self.workplace()?;
        let total = expected.len();
        let told = |done| (self.tell)(Event::Unpacked { done, total });
        let found =
            unpack::unpack(&path, self.part, &expected, folder.path(), told).map_err(|failure| match failure {
                Failure::Disk(error) => error,
                Failure::Archive(error) => {
                    let unfit = Unfit::from(UnfitFile::from(error));
                    self.file.wrong(&path, by_hand.is_none(), WrongFile::Unfit(unfit))
                }
            })?;
        if let Some(first) = &found.first {
            (self.tell)(Event::PassedOver { entries: found.passed_over, first });
        }
        let files = unpack::put(folder.path(), root, self.part, &expected)?;
        self.file.record(&digests, &url)?;
        (self.file.tell)(fetch::Event::Placed { files });
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
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(disk(&path)(error).into()),
            _ => {}
        }
        let made = tempfile::Builder::new().prefix(NAME).rand_bytes(0).tempdir_in(&self.fetch.to);
        Ok(made.map_err(disk(&path))?)
    }
}

#[cfg(test)]
mod tests;

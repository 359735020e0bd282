//! Fetching Oxford-102 Flowers into the official layout: downloads the published files with [`crate::fetch`] and
//! unpacks the archives into `jpg/`, `segmim/` and `text_c10/`.

mod error;
mod event;
mod source;
mod unpack;

pub use error::{ArchiveError, FetchError, InvalidFile};
pub use event::Event;

use super::layout::{LayoutPart, caption_file, image_file, segmentation_file};
use super::tables;
use crate::fetch::{self, FileFetch, Folder, FormatError, RetryPolicy, WrongFile, io_error};
use source::{CAPTIONS, Kind, LOCK, OXFORD_102};
use std::collections::BTreeSet;
use std::path::PathBuf;
use unpack::{UnpackError, is_complete};

/// The options of fetching a data set.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The folder of the data set; it is created if it does not exist.
    pub to: PathBuf,
    /// The base URL of a mirror: every file is `<mirror>/<name>`, and published digests are compared but not enforced.
    pub from: Option<String>,
    /// The path of `cvpr2016_flowers.tar.gz`, if the user downloaded it.
    pub captions: Option<PathBuf>,
    /// Whether to keep the archives after unpacking.
    pub keep_archives: bool,
    /// The retries after failed connections.
    pub retry: RetryPolicy,
}

impl Fetch {
    /// Fetches the missing files of Oxford-102: labels, split, images, segmentations, captions. `on_event` gets the
    /// name of a file and the event.
    ///
    /// # Errors
    ///
    /// The first file that cannot be fetched. Files fetched before remain.
    pub fn oxford_102(&self, on_event: &dyn Fn(&str, Event<'_>)) -> Result<(), FetchError> {
        let mut folder = Folder::open(&self.to, self.from.clone(), self.retry, &LOCK)?;
        for (source, kind) in &OXFORD_102 {
            let file = FileFetch {
                folder: &mut folder,
                source,
                check_format: &|path| kind.check_format(path),
                on_event: &|event| on_event(source.name, Event::File(event)),
            };
            match *kind {
                Kind::Table(_) => fetch_table(file)?,
                Kind::Archive(part) => {
                    let on_event = &|event: Event<'_>| on_event(source.name, event);
                    Archive { fetch: self, part, file, on_event }.fetch()?;
                }
            }
        }
        Ok(())
    }

    /// The files of one part according to the labels, as paths below the root.
    fn expected_files(&self, part: LayoutPart) -> Result<BTreeSet<String>, FetchError> {
        let labels = tables::read_labels(&self.to.join(LayoutPart::Labels.entry()))?;
        let name = |(id, class): (u32, u16)| match part {
            LayoutPart::Captions => caption_file(class, id),
            LayoutPart::Segmentations => segmentation_file(id),
            LayoutPart::Images | LayoutPart::Labels | LayoutPart::Split => image_file(id),
        };
        Ok((1..).zip(labels).map(name).collect())
    }
}

/// Fetches a file that is not unpacked.
fn fetch_table(mut file: FileFetch<'_>) -> Result<(), FetchError> {
    if file.verify_existing()?.is_none() {
        let digests = file.download()?;
        file.record(&digests, &file.url())?;
        (file.on_event)(fetch::Event::Completed { files: 1 });
    }
    Ok(())
}

/// The steps of fetching and unpacking one archive.
struct Archive<'a> {
    fetch: &'a Fetch,
    part: LayoutPart,
    file: FileFetch<'a>,
    on_event: &'a dyn Fn(Event<'_>),
}

impl Archive<'_> {
    fn fetch(mut self) -> Result<(), FetchError> {
        let (root, expected) = (&self.fetch.to, self.fetch.expected_files(self.part)?);
        if expected.iter().all(|name| is_complete(&root.join(name))) {
            (self.file.on_event)(fetch::Event::Existing);
            return Ok(());
        }
        let local = self.fetch.captions.as_ref().filter(|_| self.file.source.name == CAPTIONS);
        let (path, digests, url) = match local {
            Some(path) => (path.clone(), self.file.verify(path, false)?, "by hand".to_owned()),
            None if self.file.exists() => {
                (self.file.path(), self.file.verify(&self.file.path(), true)?, self.file.url())
            }
            None => (self.file.path(), self.file.download()?, self.file.url()),
        };
        let folder = self.temporary_folder()?;
        let total = expected.len();
        let progress = |done| (self.on_event)(Event::Unpacked { done, total });
        let skipped =
            unpack::unpack(&path, self.part, &expected, folder.path(), progress).map_err(|error| match error {
                UnpackError::Io(error) => error,
                UnpackError::Archive(error) => {
                    let error = FormatError::from(InvalidFile::from(error));
                    self.file.reject(&path, local.is_none(), WrongFile::Format(error))
                }
            })?;
        if let Some(first) = &skipped.first {
            (self.on_event)(Event::Skipped { entries: skipped.entries, first });
        }
        let files = unpack::move_files(folder.path(), root, self.part, &expected)?;
        self.file.record(&digests, &url)?;
        (self.file.on_event)(fetch::Event::Completed { files });
        if local.is_none() && !self.fetch.keep_archives {
            std::fs::remove_file(&path).map_err(io_error(&path))?;
        }
        Ok(())
    }

    /// Creates an empty folder that is deleted after use. A folder that a killed process left is deleted first.
    fn temporary_folder(&self) -> Result<tempfile::TempDir, FetchError> {
        const NAME: &str = ".unpacking";
        let path = self.fetch.to.join(NAME);
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io_error(&path)(error).into()),
            _ => {}
        }
        let folder = tempfile::Builder::new().prefix(NAME).rand_bytes(0).tempdir_in(&self.fetch.to);
        Ok(folder.map_err(io_error(&path))?)
    }
}

#[cfg(test)]
mod tests;

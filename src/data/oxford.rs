//! Oxford-102 Flowers on disk.

use super::caption::{self, Caption, CaptionWarning, Captions};
use super::digests::DigestCache;
use super::error::DataError;
use super::fingerprint;
use super::layout::{LayoutPart, caption_file, image_file, segmentation_file};
use super::split::Split;
use super::tables;
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// An image number with its class and captions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRecord {
    /// The number of the image, from 1.
    pub id: u32,
    /// Its class, in `1..=102`.
    pub class: u16,
    /// Its captions in file order, at least one.
    pub captions: Vec<Caption>,
}

/// Oxford-102 Flowers in the official layout, or a smaller folder in the same layout.
///
/// ```text
/// jpg/image_00001.jpg
/// segmim/segmim_00001.jpg                  only if segmentations are used
/// imagelabels.mat                          variable `labels`, 1×N: N is the number of images
/// setid.mat                                only if the official split is used
/// text_c10/class_00077/image_00001.txt     one caption per line
/// ```
#[derive(Clone, Debug)]
pub struct Oxford102 {
    root: PathBuf,
    classes: Vec<u16>,
}

impl Oxford102 {
    /// Reads the labels and checks that the folders of the images and captions exist. Images and captions are read
    /// later, on request.
    ///
    /// # Errors
    ///
    /// If the root or a part of the layout is missing, or the labels are unreadable or outside `1..=102`.
    pub fn open(root: &Path) -> Result<Self, DataError> {
        if !root.is_dir() {
            return Err(DataError::NoRoot { path: root.into() });
        }
        let set = Self { root: root.into(), classes: Vec::new() };
        set.require_folder(LayoutPart::Images)?;
        set.require_folder(LayoutPart::Captions)?;
        let file = root.join(LayoutPart::Labels.entry());
        if !file.is_file() {
            return Err(DataError::MissingPart { path: file, part: LayoutPart::Labels });
        }
        Ok(Self { classes: tables::read_labels(&file)?, ..set })
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The number of every image, ascending from 1.
    pub fn ids(&self) -> RangeInclusive<u32> {
        1..=self.classes.len() as u32
    }

    /// The class of an image, in `1..=102`.
    ///
    /// # Errors
    ///
    /// If the image does not exist.
    pub fn class(&self, id: u32) -> Result<u16, DataError> {
        let index = (id as usize).checked_sub(1);
        let class = index.and_then(|index| self.classes.get(index)).copied();
        class.ok_or(DataError::NoImage { id, images: self.classes.len() as u32 })
    }

    /// The path of an image.
    pub fn image_path(&self, id: u32) -> PathBuf {
        self.root.join(image_file(id))
    }

    /// The path of a segmented image.
    pub fn segmentation_path(&self, id: u32) -> PathBuf {
        self.root.join(segmentation_file(id))
    }

    /// The path of the captions of an image.
    ///
    /// # Errors
    ///
    /// If the image does not exist: the path depends on its class.
    pub fn caption_path(&self, id: u32) -> Result<PathBuf, DataError> {
        Ok(self.root.join(self.caption_file(id)?))
    }

    /// Checks that the folder of the segmented images exists; [`open`](Self::open) does not check this.
    ///
    /// # Errors
    ///
    /// If the folder is missing.
    pub fn require_segmentations(&self) -> Result<(), DataError> {
        self.require_folder(LayoutPart::Segmentations)
    }

    /// The captions of these images, and warnings about caption lines, in the order of `ids`.
    ///
    /// # Errors
    ///
    /// The first image, in the order of `ids`, that does not exist, cannot be read or has no caption.
    pub fn captions(&self, ids: &[u32]) -> Result<(Captions, Vec<CaptionWarning>), DataError> {
        let (records, warnings) = self.records(ids)?;
        Ok((records.into_iter().map(|record| (record.id, record.captions)).collect(), warnings))
    }

    /// The classes and captions of these images, and warnings about caption lines, in the order of `ids`.
    ///
    /// # Errors
    ///
    /// As [`captions`](Self::captions).
    pub fn records(&self, ids: &[u32]) -> Result<(Vec<ImageRecord>, Vec<CaptionWarning>), DataError> {
        let results: Vec<_> = ids.par_iter().map(|&id| self.record(id)).collect();
        let (mut records, mut warnings) = (Vec::with_capacity(ids.len()), Vec::new());
        // Collected in order, so that of several errors always the same one is reported.
        for result in results {
            let (record, more) = result?;
            records.push(record);
            warnings.extend(more);
        }
        Ok((records, warnings))
    }

    /// A digest of the files and labels of these images, in the order of `ids`: see
    /// [`fingerprint`](super::fingerprint()).
    ///
    /// # Errors
    ///
    /// If an image does not exist or one of its files cannot be read.
    pub fn fingerprint(&self, ids: &[u32], digests: &DigestCache) -> Result<String, DataError> {
        let mut files = Vec::with_capacity(2 * ids.len());
        for &id in ids {
            // The class is in the path of the caption file, so the digest covers the label.
            files.extend([image_file(id), self.caption_file(id)?]);
        }
        fingerprint(&self.root, &files, digests)
    }

    /// A digest of the segmented images, in the order of `ids`: see [`fingerprint`](super::fingerprint()).
    ///
    /// # Errors
    ///
    /// If the segmentations are missing or a file cannot be read.
    pub fn segmentation_fingerprint(&self, ids: &[u32], digests: &DigestCache) -> Result<String, DataError> {
        self.require_segmentations()?;
        let files: Vec<_> = ids.iter().map(|&id| segmentation_file(id)).collect();
        fingerprint(&self.root, &files, digests)
    }

    /// The three lists of `setid.mat`.
    ///
    /// # Errors
    ///
    /// If the file is missing or its lists are not a split of the images.
    pub(super) fn official_split(&self) -> Result<Split, DataError> {
        let path = self.root.join(LayoutPart::Split.entry());
        if !path.is_file() {
            return Err(DataError::MissingPart { path, part: LayoutPart::Split });
        }
        tables::read_split(&path, self.classes.len() as u32)
    }

    fn record(&self, id: u32) -> Result<(ImageRecord, Vec<CaptionWarning>), DataError> {
        let class = self.class(id)?;
        let (captions, warnings) = caption::read_captions(&self.caption_path(id)?)?;
        Ok((ImageRecord { id, class, captions }, warnings))
    }

    fn caption_file(&self, id: u32) -> Result<String, DataError> {
        Ok(caption_file(self.class(id)?, id))
    }

    fn require_folder(&self, part: LayoutPart) -> Result<(), DataError> {
        let path = self.root.join(part.entry());
        if path.is_dir() { Ok(()) } else { Err(DataError::MissingPart { path, part }) }
    }
}

#[cfg(test)]
mod tests;

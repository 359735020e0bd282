//! The data set on disk.

use super::caption::{self, Caption, Captions, Warning};
use super::digests::Digests;
use super::error::{DataError, Part};
use super::fingerprint;
use super::label;
use super::split::Split;
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// One image with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// The image's number, from 1.
    pub id: u32,
    /// Its class, in `1..=102`.
    pub class: u16,
    /// Its captions, at least one, in file order.
    pub captions: Vec<Caption>,
}

/// Oxford-102 Flowers in the official layout, or a smaller folder in the same layout.
///
/// ```text
/// jpg/image_00001.jpg
/// segmim/segmim_00001.jpg                  only where segmentations are asked for
/// imagelabels.mat                          variable `labels`, 1×N: its length says how many images there are
/// text_c10/class_00077/image_00001.txt     one caption a line
/// ```
#[derive(Clone, Debug)]
pub struct Oxford102 {
    root: PathBuf,
    classes: Vec<u16>,
}

impl Oxford102 {
    /// Reads the labels and checks that the photographs and captions have their folders. Pictures and captions
    /// themselves are read when they are asked for.
    ///
    /// # Errors
    ///
    /// If the root or a part of the layout is missing, or the labels are unreadable or outside `1..=102`.
    pub fn open(root: &Path) -> Result<Self, DataError> {
        if !root.is_dir() {
            return Err(DataError::NoRoot { path: root.into() });
        }
        let set = Self { root: root.into(), classes: Vec::new() };
        set.folder(Part::Photos)?;
        set.folder(Part::Captions)?;
        let file = root.join(Part::Labels.entry());
        if !file.is_file() {
            return Err(DataError::NoPart { path: file, part: Part::Labels });
        }
        Ok(Self { classes: label::labels(&file)?, ..set })
    }

    /// The folder it was opened from.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every image's number, ascending from 1.
    pub fn ids(&self) -> RangeInclusive<u32> {
        1..=self.classes.len() as u32
    }

    /// The class of an image, in `1..=102`.
    ///
    /// # Errors
    ///
    /// If there is no such image.
    pub fn class(&self, id: u32) -> Result<u16, DataError> {
        let index = (id as usize).checked_sub(1);
        let class = index.and_then(|index| self.classes.get(index)).copied();
        class.ok_or(DataError::NoImage { id, images: self.classes.len() as u32 })
    }

    /// Where the photograph of an image is.
    pub fn photo_path(&self, id: u32) -> PathBuf {
        self.root.join(photo_name(id))
    }

    /// Where the segmented picture of an image is.
    pub fn segmentation_path(&self, id: u32) -> PathBuf {
        self.root.join(segmentation_name(id))
    }

    /// Where the captions of an image are.
    ///
    /// # Errors
    ///
    /// If there is no such image: the path depends on its class.
    pub fn caption_path(&self, id: u32) -> Result<PathBuf, DataError> {
        Ok(self.root.join(self.caption_name(id)?))
    }

    /// That the segmented pictures have their folder, which [`open`](Self::open) does not ask.
    ///
    /// # Errors
    ///
    /// If the folder is missing.
    pub fn require_segmentations(&self) -> Result<(), DataError> {
        self.folder(Part::Segmentations)
    }

    /// The captions of these images, and the blank lines that were skipped, in the order of the images asked for.
    ///
    /// # Errors
    ///
    /// The first of these images, in the order given, that does not exist, cannot be read or has no caption.
    pub fn captions(&self, ids: &[u32]) -> Result<(Captions, Vec<Warning>), DataError> {
        let (photos, warnings) = self.photos(ids)?;
        Ok((photos.into_iter().map(|photo| (photo.id, photo.captions)).collect(), warnings))
    }

    /// These images with their classes and captions, in the order given, and the blank lines that were skipped.
    ///
    /// # Errors
    ///
    /// As [`captions`](Self::captions).
    pub fn photos(&self, ids: &[u32]) -> Result<(Vec<Photo>, Vec<Warning>), DataError> {
        let read: Vec<_> = ids.par_iter().map(|&id| self.photo(id)).collect();
        let (mut photos, mut warnings) = (Vec::with_capacity(ids.len()), Vec::new());
        // Gathered one by one, so that of several errors the same one is reported every time.
        for photo in read {
            let (photo, skipped) = photo?;
            photos.push(photo);
            warnings.extend(skipped);
        }
        Ok((photos, warnings))
    }

    /// A digest of these images' photographs, captions and labels, in the order given: see
    /// [`fingerprint`](super::fingerprint()).
    ///
    /// # Errors
    ///
    /// If an image does not exist or one of its files cannot be read.
    pub fn fingerprint(&self, ids: &[u32], digests: &Digests) -> Result<String, DataError> {
        let mut files = Vec::with_capacity(2 * ids.len());
        for &id in ids {
            // The caption's folder names the class, so the label is part of the digest.
            files.extend([photo_name(id), self.caption_name(id)?]);
        }
        fingerprint(&self.root, &files, digests)
    }

    /// A digest of these images' segmented pictures, in the order given: see [`fingerprint`](super::fingerprint()).
    ///
    /// # Errors
    ///
    /// If the segmentations are missing or a file cannot be read.
    pub fn segmentation_fingerprint(&self, ids: &[u32], digests: &Digests) -> Result<String, DataError> {
        self.require_segmentations()?;
        let files: Vec<_> = ids.iter().map(|&id| segmentation_name(id)).collect();
        fingerprint(&self.root, &files, digests)
    }

    /// The three lists of `setid.mat`.
    ///
    /// # Errors
    ///
    /// If the file is not there or its lists are no split of the images.
    pub(super) fn official_split(&self) -> Result<Split, DataError> {
        let path = self.root.join(Part::SetId.entry());
        if !path.is_file() {
            return Err(DataError::NoPart { path, part: Part::SetId });
        }
        label::split(&path, self.classes.len() as u32)
    }

    fn photo(&self, id: u32) -> Result<(Photo, Vec<Warning>), DataError> {
        let class = self.class(id)?;
        let (captions, warnings) = caption::captions(&self.caption_path(id)?)?;
        Ok((Photo { id, class, captions }, warnings))
    }

    fn caption_name(&self, id: u32) -> Result<String, DataError> {
        Ok(caption_name(self.class(id)?, id))
    }

    fn folder(&self, part: Part) -> Result<(), DataError> {
        let path = self.root.join(part.entry());
        if path.is_dir() { Ok(()) } else { Err(DataError::NoPart { path, part }) }
    }
}

/// Where the captions of an image of a class are, below the root.
pub(super) fn caption_name(class: u16, id: u32) -> String {
    format!("{}/class_{class:05}/image_{id:05}.txt", Part::Captions.entry())
}

/// Where the photograph of an image is, below the root.
pub(super) fn photo_name(id: u32) -> String {
    format!("{}/image_{id:05}.jpg", Part::Photos.entry())
}

/// Where the segmented picture of an image is, below the root.
pub(super) fn segmentation_name(id: u32) -> String {
    format!("{}/segmim_{id:05}.jpg", Part::Segmentations.entry())
}

#[cfg(test)]
mod tests;

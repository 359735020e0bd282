//! The data set of an experiment, from any source.

use std::ops::RangeInclusive;
use std::path::Path;

use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::caption::{Caption, CaptionWarning, Captions};
use super::decode::decode;
use super::digests::DigestCache;
use super::drawn::{self, Arrangement, DrawnFlowers};
use super::error::DataError;
use super::oxford::Oxford102;
use super::split::{Split, SplitPart, paper, reed};
use crate::spec::DataSettings;

/// A data set: Oxford-102 on disk, or drawn flowers, which are rendered on request.
pub enum DataSet {
    /// Oxford-102 in the official layout.
    Oxford102(Oxford102),
    /// Drawn flowers, which need no files.
    Drawn(DrawnFlowers),
}

impl DataSet {
    /// Opens the data set that `data.source` selects.
    ///
    /// # Errors
    ///
    /// If the source is Oxford-102 and `data.root` is not set, does not exist or is not in the official layout.
    pub fn open(settings: &DataSettings) -> Result<Self, DataError> {
        match settings.source.as_str() {
            "drawn" => {
                let drawn = &settings.drawn;
                let flowers = DrawnFlowers::new(drawn.images, drawn.side, drawn.seed);
                Ok(DataSet::Drawn(flowers.with_arrangement(Arrangement::from_setting(&drawn.arrangement))))
            }
            _ if settings.root == Path::new("") => Err(DataError::RootNotSet),
            _ => Ok(DataSet::Oxford102(Oxford102::open(&settings.root)?)),
        }
    }

    /// The number of every image, ascending from 1.
    pub fn ids(&self) -> RangeInclusive<u32> {
        match self {
            DataSet::Oxford102(set) => set.ids(),
            DataSet::Drawn(flowers) => flowers.ids(),
        }
    }

    /// The class of an image, in `1..=102`.
    ///
    /// # Errors
    ///
    /// If the image does not exist.
    pub fn class(&self, id: u32) -> Result<u16, DataError> {
        match self {
            DataSet::Oxford102(set) => set.class(id),
            DataSet::Drawn(flowers) if flowers.ids().contains(&id) => Ok(flowers.class(id)),
            DataSet::Drawn(flowers) => Err(DataError::NoImage { id, images: *flowers.ids().end() }),
        }
    }

    /// An image in its original size.
    ///
    /// # Errors
    ///
    /// If its file cannot be read or is damaged.
    pub fn image(&self, id: u32) -> Result<RgbImage, DataError> {
        match self {
            DataSet::Oxford102(set) => decode(&set.image_path(id)),
            DataSet::Drawn(flowers) => Ok(flowers.image(id)),
        }
    }

    /// The captions of these images, and warnings about caption lines, in the order of `ids`.
    ///
    /// # Errors
    ///
    /// The first image, in the order of `ids`, that does not exist, cannot be read or has no caption.
    pub fn captions(&self, ids: &[u32]) -> Result<(Captions, Vec<CaptionWarning>), DataError> {
        match self {
            DataSet::Oxford102(set) => set.captions(ids),
            DataSet::Drawn(flowers) => {
                let numbered = |text| (1..).zip(text).map(|(line, text)| Caption { line, text }).collect();
                Ok((ids.par_iter().map(|&id| (id, numbered(flowers.captions(id)))).collect(), Vec::new()))
            }
        }
    }

    /// A digest that identifies these images, their captions and their labels, in the order of `ids`: of the files, or
    /// of the parameters that determine a drawn image.
    ///
    /// # Errors
    ///
    /// If an image does not exist or one of its files cannot be read.
    pub fn fingerprint(&self, ids: &[u32], digests: &DigestCache) -> Result<String, DataError> {
        match self {
            DataSet::Oxford102(set) => set.fingerprint(ids, digests),
            DataSet::Drawn(flowers) => Ok(drawn_fingerprint(flowers, ids)),
        }
    }

    /// The split that `data.split`, `data.classes` and `data.train` select. The draw of classes depends on `data.seed`
    /// alone, so excluding classes moves no other class to another part.
    ///
    /// # Errors
    ///
    /// If the official split is selected and cannot be read, or if no image has one of `data.classes`.
    pub fn split(&self, settings: &DataSettings) -> Result<Split, DataError> {
        let mut split = match settings.split.as_str() {
            "official" => self.official_split()?,
            "paper" => Split::by_class(self.classes(), paper(settings.seed)),
            _ => Split::by_class(self.classes(), reed),
        };
        split.retain_classes(&settings.classes, |id| self.class(id))?;
        if settings.train == "train+val" {
            split.train.append(&mut split.val);
            split.train.sort_unstable();
        }
        Ok(split)
    }

    /// The number and the class of every image, ascending.
    fn classes(&self) -> impl Iterator<Item = (u32, u16)> {
        self.ids().map(|id| (id, self.class(id).expect("every image in ids() has a class")))
    }

    /// The split that belongs to the data set: the three lists of `setid.mat`, or that of the drawn flowers.
    fn official_split(&self) -> Result<Split, DataError> {
        match self {
            DataSet::Oxford102(set) => set.official_split(),
            DataSet::Drawn(flowers) => {
                let of = |part: SplitPart| flowers.ids().filter(|&id| flowers.split_part(id) == part).collect();
                let (train, val, test) = (of(SplitPart::Train), of(SplitPart::Val), of(SplitPart::Test));
                Ok(Split { train, val, test, unused: Vec::new() })
            }
        }
    }
}

/// A drawn image is determined by the version of the renderer, the parameters of the set and its number.
fn drawn_fingerprint(flowers: &DrawnFlowers, ids: &[u32]) -> String {
    let (version, side, seed) = (drawn::VERSION, flowers.side(), flowers.seed());
    let mut hash = Sha256::new();
    let (last, arrangement) = (*flowers.ids().end(), flowers.arrangement().as_str());
    hash.update(format!("drawn flowers {version}, {arrangement}, side {side}, seed {seed}, of {last}"));
    ids.iter().for_each(|id| hash.update(id.to_le_bytes()));
    hex::encode(hash.finalize())
}

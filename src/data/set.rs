//! What an experiment reads, wherever it comes from.

use std::ops::RangeInclusive;
use std::path::Path;

use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::caption::{Caption, Captions, Warning};
use super::digests::Digests;
use super::drawn::{self, Arrangement, DrawnFlowers, Use};
use super::error::DataError;
use super::oxford::Oxford102;
use super::picture::decode;
use super::split::Split;
use crate::spec::DataSettings;

/// A data set: photos on disk, or flowers that are drawn when they are asked for.
pub enum DataSet {
    /// Oxford-102 in the official layout.
    Oxford102(Oxford102),
    /// Drawn flowers, which need no files.
    Drawn(DrawnFlowers),
}

impl DataSet {
    /// The data set that `data.source` names.
    ///
    /// # Errors
    ///
    /// If photos are asked for and their folder is not named, not there or not in the official layout.
    pub fn open(settings: &DataSettings) -> Result<Self, DataError> {
        match settings.source.as_str() {
            "drawn" => {
                let drawn = &settings.drawn;
                let flowers = DrawnFlowers::new(drawn.images, drawn.side, drawn.seed);
                Ok(DataSet::Drawn(flowers.arranged(Arrangement::of(&drawn.arrangement))))
            }
            _ if settings.root == Path::new("") => Err(DataError::NoRootNamed),
            _ => Ok(DataSet::Oxford102(Oxford102::open(&settings.root)?)),
        }
    }

    /// Every image's number, ascending from 1.
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
    /// If there is no such image.
    pub fn class(&self, id: u32) -> Result<u16, DataError> {
        match self {
            DataSet::Oxford102(set) => set.class(id),
            DataSet::Drawn(flowers) if flowers.ids().contains(&id) => Ok(flowers.class(id)),
            DataSet::Drawn(flowers) => Err(DataError::NoImage { id, images: *flowers.ids().end() }),
        }
    }

    /// An image at its own size.
    ///
    /// # Errors
    ///
    /// If its file cannot be read or is damaged.
    pub fn picture(&self, id: u32) -> Result<RgbImage, DataError> {
        match self {
            DataSet::Oxford102(set) => decode(&set.photo_path(id)),
            DataSet::Drawn(flowers) => Ok(flowers.picture(id)),
        }
    }

    /// The captions of these images, and the blank lines that were skipped, in the order of the images asked for.
    ///
    /// # Errors
    ///
    /// The first of these images, in the order given, that does not exist, cannot be read or has no caption.
    pub fn captions(&self, ids: &[u32]) -> Result<(Captions, Vec<Warning>), DataError> {
        match self {
            DataSet::Oxford102(set) => set.captions(ids),
            DataSet::Drawn(flowers) => {
                let numbered = |text| (1..).zip(text).map(|(line, text)| Caption { line, text }).collect();
                Ok((ids.par_iter().map(|&id| (id, numbered(flowers.captions(id)))).collect(), Vec::new()))
            }
        }
    }

    /// What these images, their captions and their labels are, in the order given: a digest of files, or the numbers
    /// that a drawing is a function of.
    ///
    /// # Errors
    ///
    /// If an image does not exist or one of its files cannot be read.
    pub fn fingerprint(&self, ids: &[u32], digests: &Digests) -> Result<String, DataError> {
        match self {
            DataSet::Oxford102(set) => set.fingerprint(ids, digests),
            DataSet::Drawn(flowers) => Ok(drawn_fingerprint(flowers, ids)),
        }
    }

    /// The data set's own split: `setid.mat`'s three lists.
    ///
    /// # Errors
    ///
    /// If the file is not there or its lists are no split of the images.
    pub(super) fn official_split(&self) -> Result<Split, DataError> {
        match self {
            DataSet::Oxford102(set) => set.official_split(),
            DataSet::Drawn(flowers) => {
                let of = |part: Use| flowers.ids().filter(|&id| flowers.split_of(id) == part).collect();
                Ok(Split { train: of(Use::Train), val: of(Use::Val), test: of(Use::Test), unused: Vec::new() })
            }
        }
    }
}

/// Drawn images are a function of the drawing's version, their seed, their side and their number.
fn drawn_fingerprint(flowers: &DrawnFlowers, ids: &[u32]) -> String {
    let (version, side, seed) = (drawn::VERSION, flowers.side(), flowers.seed());
    let mut whole = Sha256::new();
    let (last, arrangement) = (*flowers.ids().end(), flowers.arrangement().as_str());
    whole.update(format!("drawn flowers {version}, {arrangement}, side {side}, seed {seed}, of {last}"));
    ids.iter().for_each(|id| whole.update(id.to_le_bytes()));
    hex::encode(whole.finalize())
}

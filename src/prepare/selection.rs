//! Which images a cell reads, and the fingerprints of what they hold.

use std::path::Path;

use crate::data::{Oxford102, reed, subset};
use crate::random::{Random, Stream};
use crate::spec::{Fingerprints, Settings};
use crate::vision::Weights;

use super::PrepareError;

/// The images of a cell: a seeded draw, the same for every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Training images, ascending.
    pub train: Vec<u32>,
    /// Held-out images that are looked at, ascending.
    pub eval: Vec<u32>,
}

impl Selection {
    /// The images that `settings` choose from `set`.
    ///
    /// # Errors
    ///
    /// If the data set has fewer than are asked for.
    pub fn new(set: &Oxford102, settings: &Settings) -> Result<Self, PrepareError> {
        let split = reed(set);
        let train = subset(&split.train, settings.data.limit, settings.data.seed)?;
        if train.len() < settings.train.batch {
            return Err(PrepareError::TooFew { images: train.len(), batch: settings.train.batch });
        }
        let held_out = if settings.eval.split == "test" { &split.test } else { &split.val };
        if held_out.len() < settings.eval.items {
            let (items, split) = (settings.eval.items, settings.eval.split.clone());
            return Err(PrepareError::TooFewItems { items, split, images: held_out.len() });
        }
        let order = Random::keyed(settings.data.seed, Stream::Evaluation, 0, 0).permutation(held_out.len());
        let mut eval: Vec<u32> = order[..settings.eval.items].iter().map(|&i| held_out[i]).collect();
        eval.sort_unstable();
        Ok(Self { train, eval })
    }

    /// Training images, then evaluation items: the order of every cached array.
    pub fn all(&self) -> Vec<u32> {
        self.train.iter().chain(&self.eval).copied().collect()
    }
}

/// Opens the data set that `settings` name.
pub(super) fn open(settings: &Settings) -> Result<Oxford102, PrepareError> {
    if settings.data.root == Path::new("") {
        return Err(PrepareError::NoRoot);
    }
    Ok(Oxford102::open(&settings.data.root)?)
}

/// Content hashes of everything that a cell reads: images with their captions and labels, segmentations where a
/// guide needs them, and weights that are a file.
///
/// # Errors
///
/// If any of it cannot be read.
pub fn fingerprints(settings: &Settings) -> Result<Fingerprints, PrepareError> {
    let set = open(settings)?;
    let ids = Selection::new(&set, settings)?.all();
    let mut prints = Fingerprints::new();
    prints.insert("data".to_owned(), set.fingerprint(&ids)?);
    if settings.guide.is_on() {
        if settings.guide.segmentation != "none" {
            set.require_segmentations()?;
            prints.insert("segmentation".to_owned(), set.segmentation_fingerprint(&ids)?);
        }
        if let Some(sha256) = Weights::parse(&settings.guide.weights)?.sha256()? {
            prints.insert("guide.weights".to_owned(), sha256);
        }
    }
    Ok(prints)
}

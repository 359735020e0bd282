//! Which images a cell reads, and the fingerprints of what they hold.

use crate::data::{DataError, DataSet, Digests, Split, subset};
use crate::random::{Random, Stream};
use crate::segment::segmenter;
use crate::spec::{Fingerprints, Settings};
use crate::text::{TextError, VectorsError};
use crate::vision::{VisionError, Weights};

use super::PrepareError;

/// The images of a cell: a seeded draw, the same for every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Training images, ascending.
    pub train: Vec<u32>,
    /// Held-out images that are looked at, ascending.
    pub eval: Vec<u32>,
    /// Classes that a draw of classes left out, ascending.
    unused: Vec<u16>,
}

impl Selection {
    /// The images that `settings` choose from `set`.
    ///
    /// # Errors
    ///
    /// If the data set has fewer than are asked for.
    pub fn new(set: &DataSet, settings: &Settings) -> Result<Self, PrepareError> {
        let split = Split::new(set, &settings.data)?;
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
        Ok(Self { train, eval, unused: split.unused })
    }

    /// Training images, then evaluation items: the order of every cached array.
    pub fn all(&self) -> Vec<u32> {
        self.train.iter().chain(&self.eval).copied().collect()
    }

    /// The classes that belong to no part of the split, where there are any.
    pub fn unused(&self) -> Option<String> {
        let listed: Vec<String> = self.unused.iter().map(u16::to_string).collect();
        (!listed.is_empty()).then(|| format!("the draw of classes leaves out {}", listed.join(" and ")))
    }
}

/// Content hashes of everything that a cell reads: images with their captions and labels, segmentations where a
/// guide needs them, and weights and vectors that are a file.
///
/// # Errors
///
/// If any of it cannot be read.
pub fn fingerprints(settings: &Settings, digests: &Digests) -> Result<Fingerprints, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let ids = Selection::new(&set, settings)?.all();
    let mut prints = Fingerprints::new();
    prints.insert("data".to_owned(), set.fingerprint(&ids, digests)?);
    if settings.guide.is_segmented() {
        prints.insert("segmentation".to_owned(), segmenter(&set, &settings.segment)?.fingerprint(&ids, digests)?);
    }
    if settings.guide.is_on()
        && let Weights::File { path } = Weights::parse(&settings.guide.weights)?
    {
        let digest = digests.of(&path).map_err(|error| match error {
            DataError::Read { path, source } => VisionError::Read { path, source }.into(),
            other => PrepareError::from(other),
        })?;
        prints.insert("guide.weights".to_owned(), hex::encode(digest));
    }
    if settings.text.encoder == "vectors" {
        let digest = digests.of(&settings.text.vectors).map_err(|error| match error {
            DataError::Read { path, source } => TextError::Vectors { path, source: VectorsError::Read(source) }.into(),
            other => PrepareError::from(other),
        })?;
        prints.insert("text.vectors".to_owned(), hex::encode(digest));
    }
    Ok(prints)
}

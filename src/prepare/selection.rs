//! Which images a cell reads.

use std::collections::BTreeSet;

use crate::data::{DataError, DataSet, Split, subset};
use crate::random::{Random, Stream};
use crate::spec::Settings;

use super::PrepareError;
use super::captions::grouped_captions;
use super::remedy;

/// The images of a cell. They are chosen by `data.seed`, so that they are the same for every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Training images, ascending.
    pub train: Vec<u32>,
    /// Held-out images that are evaluated during training, ascending.
    pub eval: Vec<u32>,
    /// Images of the test split that are evaluated once, ascending; empty if `eval.test` is `none`.
    pub test: Vec<u32>,
    /// Reference images of the held-out part and of the test split, ascending; empty unless a measure compares sets.
    pub sets: [Vec<u32>; 2],
    /// Classes that the random choice of classes left out, ascending.
    unused: Vec<u16>,
}

impl Selection {
    /// The images that `settings` select from `set`.
    ///
    /// # Errors
    ///
    /// If the data set has fewer images than required.
    pub fn new(set: &DataSet, settings: &Settings) -> Result<Self, PrepareError> {
        let split = set.split(&settings.data)?;
        let train = subset(&split.train, settings.data.limit, settings.data.seed)?;
        if train.len() < settings.train.batch {
            let help = remedy::for_batch(set, settings, split.train.len());
            return Err(PrepareError::TooFew { images: train.len(), batch: settings.train.batch, help });
        }
        let items = |part: &str| {
            let held_out = if part == "test" { &split.test } else { &split.val };
            if held_out.len() < settings.eval.items {
                let help = remedy::for_items(set, settings, part, held_out);
                let (items, split) = (settings.eval.items, part.to_owned());
                return Err(PrepareError::TooFewItems { items, split, images: held_out.len(), help });
            }
            let order = Random::keyed(settings.data.seed, Stream::Evaluation, 0, 0).permutation(held_out.len());
            let mut items: Vec<u32> = order[..settings.eval.items].iter().map(|&i| held_out[i]).collect();
            items.sort_unstable();
            Ok(items)
        };
        let has_sets = settings.eval.has_set_measures(&settings.keep.best);
        let has_test = settings.eval.test != "none";
        let references = |part: &str| if has_sets { references(&split, settings, part) } else { Ok(Vec::new()) };
        let of_test = if has_test { references("test")? } else { Vec::new() };
        let sets = [references(&settings.eval.split)?, of_test];
        let eval = items(&settings.eval.split)?;
        let test = if has_test { items("test")? } else { Vec::new() };
        Ok(Self { train, eval, test, sets, unused: split.unused })
    }

    /// [`Selection::new`], checked to be sufficient for training.
    ///
    /// # Errors
    ///
    /// If the data set has fewer images than required, or all are of one class and texts of another class are required.
    pub fn for_training(set: &DataSet, settings: &Settings) -> Result<Self, PrepareError> {
        let selection = Self::new(set, settings)?;
        let classes: BTreeSet<u16> = selection.train.iter().filter_map(|&id| set.class(id).ok()).collect();
        let needs_others = settings.objective.kind.has_mismatched_pairs() && settings.objective.mismatch == "class";
        if needs_others && classes.len() == 1 { Err(PrepareError::OneClass) } else { Ok(selection) }
    }

    /// The reference images of a part of the split, `val` or `test`, ascending.
    ///
    /// # Errors
    ///
    /// If the part has fewer images than required.
    pub(super) fn reference_images(set: &DataSet, settings: &Settings, part: &str) -> Result<Vec<u32>, PrepareError> {
        Ok(references(&set.split(&settings.data)?, settings, part)?)
    }

    /// Training images, then evaluation items: the order of every array that training reads.
    pub fn all(&self) -> Vec<u32> {
        self.train.iter().chain(&self.eval).copied().collect()
    }

    /// The captions of the training images, image by image. Bag-of-words encoders are fitted on them.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub(super) fn training_captions(&self, set: &DataSet) -> Result<Vec<String>, PrepareError> {
        Ok(grouped_captions(set, &self.train)?.concat())
    }

    /// A message that names the classes of no part of the split, if there are any.
    pub fn unused(&self) -> Option<String> {
        let listed: Vec<String> = self.unused.iter().map(u16::to_string).collect();
        (!listed.is_empty()).then(|| format!("the random choice of classes leaves out {}", listed.join(" and ")))
    }
}

fn references(split: &Split, settings: &Settings, part: &str) -> Result<Vec<u32>, DataError> {
    let part = if part == "test" { &split.test } else { &split.val };
    subset(part, settings.eval.photos, settings.data.seed)
}

/// The images that the guide network is fitted on: training images of the split, independent of `data.limit`.
///
/// # Errors
///
/// If there are fewer than required.
pub(super) fn guide_fit_images(set: &DataSet, settings: &Settings) -> Result<Vec<u32>, PrepareError> {
    let split = set.split(&settings.data)?;
    Ok(subset(&split.train, settings.guide.fit.limit, settings.data.seed)?)
}

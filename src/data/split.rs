//! Splits: which images are for training, for validation and for the test.

use std::collections::BTreeSet;

use super::error::DataError;
use crate::random::{Random, Stream};
use crate::spec::Classes;

/// The image numbers of each part, ascending; no image is in two parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Training images.
    pub train: Vec<u32>,
    /// Validation images: they give the curves and select the best checkpoint.
    pub val: Vec<u32>,
    /// Test images: they are evaluated once, at the end.
    pub test: Vec<u32>,
    /// Classes that no part contains, ascending.
    pub unused: Vec<u16>,
}

/// A part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitPart {
    /// Training.
    Train,
    /// Validation.
    Val,
    /// Test.
    Test,
}

impl Split {
    /// Splits images, given as (number, class) and ascending, by their class. A class without a part is unused.
    pub(super) fn by_class(
        images: impl IntoIterator<Item = (u32, u16)>,
        part: impl Fn(u16) -> Option<SplitPart>,
    ) -> Self {
        let (mut split, mut unused) = (Split::default(), BTreeSet::new());
        for (id, class) in images {
            match part(class) {
                Some(SplitPart::Train) => split.train.push(id),
                Some(SplitPart::Val) => split.val.push(id),
                Some(SplitPart::Test) => split.test.push(id),
                None => {
                    unused.insert(class);
                }
            }
        }
        Split { unused: unused.into_iter().collect(), ..split }
    }

    /// Removes every image of another class.
    ///
    /// # Errors
    ///
    /// If no image is left.
    pub(super) fn retain_classes(
        &mut self,
        classes: &Classes,
        class_of: impl Fn(u32) -> Result<u16, DataError>,
    ) -> Result<(), DataError> {
        for part in [&mut self.train, &mut self.val, &mut self.test] {
            part.retain(|&id| class_of(id).is_ok_and(|class| classes.contains(class)));
        }
        self.unused.retain(|&class| classes.contains(class));
        let empty = [&self.train, &self.val, &self.test].iter().all(|part| part.is_empty());
        if empty { Err(DataError::NoImages { classes: classes.to_string() }) } else { Ok(()) }
    }
}

/// The class-disjoint split of Reed et al. (ICML 2016): classes 1–20 test, 21–40 validation, 41–102 training
/// (1,155, 1,156 and 5,878 images of the full set).
pub(super) fn reed(class: u16) -> Option<SplitPart> {
    Some(match class {
        ..=20 => SplitPart::Test,
        21..=40 => SplitPart::Val,
        _ => SplitPart::Train,
    })
}

/// The split of the JEM paper: of 102 classes, 80 for training and 20 for the test. The paper does not say which
/// classes, so `seed` draws them. The last ten of the 80 are for validation; two classes are unused.
pub(super) fn paper(seed: u64) -> impl Fn(u16) -> Option<SplitPart> {
    let order = Random::keyed(seed, Stream::Classes, 0, 0).permutation(usize::from(Classes::COUNT));
    move |class| {
        let position = order.iter().position(|&drawn| drawn + 1 == usize::from(class));
        match position.expect("the permutation contains every class") {
            ..70 => Some(SplitPart::Train),
            70..80 => Some(SplitPart::Val),
            80..100 => Some(SplitPart::Test),
            _ => None,
        }
    }
}

/// `limit` of these images, drawn by `seed`, ascending; all images (ascending) if `limit` is 0.
/// With the same seed, a larger limit includes the images of a smaller one.
///
/// # Errors
///
/// If `limit` is greater than the number of images.
pub fn subset(ids: &[u32], limit: usize, seed: u64) -> Result<Vec<u32>, DataError> {
    if limit > ids.len() {
        return Err(DataError::TooFewImages { requested: limit, available: ids.len() });
    }
    let mut chosen = ids.to_vec();
    if limit > 0 {
        let order = Random::keyed(seed, Stream::Subset, 0, 0).permutation(ids.len());
        chosen = order.into_iter().take(limit).map(|index| ids[index]).collect();
    }
    chosen.sort_unstable();
    Ok(chosen)
}

#[cfg(test)]
mod tests;

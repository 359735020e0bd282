//! Which images train, which choose, which test.

use std::collections::BTreeSet;

use super::error::DataError;
use super::set::DataSet;
use crate::random::{Random, Stream};
use crate::spec::{Classes, DataSettings};

/// Image numbers by use, each list ascending; no image is in two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Images to train on.
    pub train: Vec<u32>,
    /// Images that drive curves and choose the best checkpoint.
    pub val: Vec<u32>,
    /// Images looked at once, at the end.
    pub test: Vec<u32>,
    /// Classes that a draw of classes left out, ascending.
    pub unused: Vec<u16>,
}

/// Where an image goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Train,
    Val,
    Test,
    Unused,
}

impl Split {
    /// The split that `data.split`, `data.classes` and `data.train` name; see there. The draw of classes depends on
    /// `data.seed` alone, so that leaving classes out moves none of the others.
    ///
    /// # Errors
    ///
    /// If the data set's own split is asked for and cannot be read, or `data.classes` names none that there is.
    pub fn new(set: &DataSet, settings: &DataSettings) -> Result<Self, DataError> {
        let mut split = match settings.split.as_str() {
            "official" => set.official_split()?,
            "paper" => paper(set, settings.seed),
            _ => by_class(set, reed),
        };
        split.keep(set, &settings.classes)?;
        if settings.train == "train+val" {
            split.train.append(&mut split.val);
            split.train.sort_unstable();
        }
        Ok(split)
    }

    /// Drops every image that is not of these classes.
    fn keep(&mut self, set: &DataSet, classes: &Classes) -> Result<(), DataError> {
        let kept = |id: &u32| set.class(*id).is_ok_and(|class| classes.holds(class));
        for part in [&mut self.train, &mut self.val, &mut self.test] {
            part.retain(kept);
        }
        self.unused.retain(|&class| classes.holds(class));
        let empty = [&self.train, &self.val, &self.test].iter().all(|part| part.is_empty());
        if empty { Err(DataError::NoImages { classes: classes.to_string() }) } else { Ok(()) }
    }
}

fn by_class(set: &DataSet, part: impl Fn(u16) -> Part) -> Split {
    let (mut split, mut unused) = (Split::default(), BTreeSet::new());
    for id in set.ids() {
        let class = set.class(id).expect("ids() lists only images that have a class");
        match part(class) {
            Part::Train => split.train.push(id),
            Part::Val => split.val.push(id),
            Part::Test => split.test.push(id),
            Part::Unused => {
                unused.insert(class);
            }
        }
    }
    Split { unused: unused.into_iter().collect(), ..split }
}

/// The class-disjoint split of Reed et al. (ICML 2016): classes 1–20 test, 21–40 validate, 41–102 train
/// (1,155, 1,156 and 5,878 images of the full set).
fn reed(class: u16) -> Part {
    match class {
        ..=20 => Part::Test,
        21..=40 => Part::Val,
        _ => Part::Train,
    }
}

/// The split that JEM prints: 80 classes to train on and 20 to test, of 102. Which ones it does not say, so they are
/// drawn by the seed; of the 80, the last ten drawn validate, and two of the 102 are left out.
fn paper(set: &DataSet, seed: u64) -> Split {
    let order = Random::keyed(seed, Stream::Classes, 0, 0).permutation(usize::from(Classes::COUNT));
    by_class(set, |class| {
        let place = order.iter().position(|&drawn| drawn + 1 == usize::from(class));
        match place.expect("the order holds every class") {
            ..70 => Part::Train,
            70..80 => Part::Val,
            80..100 => Part::Test,
            _ => Part::Unused,
        }
    })
}

/// `limit` of these images, drawn by `seed` and returned ascending; all of them (ascending) when `limit` is 0.
/// A larger limit with the same seed keeps the images of a smaller one.
///
/// # Errors
///
/// If more are asked for than there are.
pub fn subset(ids: &[u32], limit: usize, seed: u64) -> Result<Vec<u32>, DataError> {
    if limit > ids.len() {
        return Err(DataError::TooFew { asked: limit, available: ids.len() });
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

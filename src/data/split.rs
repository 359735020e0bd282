//! Which images train, which choose, which test.

use super::error::DataError;
use super::oxford::Oxford102;
use crate::random::{Random, Stream};

/// Image numbers by use, each list ascending; no image is in two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Images to train on.
    pub train: Vec<u32>,
    /// Images that drive curves and choose the best checkpoint.
    pub val: Vec<u32>,
    /// Images looked at once, at the end.
    pub test: Vec<u32>,
}

/// The class-disjoint split of Reed et al. (ICML 2016): classes 1–20 test, 21–40 validate, 41–102 train
/// (1,155, 1,156 and 5,878 images of the full set).
pub fn reed(set: &Oxford102) -> Split {
    let mut split = Split::default();
    for id in set.ids() {
        let class = set.class(id).expect("ids() lists only images that have a class");
        let part = match class {
            ..=20 => &mut split.test,
            21..=40 => &mut split.val,
            _ => &mut split.train,
        };
        part.push(id);
    }
    split
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
mod tests {
    use super::*;
    use crate::data::fixture;

    #[test]
    fn classes_fall_on_the_right_side_of_each_boundary() {
        let folder = fixture::oxford(&[102, 41, 40, 21, 20, 1]);
        let split = reed(&Oxford102::open(folder.path()).unwrap());
        assert_eq!(split, Split { train: vec![1, 2], val: vec![3, 4], test: vec![5, 6] });
    }

    #[test]
    fn the_full_set_has_the_published_split_sizes() {
        let Some(root) = fixture::real() else { return };
        let split = reed(&Oxford102::open(&root).unwrap());
        assert_eq!([split.train.len(), split.val.len(), split.test.len()], [5_878, 1_156, 1_155]);
    }

    #[test]
    fn a_subset_is_drawn_by_its_seed_and_ascends() {
        let ids: Vec<u32> = (100..200).collect();
        let drawn = subset(&ids, 10, 1).unwrap();
        assert_eq!(drawn.len(), 10);
        assert!(drawn.is_sorted() && drawn.iter().all(|id| ids.contains(id)));
        assert_eq!(drawn, subset(&ids, 10, 1).unwrap());
        assert_ne!(drawn, subset(&ids, 10, 2).unwrap());
        assert_ne!(drawn, ids[..10]);
    }

    #[test]
    fn a_larger_subset_holds_the_smaller_one() {
        let ids: Vec<u32> = (1..=50).collect();
        let larger = subset(&ids, 20, 7).unwrap();
        assert!(subset(&ids, 5, 7).unwrap().iter().all(|id| larger.contains(id)));
    }

    #[test]
    fn no_limit_is_everything_and_too_much_is_an_error_that_counts() {
        assert_eq!(subset(&[3, 1, 2], 0, 9).unwrap(), [1, 2, 3]);
        assert_eq!(subset(&[3, 1, 2], 3, 9).unwrap(), [1, 2, 3]);
        let error = subset(&[3, 1, 2], 4, 9).unwrap_err();
        assert_eq!(error.to_string(), "4 images asked for, but there are 3");
    }
}

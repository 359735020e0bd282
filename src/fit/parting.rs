//! Which of the training images a backbone learns from, and which it is tried on.

use std::collections::BTreeMap;

use crate::random::Random;

/// Places of images to learn from and to hold out, both ascending: of each class the nearest whole number to `share` of
/// its images is held out, drawn by `seed`, and at least one stays to learn from. `classes` gives each image's class.
pub fn parted(classes: &[u16], share: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut of: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (place, &class) in classes.iter().enumerate() {
        of.entry(class).or_default().push(place);
    }
    let (mut learn, mut held_out) = (Vec::new(), Vec::new());
    for (class, places) in of {
        let count = ((places.len() as f64 * share).round() as usize).min(places.len() - 1);
        let order = Random::named(seed, &format!("fit/parting/{class}")).permutation(places.len());
        let (out, stay) = order.split_at(count);
        held_out.extend(out.iter().map(|&i| places[i]));
        learn.extend(stay.iter().map(|&i| places[i]));
    }
    learn.sort_unstable();
    held_out.sort_unstable();
    (learn, held_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_every_class_is_held_out_and_no_image_is_in_both() {
        let classes: Vec<u16> = (0..100).map(|i| if i < 60 { 7 } else { 9 }).collect();
        let (learn, held_out) = parted(&classes, 0.1, 1);
        assert_eq!(held_out.iter().filter(|&&i| classes[i] == 7).count(), 6);
        assert_eq!(held_out.iter().filter(|&&i| classes[i] == 9).count(), 4);
        let mut all = [learn, held_out.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_ne!(held_out, parted(&classes, 0.1, 2).1);
    }

    #[test]
    fn a_class_of_one_image_is_learned_from() {
        assert_eq!(parted(&[3, 4, 4], 0.9, 1).0.len(), 2);
        assert_eq!(parted(&[3], 0.5, 1), (vec![0], vec![]));
    }
}

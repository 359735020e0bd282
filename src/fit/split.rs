//! The split of the images of a fit into training images and held-out images.

use std::collections::BTreeMap;

use crate::random::Random;

/// The indices of training images and of held-out images, both ascending. In each class the number of held-out images
/// is `fraction` of the images, rounded; at least one image remains for training. `seed` selects the images. `classes`
/// has the class of each image.
pub fn split_held_out(classes: &[u16], fraction: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut by_class: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (index, &class) in classes.iter().enumerate() {
        by_class.entry(class).or_default().push(index);
    }
    let (mut train, mut held_out) = (Vec::new(), Vec::new());
    for (class, indices) in by_class {
        let count = ((indices.len() as f64 * fraction).round() as usize).min(indices.len() - 1);
        let order = Random::named(seed, &format!("fit/parting/{class}")).permutation(indices.len());
        let (out, rest) = order.split_at(count);
        held_out.extend(out.iter().map(|&i| indices[i]));
        train.extend(rest.iter().map(|&i| indices[i]));
    }
    train.sort_unstable();
    held_out.sort_unstable();
    (train, held_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_every_class_is_held_out_and_no_image_is_in_both_parts() {
        let classes: Vec<u16> = (0..100).map(|i| if i < 60 { 7 } else { 9 }).collect();
        let (train, held_out) = split_held_out(&classes, 0.1, 1);
        assert_eq!(held_out.iter().filter(|&&i| classes[i] == 7).count(), 6);
        assert_eq!(held_out.iter().filter(|&&i| classes[i] == 9).count(), 4);
        let mut all = [train, held_out.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_ne!(held_out, split_held_out(&classes, 0.1, 2).1);
    }

    #[test]
    fn the_only_image_of_a_class_is_a_training_image() {
        assert_eq!(split_held_out(&[3, 4, 4], 0.9, 1).0.len(), 2);
        assert_eq!(split_held_out(&[3], 0.5, 1), (vec![0], vec![]));
    }
}

//! Which species an image shows, and what it is used for.

use super::DrawnFlowers;
use super::species::SPECIES;
use crate::random::Random;

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To train on.
    Train,
    /// To choose by.
    Val,
    /// To look at once.
    Test,
}

impl DrawnFlowers {
    /// The species of an image, in `1..=102`. Every 102 images hold each species once, in a drawn order.
    ///
    /// # Panics
    ///
    /// If `id` is 0: images are numbered from 1.
    pub fn class(&self, id: u32) -> u16 {
        assert!(id > 0, "images are numbered from 1");
        let (round, place) = ((id - 1) / u32::from(SPECIES), (id - 1) % u32::from(SPECIES));
        self.round(round)[place as usize]
    }

    /// The class of every image, in order.
    pub(super) fn classes(&self) -> Vec<u16> {
        let rounds = self.images.div_ceil(u32::from(SPECIES));
        (0..rounds).flat_map(|round| self.round(round)).take(self.images as usize).collect()
    }

    fn round(&self, round: u32) -> Vec<u16> {
        let order = Random::named(self.seed, &format!("drawn order {round}")).permutation(usize::from(SPECIES));
        order.into_iter().map(|index| index as u16 + 1).collect()
    }

    /// What an image is for: of the n images of a species in this set, the last tenth is `Test`, the tenth before it
    /// `Val` (both rounded, and at least 1 from three images on), and the others `Train`.
    pub fn split_of(&self, id: u32) -> Use {
        let species = u32::from(SPECIES);
        let rank = (id - 1) / species;
        let full = self.images / species;
        // The last round may be cut off before it comes to this species.
        let left = self.images % species;
        let class = self.class(id);
        let more = left > 0 && self.round(full)[..left as usize].contains(&class);
        split_rank(rank, full + u32::from(more))
    }
}

fn split_rank(rank: u32, count: u32) -> Use {
    let held = if count < 3 { 0 } else { ((count + 5) / 10).max(1) };
    match rank {
        rank if rank + held >= count => Use::Test,
        rank if rank + 2 * held >= count => Use::Val,
        _ => Use::Train,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_of_images_holds_every_species_once() {
        let set = DrawnFlowers::new(250, 32, 5);
        let mut first: Vec<u16> = (1..=102).map(|id| set.class(id)).collect();
        assert_ne!(first, (1..=102).collect::<Vec<_>>());
        first.sort_unstable();
        assert_eq!(first, (1..=102).collect::<Vec<_>>());
        assert_eq!(set.classes(), set.ids().map(|id| set.class(id)).collect::<Vec<_>>());
        assert_ne!(set.class(1), DrawnFlowers::new(250, 32, 6).class(1));
    }

    #[test]
    fn a_tenth_of_every_species_is_held_out_twice() {
        let set = DrawnFlowers::new(1020, 32, 5);
        for class in [1, 50, 102] {
            let uses: Vec<Use> = set.ids().filter(|&id| set.class(id) == class).map(|id| set.split_of(id)).collect();
            let count = |which: Use| uses.iter().filter(|&&one| one == which).count();
            assert_eq!((count(Use::Train), count(Use::Val), count(Use::Test)), (8, 1, 1), "{class}");
        }
        // 20 images: 2 and 2; 5 images: 1 and 1; 2 images: none.
        let counts = |n: u32| {
            [Use::Train, Use::Val, Use::Test].map(|which| (0..n).filter(|&rank| split_rank(rank, n) == which).count())
        };
        assert_eq!((counts(20), counts(5), counts(2)), ([16, 2, 2], [3, 1, 1], [2, 0, 0]));
    }

    #[test]
    fn a_last_round_that_is_cut_off_is_counted_as_it_is() {
        let set = DrawnFlowers::new(9 * 102 + 40, 32, 5);
        let held = set.ids().filter(|&id| set.split_of(id) == Use::Test).count();
        assert_eq!(held, 102);
    }
}

//! The species and the split part of each image.

use super::DrawnFlowers;
use super::species::SPECIES;
use crate::data::SplitPart;
use crate::random::Random;

impl DrawnFlowers {
    /// The species of an image, in `1..=102`. Each round of 102 images contains every species once, in a random order.
    ///
    /// # Panics
    ///
    /// If `id` is 0: images are numbered from 1.
    pub fn class(&self, id: u32) -> u16 {
        assert!(id > 0, "images are numbered from 1");
        let (round, index) = ((id - 1) / u32::from(SPECIES), (id - 1) % u32::from(SPECIES));
        self.round(round)[index as usize]
    }

    /// The class of every image, in the order of the images.
    pub(super) fn classes(&self) -> Vec<u16> {
        let rounds = self.images.div_ceil(u32::from(SPECIES));
        (0..rounds).flat_map(|round| self.round(round)).take(self.images as usize).collect()
    }

    fn round(&self, round: u32) -> Vec<u16> {
        let order = Random::named(self.seed, &format!("drawn order {round}")).permutation(usize::from(SPECIES));
        order.into_iter().map(|index| index as u16 + 1).collect()
    }

    /// The part of the split that an image belongs to. Of the n images of a species, the last tenth is for the test,
    /// the tenth before it for validation, and the rest for training. A tenth is rounded, and is at least 1 if n ≥ 3.
    pub fn split_part(&self, id: u32) -> SplitPart {
        let species = u32::from(SPECIES);
        let rank = (id - 1) / species;
        let full = self.images / species;
        // The last round may be incomplete and may not contain this species.
        let remaining = self.images % species;
        let class = self.class(id);
        let more = remaining > 0 && self.round(full)[..remaining as usize].contains(&class);
        part_by_rank(rank, full + u32::from(more))
    }
}

/// The part of the image with index `rank` (from 0) of the `count` images of a species.
fn part_by_rank(rank: u32, count: u32) -> SplitPart {
    let tenth = if count < 3 { 0 } else { ((count + 5) / 10).max(1) };
    match rank {
        rank if rank + tenth >= count => SplitPart::Test,
        rank if rank + 2 * tenth >= count => SplitPart::Val,
        _ => SplitPart::Train,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_contains_every_species_once() {
        let set = DrawnFlowers::new(250, 32, 5);
        let mut first: Vec<u16> = (1..=102).map(|id| set.class(id)).collect();
        assert_ne!(first, (1..=102).collect::<Vec<_>>());
        first.sort_unstable();
        assert_eq!(first, (1..=102).collect::<Vec<_>>());
        assert_eq!(set.classes(), set.ids().map(|id| set.class(id)).collect::<Vec<_>>());
        assert_ne!(set.class(1), DrawnFlowers::new(250, 32, 6).class(1));
    }

    #[test]
    fn a_tenth_of_every_species_is_for_validation_and_another_for_the_test() {
        let set = DrawnFlowers::new(1020, 32, 5);
        for class in [1, 50, 102] {
            let parts: Vec<SplitPart> =
                set.ids().filter(|&id| set.class(id) == class).map(|id| set.split_part(id)).collect();
            let count = |part: SplitPart| parts.iter().filter(|&&one| one == part).count();
            assert_eq!((count(SplitPart::Train), count(SplitPart::Val), count(SplitPart::Test)), (8, 1, 1), "{class}");
        }
        // 20 images: 2 and 2; 5 images: 1 and 1; 2 images: none.
        let counts = |n: u32| {
            [SplitPart::Train, SplitPart::Val, SplitPart::Test]
                .map(|part| (0..n).filter(|&rank| part_by_rank(rank, n) == part).count())
        };
        assert_eq!((counts(20), counts(5), counts(2)), ([16, 2, 2], [3, 1, 1], [2, 0, 0]));
    }

    #[test]
    fn an_incomplete_last_round_is_counted() {
        let set = DrawnFlowers::new(9 * 102 + 40, 32, 5);
        let test = set.ids().filter(|&id| set.split_part(id) == SplitPart::Test).count();
        assert_eq!(test, 102);
    }
}

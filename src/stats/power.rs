use super::{seeds_needed, smallest_p};

/// What comparisons of paired seeds could show at best, before anything is measured.
///
/// The test is the swap permutation of the difference: with n pairs its smallest two-sided p is 2 / 2ⁿ. For a
/// family of m comparisons that must not exceed α / m (Bonferroni).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Paired seeds.
    pub seeds: u32,
    /// Comparisons in the family.
    pub comparisons: u32,
    /// The level that the whole family is held to.
    pub alpha: f64,
    /// The smallest p that these seeds can give.
    pub smallest_p: f64,
    /// The fewest seeds with which one comparison of the family can be significant.
    pub needed: u32,
}

impl Power {
    /// The level that is usual.
    pub const ALPHA: f64 = 0.05;

    /// What `seeds` can show in a family of `comparisons`; `None` if there is nothing to compare.
    pub fn new(seeds: u32, comparisons: u32) -> Option<Self> {
        let alpha = Self::ALPHA;
        let (smallest_p, needed) = (smallest_p(seeds), seeds_needed(comparisons, alpha));
        (comparisons > 0).then_some(Self { seeds, comparisons, alpha, smallest_p, needed })
    }

    /// Whether any comparison could be significant.
    pub fn is_enough(&self) -> bool {
        self.seeds >= self.needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_enough_from_the_number_on_at_which_the_smallest_p_fits_the_family() {
        // 0.05 / 2 = 0.025: 2/2⁶ = 0.03125 is too much, 2/2⁷ = 0.015625 is enough.
        let power = |seeds| Power::new(seeds, 2).unwrap();
        assert_eq!((power(3).smallest_p, power(3).needed, power(3).is_enough()), (0.25, 7, false));
        assert!(!power(6).is_enough() && power(7).is_enough());
    }

    #[test]
    fn one_cell_alone_is_compared_with_nothing() {
        assert_eq!(Power::new(10, 0), None);
    }
}

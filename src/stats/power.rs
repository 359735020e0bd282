use super::{seeds_needed, smallest_p};

/// The statistical power of comparisons of paired seeds: whether a difference can be significant at all.
///
/// The test is the swap permutation test of the difference: with n pairs its smallest two-sided p-value is 2 / 2ⁿ. In a
/// family of m comparisons it must not exceed α / m (Bonferroni).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// The number of paired seeds.
    pub seeds: u32,
    /// The number of comparisons in the family.
    pub comparisons: u32,
    /// The significance level of the whole family.
    pub alpha: f64,
    /// The smallest p-value that is possible with these seeds.
    pub smallest_p: f64,
    /// The least number of seeds with which one comparison of the family can be significant.
    pub needed: u32,
}

impl Power {
    /// The usual significance level.
    pub const ALPHA: f64 = 0.05;

    /// The power of `seeds` in a family of `comparisons`; `None` for no comparisons.
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
    fn seeds_are_enough_if_the_smallest_p_is_at_most_the_level() {
        // 0.05 / 2 = 0.025: 2/2⁶ = 0.03125 is too much, 2/2⁷ = 0.015625 is enough.
        let power = |seeds| Power::new(seeds, 2).unwrap();
        assert_eq!((power(3).smallest_p, power(3).needed, power(3).is_enough()), (0.25, 7, false));
        assert!(!power(6).is_enough() && power(7).is_enough());
    }

    #[test]
    fn a_single_cell_has_no_comparisons() {
        assert_eq!(Power::new(10, 0), None);
    }
}

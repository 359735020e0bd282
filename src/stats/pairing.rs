/// The smallest two-sided p-value that a swap permutation test of `n` paired seeds can give: 2 / 2ⁿ, at most 1.
///
/// Swapping the two methods within each pair gives 2ⁿ equally likely sign patterns. The observed pattern and its
/// opposite are always among those at least as extreme (Pitman 1937).
pub fn smallest_p(n: u32) -> f64 {
    (2.0 / 2f64.powi(n.min(1_000).cast_signed())).min(1.0)
}

/// The least number of paired seeds with which one of `m` comparisons can be significant at `alpha` after Bonferroni's
/// correction: the least n with 2 / 2ⁿ ≤ α / m.
///
/// # Panics
///
/// If `alpha` is outside (0, 1).
pub fn seeds_needed(m: u32, alpha: f64) -> u32 {
    assert!(alpha > 0.0 && alpha < 1.0, "the significance level {alpha} is outside (0, 1)");
    let level = alpha / f64::from(m.max(1));
    (1..).find(|&n| smallest_p(n) <= level).expect("2 / 2ⁿ becomes smaller than every positive level")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seeds_cannot_be_significant() {
        assert_eq!(smallest_p(0), 1.0);
        assert_eq!(smallest_p(1), 1.0);
        assert_eq!(smallest_p(2), 0.5);
        assert_eq!(smallest_p(10), 0.001953125);
    }

    #[test]
    fn more_comparisons_need_more_seeds() {
        // 2/2⁵ = 0.0625 > 0.05 ≥ 0.03125 = 2/2⁶.
        assert_eq!(seeds_needed(1, 0.05), 6);
        // 0.05 / 3 = 0.0167; 2/2⁶ = 0.03125 is too much, 2/2⁷ = 0.015625 is enough.
        assert_eq!(seeds_needed(3, 0.05), 7);
        assert_eq!(seeds_needed(0, 0.05), 6);
    }
}

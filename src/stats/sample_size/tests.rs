use super::*;
use crate::stats::reference::{assert_close, cases, floats, section};
use crate::stats::seeds_needed;

#[test]
fn power_equals_that_of_statsmodels() {
    for case in cases(&section("power")["power"]) {
        let [n, effect, alpha, expected] = floats(case)[..] else { panic!("{case}") };
        assert_close(paired_power(n as u32, effect, alpha).unwrap(), expected);
    }
}

#[test]
fn numbers_of_seeds_equal_those_of_statsmodels_where_the_p_values_are_fine() {
    for case in cases(&section("power")["seeds"]) {
        let [effect, alpha, power, expected] = floats(case)[..] else { panic!("{case}") };
        // Only the ratio matters.
        assert_eq!(seeds_for_power(2.0, -2.0 * effect, alpha, power), Some(expected as u32), "{case}");
    }
}

#[test]
fn even_a_certain_difference_needs_the_seeds_for_a_significant_p_value() {
    for (m, needed) in [(1, 6), (3, 7), (12, 9)] {
        let alpha = 0.05 / f64::from(m);
        assert_eq!(seeds_needed(m, 0.05), needed);
        assert_eq!(seeds_for_power(1e-6, 1.0, alpha, 0.8), Some(needed));
        assert_eq!(seeds_for_power(0.0, 1.0, alpha, 0.8), Some(needed));
    }
}

#[test]
fn a_level_between_two_p_values_is_that_of_the_lesser() {
    // p-values of 6 pairs are multiples of 2/2⁶ = 0.03125.
    assert_eq!(attainable(5, 0.05), None);
    assert_eq!(attainable(6, 0.05), Some(0.03125));
    assert_eq!(attainable(7, 0.05), Some(0.046875));
    assert_eq!(attainable(2, 0.5), Some(0.5));
    assert_eq!(attainable(200, 0.05), Some(0.05));
}

#[test]
fn a_plan_without_a_difference_or_with_invalid_numbers_is_none() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    for (sd, difference) in [(1.0, 0.0), (nan, 1.0), (-1.0, 1.0), (inf, 1.0), (1.0, nan), (1.0, inf)] {
        assert_eq!(seeds_for_power(sd, difference, 0.05, 0.8), None, "{sd} {difference}");
    }
    for level in [0.0, 1.0, nan] {
        assert_eq!(seeds_for_power(1.0, 1.0, level, 0.8), None);
        assert_eq!(seeds_for_power(1.0, 1.0, 0.05, level), None);
        assert_eq!(paired_power(10, 1.0, level), None);
    }
    assert_eq!((paired_power(1, 1.0, 0.05), paired_power(9, nan, 0.05)), (None, None));
    // More than a million pairs.
    assert_eq!(seeds_for_power(1.0, 1e-4, 0.05, 0.8), None);
    assert!(seeds_for_power(1.0, 4e-3, 0.05, 0.8).is_some_and(|n| (490_000..492_000).contains(&n)));
}

use super::*;
use crate::stats::reference::{assert_close, cases, float, floats, section};
use crate::stats::{mean, smallest_p};

fn swap(differences: &[f64]) -> Option<PermutationTest> {
    let pairs: Vec<(f64, f64)> = differences.iter().map(|&difference| (5.0 + difference, 5.0)).collect();
    swap_permutation(&pairs, |a, b| Some(mean(a)? - mean(b)?))
}

#[test]
fn p_values_equal_those_of_scipy_for_flips_and_for_swaps() {
    for case in cases(&section("sign_flip")) {
        let differences = floats(&case["differences"]);
        for test in [sign_flip(&differences), swap(&differences)] {
            let test = test.unwrap();
            assert!(test.exact);
            assert_eq!(test.resamples, 1 << differences.len());
            assert_close(test.p, float(&case["p"]));
        }
    }
}

#[test]
fn sums_that_differ_in_the_last_digits_are_tied() {
    // 0.1 + 0.2 = 0.30000000000000004: the sums ±(0.1 + 0.2 + 0.3), ±(0.1 + 0.2 − 0.3) = 0 …
    let differences = [0.1, 0.2, -0.3];
    // The observed sum is 0, so every arrangement is at least as extreme.
    assert_eq!(sign_flip(&differences).unwrap().p, 1.0);
    assert_eq!(swap(&differences).unwrap().p, 1.0);
    assert_eq!(sign_flip(&[0.0, 0.0]).unwrap().p, 1.0);
}

#[test]
fn equal_signs_give_the_smallest_p_value() {
    for n in 1..=10 {
        let differences = vec![0.5; n as usize];
        assert_eq!(sign_flip(&differences).unwrap().p, smallest_p(n));
        assert_eq!(swap(&differences).unwrap().p, smallest_p(n));
    }
}

#[test]
fn many_pairs_are_estimated_close_to_the_exact_p_value() {
    // Differences of ±1: the sum is that of a binomial distribution. 21 pairs with 15 positive:
    // 2 · Σ C(21, k) for k ≥ 15, divided by 2²¹, is 2 · 82,160 / 2,097,152.
    let differences: Vec<f64> = (0..21).map(|i| if i < 15 { 1.0 } else { -1.0 }).collect();
    let exact: f64 = 2.0 * 82_160.0 / 2_097_152.0;
    for test in [sign_flip(&differences).unwrap(), swap(&differences).unwrap()] {
        assert!(!test.exact);
        assert_eq!(test.resamples, PermutationTest::RESAMPLES);
        // Four standard errors.
        let error = 4.0 * (exact * (1.0 - exact) / test.resamples as f64).sqrt();
        assert!((test.p - exact).abs() < error, "{test:?}");
    }
    assert_eq!(sign_flip(&differences), sign_flip(&differences));
}

#[test]
fn an_estimated_p_value_is_never_zero() {
    let differences = vec![1.0; 60];
    assert_eq!(sign_flip(&differences).unwrap().p, 1e-4);
    assert_eq!(swap(&differences).unwrap().p, 1e-4);
}

#[test]
fn any_statistic_can_be_tested_by_swapping() {
    // The ratio of maxima, as a logarithm. Swapping the second pair changes it from log(8/4) to log(4/8); swapping the
    // first does nothing.
    let log_ratio = |a: &[f64], b: &[f64]| {
        let max = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        Some((max(a) / max(b)).ln())
    };
    assert_eq!(swap_permutation(&[(1.0, 2.0), (8.0, 4.0)], log_ratio).unwrap().p, 1.0);
}

#[test]
fn input_without_a_test_has_none() {
    for differences in [&[][..], &[f64::NAN], &[1.0, f64::INFINITY]] {
        assert_eq!(sign_flip(differences), None);
        assert_eq!(swap(differences), None);
    }
    // Undefined for one arrangement.
    let undefined = |a: &[f64], _: &[f64]| (a[0] < 2.0).then_some(1.0);
    assert_eq!(swap_permutation(&[(1.0, 2.0)], undefined), None);
}

use super::super::{iqm, mean};
use super::*;
use crate::stats::reference::{assert_close, cases, float, floats, section};

/// The indices of tests/reference/stats.py: SplitMix64 from 0, modulo n.
fn fixed() -> impl FnMut(usize) -> usize {
    let mut state = 0_u64;
    move |n| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

fn pooled_iqm(strata: &[Vec<f64>]) -> Option<f64> {
    iqm(&strata.concat())
}

fn first_mean(strata: &[Vec<f64>]) -> Option<f64> {
    mean(&strata[0])
}

fn difference(strata: &[Vec<f64>]) -> Option<f64> {
    Some(mean(&strata[0])? - mean(&strata[1])?)
}

fn strata(list: &serde_json::Value) -> Vec<Vec<f64>> {
    cases(list).iter().map(floats).collect()
}

fn slices(strata: &[Vec<f64>]) -> Vec<&[f64]> {
    strata.iter().map(Vec::as_slice).collect()
}

#[track_caller]
fn assert_interval(found: Interval, expected: &[f64]) {
    assert_close(found.low, expected[0]);
    assert_close(found.high, expected[1]);
}

#[test]
fn intervals_equal_those_of_scipy_with_the_same_resamples() {
    let reference = section("bootstrap");
    let replicates = float(&reference["replicates"]) as u32;
    for case in cases(&reference["cases"]) {
        let statistic = if case["statistic"] == "mean" { first_mean } else { difference };
        let strata = strata(&case["strata"]);
        let strata = slices(&strata);
        let bootstrap = Bootstrap { replicates, seed: 0, level: float(&case["level"]) };
        let estimates = bootstrap.estimates(&strata, &statistic, &mut fixed()).unwrap();
        let tail = bootstrap.tail();
        assert_close(quantile(&estimates, tail), float(&case["percentile"][0]));
        assert_close(quantile(&estimates, 1.0 - tail), float(&case["percentile"][1]));
        let bca = bootstrap.accelerated(&estimates, &strata, &statistic).unwrap();
        assert_interval(bca, &floats(&case["bca"]));
    }
}

#[test]
fn the_interval_of_the_interquartile_mean_equals_that_of_rliable_with_the_same_resamples() {
    let reference = section("bootstrap");
    let strata = strata(&reference["strata"]);
    assert_close(pooled_iqm(&strata).unwrap(), float(&reference["iqm"]));
    let bootstrap = Bootstrap { replicates: float(&reference["replicates"]) as u32, ..Bootstrap::default() };
    let estimates = bootstrap.estimates(&slices(&strata), &pooled_iqm, &mut fixed()).unwrap();
    let expected = floats(&reference["iqm_interval"]);
    assert_interval(Interval { low: quantile(&estimates, 0.025), high: quantile(&estimates, 0.975) }, &expected);
}

#[test]
fn other_random_resamples_give_nearly_the_interval_of_rliable() {
    let reference = section("bootstrap");
    let strata = strata(&reference["strata"]);
    let bootstrap = Bootstrap { replicates: 10_000, ..Bootstrap::default() };
    let interval = bootstrap.percentile(&slices(&strata), pooled_iqm).unwrap();
    let expected = floats(&reference["iqm_interval_random"]);
    // The standard error of a 2.5 % quantile of 10,000 draws is √(0.025 · 0.975 / 10⁴) / density = 0.0016 / 1.7 = 0.0009, where
    // the density of N(0.44, 0.034) there is 0.058 / 0.034.
    assert!((interval.low - expected[0]).abs() < 0.004, "{interval:?}");
    assert!((interval.high - expected[1]).abs() < 0.004, "{interval:?}");
}

#[test]
fn an_interval_depends_on_the_seed_only() {
    let values: Vec<f64> = (0..12).map(|i| f64::from(i * i)).collect();
    let bootstrap = Bootstrap::default();
    let first = bootstrap.bca(&[&values], first_mean);
    assert_eq!(first, bootstrap.bca(&[&values], first_mean));
    assert_ne!(first, Bootstrap { seed: 1, ..bootstrap }.bca(&[&values], first_mean));
}

#[test]
fn every_stratum_keeps_its_size_and_its_values() {
    let (low, high) = ([1.0, 2.0, 3.0], [10.0, 20.0]);
    let is_kept = |strata: &[Vec<f64>]| {
        let [a, b] = strata else { return None };
        let is_kept =
            a.len() == 3 && b.len() == 2 && a.iter().all(|x| low.contains(x)) && b.iter().all(|x| high.contains(x));
        is_kept.then(|| a[0] + b[0])
    };
    assert!(Bootstrap::default().percentile(&[&low, &high], is_kept).is_some());
}

#[test]
fn input_without_an_interval_has_none() {
    let bootstrap = Bootstrap::default();
    let good = [1.0, 2.0, 4.0];
    for strata in [&[][..], &[&[][..]], &[&[1.0]], &[&good, &[2.0]], &[&[1.0, f64::NAN]], &[&[1.0, f64::INFINITY]]] {
        assert_eq!(bootstrap.percentile(strata, first_mean), None, "{strata:?}");
        assert_eq!(bootstrap.bca(strata, first_mean), None, "{strata:?}");
    }
    for invalid in [
        Bootstrap { level: 1.0, ..bootstrap },
        Bootstrap { level: f64::NAN, ..bootstrap },
        Bootstrap { replicates: 0, ..bootstrap },
    ] {
        assert_eq!(invalid.percentile(&[&good], first_mean), None, "{invalid:?}");
    }
    // No value changes the mean, so the acceleration is unknown.
    assert_eq!(bootstrap.bca(&[&[3.0, 3.0, 3.0]], first_mean), None);
    // The statistic of some replicates is undefined.
    assert_eq!(bootstrap.percentile(&[&good], |strata| (strata[0][0] < 4.0).then_some(1.0)), None);
    assert_eq!(bootstrap.percentile(&[&good], |strata| Some(1.0 / (4.0 - strata[0][0]))), None);
}

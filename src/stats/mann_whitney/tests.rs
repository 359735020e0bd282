use super::*;
use crate::stats::reference::{assert_close, cases, float, floats, section};

const INF: f64 = f64::INFINITY;

#[test]
fn values_equal_those_of_scipy() {
    for case in cases(&section("two_samples")) {
        let test = mann_whitney(&floats(&case["a"]), &floats(&case["b"])).unwrap();
        assert_eq!(test.exact, case["exact"].as_bool().unwrap(), "{case}");
        assert_close(test.u, float(&case["u"]));
        assert_close(test.p, float(&case["p"]));
        assert_close(test.p_less, float(&case["p_less"]));
    }
}

#[test]
fn exchanged_samples_give_the_opposite_probability_and_the_same_p_value() {
    for case in cases(&section("two_samples")) {
        let (a, b) = (floats(&case["a"]), floats(&case["b"]));
        let (one, other) = (mann_whitney(&a, &b).unwrap(), mann_whitney(&b, &a).unwrap());
        assert_close(one.p_less + other.p_less, 1.0);
        assert_close(one.p, other.p);
    }
}

#[test]
fn the_exact_distribution_counts_arrangements() {
    // Of the 6 arrangements of 2 and 2 values one has U = 4, so p = 2 / 6.
    let test = mann_whitney(&[3.0, 4.0], &[1.0, 2.0]).unwrap();
    assert_eq!((test.u, test.p_less, test.exact), (4.0, 0.0, true));
    assert_close(test.p, 1.0 / 3.0);
    // 20 and 20 separate values: 2 / C(40, 20).
    let (low, high): (Vec<f64>, Vec<f64>) = (0..20).map(|i| (f64::from(i), f64::from(i + 20))).unzip();
    assert_close(mann_whitney(&low, &high).unwrap().p, 2.0 / 137_846_528_820.0);
}

#[test]
fn diverged_runs_have_the_worst_rank() {
    let test = mann_whitney(&[0.1, 0.2], &[0.3, INF]).unwrap();
    assert_eq!((test.p_less, test.exact), (1.0, true));
    // Both worst: a tie. 3 of 4 pairs are less.
    let test = mann_whitney(&[0.1, INF], &[0.3, INF]).unwrap();
    assert_eq!((test.p_less, test.exact), (0.625, false));
}

#[test]
fn equal_values_are_no_evidence_and_no_values_no_test() {
    let test = mann_whitney(&[INF; 3], &[INF; 4]).unwrap();
    assert_eq!((test.p_less, test.p), (0.5, 1.0));
    assert_eq!(mann_whitney(&[0.0], &[-0.0]).unwrap().p_less, 0.5);
    assert_eq!(mann_whitney(&[], &[1.0]), None);
    assert_eq!(mann_whitney(&[1.0], &[]), None);
    assert_eq!(mann_whitney(&[1.0, f64::NAN], &[1.0]), None);
}

use super::*;
use crate::stats::reference::{assert_same, cases, floats, section};

const INF: f64 = f64::INFINITY;

#[test]
fn values_equal_those_of_numpy_and_rliable() {
    for case in cases(&section("location")) {
        let values = floats(&case["values"]);
        assert_same(mean(&values), &case["mean"]);
        assert_same(sd(&values), &case["sd"]);
        assert_same(median(&values), &case["median"]);
        assert_same(iqm(&values), &case["iqm"]);
    }
}

#[test]
fn the_standard_deviation_is_that_of_a_sample() {
    // Deviations −2, 0, 2: 8 / 2 = 4.
    assert_eq!(sd(&[1.0, 3.0, 5.0]), Some(2.0));
    assert_eq!(sd(&[1.0]), None);
}

#[test]
fn no_values_and_nan_have_no_location() {
    for values in [&[][..], &[f64::NAN], &[1.0, f64::NAN, 2.0, 3.0, 4.0]] {
        for statistic in [mean, sd, median, iqm] {
            assert_eq!(statistic(values), None, "{values:?}");
        }
    }
}

#[test]
fn the_worst_runs_count_in_ranks_and_have_no_mean() {
    let costs = [0.2, INF, 0.1, 0.3, INF];
    assert_eq!((mean(&costs), sd(&costs), median(&costs)), (None, None, Some(0.3)));
    // One of five values is removed at each end, and one infinite value remains.
    assert_eq!(iqm(&costs), None);
    assert_eq!(iqm(&[0.2, INF, 0.1, 0.4]), Some(0.5 * (0.2 + 0.4)));
    assert_eq!(median(&[0.1, INF]), Some(INF));
    assert_eq!(median(&[-INF, INF]), None);
}

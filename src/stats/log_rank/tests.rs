use super::*;
use crate::stats::reference::{assert_close, cases, float, group, section};

#[test]
fn values_equal_those_of_lifelines() {
    for case in cases(&section("log_rank")) {
        let (a, b) = (group(&case["a"]), group(&case["b"]));
        for test in [log_rank(&a, &b), log_rank(&b, &a)] {
            assert_close(test.unwrap().chi_squared, float(&case["chi_squared"]));
            assert_close(test.unwrap().p, float(&case["p"]));
        }
    }
}

#[test]
fn equal_groups_have_no_difference() {
    let times = [5.0, 10.0, 10.0].map(|time| EventTime { time, observed: true });
    let test = log_rank(&times, &times).unwrap();
    assert!(test.chi_squared < 1e-20 && test.p > 1.0 - 1e-9, "{test:?}");
}

#[test]
fn groups_without_events_cannot_be_tested() {
    let (reached, open) = (EventTime { time: 5.0, observed: true }, EventTime::censored(9.0));
    assert_eq!(log_rank(&[open], &[open, open]), None);
    assert_eq!(log_rank(&[], &[reached]), None);
    // The first group was not observed any more.
    assert_eq!(log_rank(&[EventTime::censored(3.0)], &[reached, reached]), None);
    assert_eq!(log_rank(&[EventTime { time: f64::NAN, observed: true }], &[reached]), None);
}

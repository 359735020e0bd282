use serde_json::Value;

use super::*;
use crate::stats::reference::{assert_close, cases, float, section};

fn pairs(list: &Value) -> Vec<(EventTime, EventTime)> {
    let time = |pair: &Value| EventTime { time: float(&pair[0]), observed: float(&pair[1]) == 1.0 };
    cases(list).iter().map(|pair| (time(&pair[0]), time(&pair[1]))).collect()
}

#[test]
fn differences_and_p_values_equal_those_of_lifelines_over_all_arrangements() {
    for case in cases(&section("restricted_mean")) {
        let found = restricted_mean_difference(&pairs(&case["pairs"]), float(&case["tau"])).unwrap();
        assert!(found.test.exact);
        assert_close(found.difference(), float(&case["difference"]));
        assert_close(found.test.p, float(&case["p"]));
    }
}

#[test]
fn runs_observed_through_the_limit_give_the_test_of_their_mean_differences() {
    let reached = |time| EventTime { time, observed: true };
    // Differences of min(time, 30): −10, −10, 0.
    let pairs =
        [(reached(10.0), reached(20.0)), (reached(20.0), EventTime::censored(50.0)), (reached(40.0), reached(35.0))];
    let found = restricted_mean_difference(&pairs, 30.0).unwrap();
    assert_close(found.a, 20.0);
    assert_close(found.b, 80.0 / 3.0);
    // Both signs of −10 and −10 that agree, with any sign of 0: 4 of 8.
    assert_eq!(found.test.p, 0.5);
    let swaps = swap_permutation(&pairs, |a, b| {
        let restricted = |times: &[EventTime]| KaplanMeier::new(times, 0.95)?.restricted_mean(30.0);
        Some(restricted(a)? - restricted(b)?)
    });
    assert_eq!(found.test, swaps.unwrap());
}

#[test]
fn an_arrangement_without_a_restricted_mean_prevents_the_test() {
    let (early, late) = (EventTime::censored(10.0), EventTime { time: 30.0, observed: true });
    // As paired, both are known up to 20. Swapped in the first pair, the first group is observed through 10 only.
    let pairs = [(late, late), (early, late)];
    assert!(restricted_mean_difference(&pairs, 20.0).is_some());
    assert!(restricted_mean_difference(&[(late, early), (early, late)], 20.0).is_none());
    assert_eq!(restricted_mean_difference(&[], 20.0), None);
    assert_eq!(restricted_mean_difference(&[(late, late)], f64::NAN), None);
}

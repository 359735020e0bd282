//! Reference values of SciPy, lifelines, statsmodels and rliable, made by `tests/reference/stats.py`.

use serde_json::Value;

use super::EventTime;

const REFERENCE: &str = include_str!("../../tests/reference/stats.json");

/// The values of one section.
pub(super) fn section(name: &str) -> Value {
    let mut all: Value = serde_json::from_str(REFERENCE).unwrap();
    all[name].take()
}

/// The cases of a list.
pub(super) fn cases(list: &Value) -> &Vec<Value> {
    list.as_array().unwrap()
}

pub(super) fn float(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

pub(super) fn floats(list: &Value) -> Vec<f64> {
    cases(list).iter().map(float).collect()
}

/// Times with 1 for an observed event and 0 for a censored one.
pub(super) fn event_times(times: &Value, observed: &Value) -> Vec<EventTime> {
    let all = floats(times).into_iter().zip(floats(observed));
    all.map(|(time, observed)| EventTime { time, observed: observed == 1.0 }).collect()
}

/// A named group of the survival analysis.
pub(super) fn group(name: &Value) -> Vec<EventTime> {
    let groups = section("kaplan_meier");
    let group = cases(&groups).iter().find(|group| group["name"] == *name).unwrap();
    event_times(&group["times"], &group["observed"])
}

/// Requires equality to 10⁻⁹ of the expected value.
#[track_caller]
pub(super) fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs() + 1e-15, "{found}, expected {expected}");
}

/// Requires that both are missing, or equal to 10⁻⁹ of the expected value.
#[track_caller]
pub(super) fn assert_same(found: Option<f64>, expected: &Value) {
    match (found, expected.as_f64()) {
        (Some(found), Some(expected)) => assert_close(found, expected),
        (found, expected) => assert_eq!(found, expected),
    }
}

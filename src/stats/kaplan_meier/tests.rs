use super::*;
use crate::stats::reference::{assert_close, assert_same, cases, event_times, float, section};

fn observed(time: f64) -> EventTime {
    EventTime { time, observed: true }
}

fn curve(times: &[EventTime]) -> KaplanMeier {
    KaplanMeier::new(times, 0.95).unwrap()
}

#[test]
fn steps_equal_those_of_lifelines() {
    for case in cases(&section("kaplan_meier")) {
        let curve = curve(&event_times(&case["times"], &case["observed"]));
        let expected = cases(&case["steps"]);
        assert_eq!(curve.steps().len(), expected.len());
        for (step, expected) in curve.steps().iter().zip(expected) {
            assert_eq!(step.time, float(&expected["time"]));
            let counts = [&expected["at_risk"], &expected["events"], &expected["censored"]];
            assert_eq!([step.at_risk, step.events, step.censored].map(|n| n as f64), counts.map(float));
            assert_close(step.survival, float(&expected["survival"]));
            assert_same(step.interval.map(|interval| interval.low), &expected["interval"][0]);
            assert_same(step.interval.map(|interval| interval.high), &expected["interval"][1]);
        }
    }
}

#[test]
fn medians_their_intervals_and_restricted_means_equal_those_of_lifelines() {
    for case in cases(&section("kaplan_meier")) {
        let curve = curve(&event_times(&case["times"], &case["observed"]));
        assert_same(curve.median(), &case["median"]);
        let (low, high) = curve.median_interval();
        assert_same(low, &case["median_interval"][0]);
        assert_same(high, &case["median_interval"][1]);
        for (tau, expected) in case["restricted_means"].as_object().unwrap() {
            assert_close(curve.restricted_mean(tau.parse().unwrap()).unwrap(), float(expected));
        }
    }
}

#[test]
fn an_estimate_of_one_half_has_the_midpoint_as_its_median() {
    let (four, last) = ([10.0, 20.0, 30.0, 40.0].map(observed), EventTime::censored(100.0));
    assert_eq!(curve(&four).median(), Some(25.0));
    // 2/3 · 3/4 is not exactly 1/2 in binary. One run leaves at 5, so that S = 3/4 at 10 and 1/2 at 20.
    let times = [EventTime::censored(5.0), observed(10.0), observed(20.0), observed(40.0), last];
    assert_eq!(curve(&times).median(), Some(30.0));
    // One half to the end: the median is at least 10.
    let never = curve(&[observed(10.0), last]);
    assert_eq!((never.median(), never.half_or_last()), (None, 10.0));
}

#[test]
fn a_single_run_has_a_median_without_an_interval() {
    let one = curve(&[observed(10.0)]);
    assert_eq!((one.median(), one.median_interval()), (Some(10.0), (None, None)));
    assert_eq!(one.steps()[0].survival, 0.0);
    let none = curve(&[EventTime::censored(10.0)]);
    assert_eq!((none.median(), none.median_interval()), (None, (None, None)));
}

#[test]
fn an_event_at_the_time_of_a_censoring_is_before_it() {
    let both = curve(&[EventTime::censored(10.0), observed(10.0)]);
    assert_eq!(both.steps()[0].at_risk, 2);
    assert_eq!(both.steps()[0].survival, 0.5);
}

#[test]
fn the_restricted_mean_is_unknown_after_the_last_observation() {
    // Without censoring it is the mean of min(time, tau).
    let all = curve(&[10.0, 20.0, 60.0].map(observed));
    assert_close(all.restricted_mean(30.0).unwrap(), 20.0);
    assert_close(all.restricted_mean(90.0).unwrap(), 30.0);
    let open = curve(&[observed(10.0), EventTime::censored(50.0)]);
    assert_close(open.restricted_mean(50.0).unwrap(), 30.0);
    assert_eq!(open.restricted_mean(51.0), None);
    for tau in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(all.restricted_mean(tau), None, "{tau}");
    }
}

#[test]
fn invalid_times_and_levels_have_no_estimate() {
    assert_eq!(KaplanMeier::new(&[], 0.95), None);
    for time in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(KaplanMeier::new(&[observed(1.0), observed(time)], 0.95), None, "{time}");
    }
    for level in [0.0, 1.0, f64::NAN] {
        assert_eq!(KaplanMeier::new(&[observed(1.0)], level), None, "{level}");
    }
}

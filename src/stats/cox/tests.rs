use super::*;
use crate::random::Random;
use crate::stats::reference::{assert_close, cases, event_times, float, floats, group, section};

const LEVEL: f64 = 0.95;

fn observed(time: f64) -> EventTime {
    EventTime { time, observed: true }
}

#[test]
fn estimates_equal_those_of_lifelines() {
    for case in cases(&section("cox")) {
        let rows: Vec<Vec<f64>> = cases(&case["covariates"]).iter().map(floats).collect();
        let found = cox(&event_times(&case["times"], &case["observed"]), &rows, LEVEL).unwrap();
        assert_close(found.log_likelihood, float(&case["log_likelihood"]));
        assert_close(found.chi_squared, float(&case["chi_squared"]));
        assert_close(found.p, float(&case["p"]));
        let columns = ["estimates", "standard_errors", "low", "high", "wald_p"].map(|name| floats(&case[name]));
        assert_eq!(found.coefficients.len(), columns[0].len());
        for (j, coefficient) in found.coefficients.iter().enumerate() {
            let CoxCoefficient { estimate, standard_error, hazard_ratio, interval, p } = *coefficient;
            let all = [estimate, standard_error, interval.low, interval.high, p];
            all.into_iter().zip(&columns).for_each(|(found, column)| assert_close(found, column[j]));
            assert_close(hazard_ratio, estimate.exp());
        }
    }
}

#[test]
fn the_hazard_ratio_is_of_the_first_group_relative_to_the_second() {
    let (a, b) = (group(&"mixed".into()), group(&"late".into()));
    let case = &section("cox")[0];
    let ratio = hazard_ratio(&a, &b, LEVEL).unwrap();
    assert_close(ratio.ratio, float(&case["estimates"][0]).exp());
    assert!(ratio.ratio > 1.0, "the first converges earlier");
    assert_close(ratio.wald_p, float(&case["wald_p"][0]));
    assert_close(ratio.likelihood_ratio_p, float(&case["p"]));
    let inverse = hazard_ratio(&b, &a, LEVEL).unwrap();
    assert_close(inverse.ratio, 1.0 / ratio.ratio);
    assert_close(inverse.interval.low, 1.0 / ratio.interval.high);
}

#[test]
fn a_likelihood_of_one_event_is_solved_by_hand() {
    // Events at 1 (group 1), 2 (group 0), 3 (group 1), with r the ratio: r / (2 r + 1) · 1 / (1 + r) · 1, greatest where
    // 2 r² = 1.
    let times = [1.0, 2.0, 3.0].map(observed);
    let found = cox(&times, &[vec![1.0], vec![0.0], vec![1.0]], LEVEL).unwrap();
    assert_close(found.coefficients[0].hazard_ratio, 0.5_f64.sqrt());
    let r = 0.5_f64.sqrt();
    assert_close(found.log_likelihood, (r / ((2.0 * r + 1.0) * (1.0 + r))).ln());
}

#[test]
fn the_unit_of_a_covariate_does_not_matter() {
    let times = [5.0, 9.0, 9.0, 14.0, 20.0, 21.0].map(observed);
    let small: Vec<Vec<f64>> = [0.3, 0.1, 0.5, 0.2, 0.4, 0.25].iter().map(|&x| vec![x]).collect();
    let large: Vec<Vec<f64>> = small.iter().map(|row| vec![1e6 * row[0] + 1e9]).collect();
    let [small, large] = [small, large].map(|rows| cox(&times, &rows, LEVEL).unwrap());
    assert!((small.coefficients[0].estimate / large.coefficients[0].estimate / 1e6 - 1.0).abs() < 1e-6);
    assert!((small.p - large.p).abs() < 1e-6);
}

#[test]
fn separated_groups_have_no_finite_ratio() {
    let early = [1.0, 2.0, 3.0].map(observed);
    let late = [4.0, 5.0, 6.0].map(observed);
    let open = [EventTime::censored(9.0); 3];
    for (a, b) in [(early, late), (late, early), (early, open), (open, early)] {
        assert_eq!(hazard_ratio(&a, &b, LEVEL), Err(CoxError::Infinite), "{a:?} {b:?}");
    }
    // The same with 100 in each group, and with a second covariate.
    let many = |from: u32| (from..from + 100).map(|i| observed(f64::from(i))).collect::<Vec<_>>();
    assert_eq!(hazard_ratio(&many(1), &many(200), LEVEL), Err(CoxError::Infinite));
    let rows: Vec<Vec<f64>> = (0..6).map(|i| vec![f64::from(u8::from(i < 3)), f64::from(i * 5 % 6)]).collect();
    assert_eq!(cox(&[early, late].concat(), &rows, LEVEL), Err(CoxError::Infinite));
}

#[test]
fn a_large_but_finite_ratio_is_estimated() {
    // One run of the second group is first, and all others are later than the first group. The derivative is 0 where
    // Σ 99 / (k r + 99) over k = 1 … 100 equals 100 r / (100 r + 100).
    let a: Vec<EventTime> = (1..=100).map(|i| observed(f64::from(i))).collect();
    let b: Vec<EventTime> = [observed(0.5)].into_iter().chain((101..200).map(|i| observed(f64::from(i)))).collect();
    let HazardRatio { ratio, interval, .. } = hazard_ratio(&a, &b, LEVEL).unwrap();
    let sum: f64 = (1..=100).map(|k| 99.0 / (f64::from(k) * ratio + 99.0)).sum();
    assert_close(sum, ratio / (ratio + 1.0));
    assert!(ratio > 400.0 && interval.low > 50.0 && interval.high < 5_000.0, "{ratio} {interval:?}");
}

/// Whether all events that occur while `group` is at risk are its own: a greater hazard of it is then always more likely.
fn dominates(group: &[EventTime], other: &[EventTime]) -> bool {
    let is_at_risk = |time: f64| group.iter().any(|member| member.time >= time);
    other.iter().all(|event| !event.observed || !is_at_risk(event.time))
}

#[test]
fn a_ratio_is_finite_exactly_if_neither_group_has_all_events() {
    let mut random = Random::named(0, "small groups");
    let mut seen = [0; 3];
    for _ in 0..5_000 {
        let mut group = || {
            let n = 1 + random.below(5);
            let mut time = || EventTime { time: random.below(8) as f64, observed: random.below(4) > 0 };
            (0..n).map(|_| time()).collect::<Vec<_>>()
        };
        let (a, b) = (group(), group());
        let events = [&a[..], &b].concat();
        let found = hazard_ratio(&a, &b, LEVEL);
        // A common risk set gives information if an event occurs in it.
        let latest = |group: &[EventTime]| group.iter().map(|member| member.time).fold(0.0, f64::max);
        let common = latest(&a).min(latest(&b));
        if !events.iter().any(|event| event.observed) {
            assert_eq!(found, Err(CoxError::NoEvents));
        } else if !events.iter().any(|event| event.observed && event.time <= common) {
            assert_eq!(found, Err(CoxError::Dependent), "{a:?} {b:?}");
            seen[0] += 1;
        } else if dominates(&a, &b) || dominates(&b, &a) {
            assert_eq!(found, Err(CoxError::Infinite), "{a:?} {b:?}");
            seen[1] += 1;
        } else {
            assert!(
                found.is_ok_and(|found| found.interval.low > 0.0 && found.interval.high.is_finite()),
                "{a:?} {b:?}"
            );
            seen[2] += 1;
        }
    }
    assert!(seen.into_iter().all(|count| count > 50), "{seen:?}");
}

#[test]
fn input_without_an_estimate_is_an_error() {
    let times = [1.0, 2.0, 3.0].map(observed);
    let column = |values: [f64; 3]| values.map(|value| vec![value]).to_vec();
    let rows = column([0.0, 1.0, 0.0]);
    let error = |times: &[EventTime], rows: &[Vec<f64>]| cox(times, rows, LEVEL).unwrap_err();
    assert_eq!(error(&[], &[]), CoxError::NoEvents);
    assert_eq!(error(&[EventTime::censored(5.0); 3], &rows), CoxError::NoEvents);
    assert_eq!(error(&[1.0, f64::NAN, 3.0].map(observed), &rows), CoxError::Time);
    assert_eq!(error(&times, &rows[..2]), CoxError::Covariates);
    assert_eq!(error(&times, &column([0.0, f64::INFINITY, 0.0])), CoxError::Covariates);
    assert_eq!(error(&times, &[vec![], vec![], vec![]]), CoxError::Covariates);
    assert_eq!(error(&times, &column([2.0, 2.0, 2.0])), CoxError::Dependent);
    let doubled: Vec<Vec<f64>> = [0.0, 1.0, 0.5].iter().map(|&x| vec![x, 2.0 * x]).collect();
    assert_eq!(error(&times, &doubled), CoxError::Dependent);
    // The only event occurs when one group is at risk.
    let late = [EventTime::censored(1.0), EventTime::censored(2.0), observed(3.0)];
    assert_eq!(error(&late, &rows), CoxError::Dependent);
    assert_eq!(cox(&times, &rows, 1.0), Err(CoxError::Level));
    assert_eq!(hazard_ratio(&times, &[], LEVEL), Err(CoxError::Dependent));
}

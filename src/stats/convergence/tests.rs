use super::*;
use crate::stats::{BandRule, Smoothing, ThresholdRule};

/// Evaluations every 5 epochs from 0.
fn curve(values: &[f64]) -> Curve {
    Curve::new(values.iter().zip(0..).map(|(&value, i)| (Epoch(5 * i), value)).collect()).unwrap()
}

/// A quarter of the improvement, three evaluations, no smoothing.
fn rule() -> BandRule {
    BandRule::new(0.25, 3, 1, 0.0).unwrap()
}

/// A threshold that three evaluations must reach, without smoothing.
fn tau(tau: f64) -> ThresholdRule {
    ThresholdRule::new(tau, 3, Smoothing::NONE).unwrap()
}

fn lower(values: &[f64]) -> Convergence {
    band(&curve(values), Direction::Lower, &rule()).unwrap()
}

fn reached(epoch: u32, after: u32) -> Convergence {
    Convergence::Reached { epoch: Epoch(epoch), after: Epoch(after) }
}

fn censored(at: u32, why: CensorReason) -> Convergence {
    Convergence::Censored { at: Epoch(at), why }
}

#[test]
fn convergence_is_where_the_curve_stays_near_its_best() {
    // First 1, best 0: the band ends at 0.25, and 0.25 itself is within it.
    assert_eq!(lower(&[1.0, 0.5, 0.25, 0.125, 0.0]), reached(10, 5));
}

#[test]
fn a_higher_is_better_metric_mirrors_a_lower_one() {
    let mirrored = band(&curve(&[0.0, 0.5, 0.75, 0.875, 1.0]), Direction::Higher, &rule()).unwrap();
    assert_eq!(mirrored, reached(10, 5));
    let falling = band(&curve(&[1.0, 0.5, 0.25, 0.0]), Direction::Higher, &rule()).unwrap();
    assert_eq!(falling, censored(15, CensorReason::NoImprovement));
}

#[test]
fn a_curve_that_leaves_the_band_converges_at_its_last_entry() {
    assert_eq!(lower(&[1.0, 0.0, 0.0, 0.0, 0.5, 0.25, 0.25, 0.0]), reached(25, 20));
    assert_eq!(lower(&[1.0, 0.0, 0.0, 0.0, 0.5]), censored(20, CensorReason::Unconfirmed));
}

#[test]
fn a_best_at_the_very_end_is_unconfirmed() {
    assert_eq!(lower(&[1.0, 0.9, 0.8, 0.7, 0.0]), censored(20, CensorReason::Unconfirmed));
    assert_eq!(lower(&[1.0, 0.9, 0.8, 0.2, 0.0]), censored(20, CensorReason::Unconfirmed));
    assert_eq!(lower(&[1.0, 0.9, 0.2, 0.2, 0.0]), reached(10, 5));
}

#[test]
fn the_improvement_must_be_greater_than_the_minimum() {
    let strict = BandRule::new(0.25, 3, 1, 0.5).unwrap();
    let half = band(&curve(&[1.0, 0.5, 0.5, 0.5]), Direction::Lower, &strict).unwrap();
    assert_eq!(half, censored(15, CensorReason::NoImprovement));
    let more = band(&curve(&[1.0, 0.25, 0.25, 0.25]), Direction::Lower, &strict).unwrap();
    assert_eq!(more, reached(5, 0));
    assert_eq!(lower(&[1.0, 1.0, 1.0, 1.0]), censored(15, CensorReason::NoImprovement));
    assert_eq!(lower(&[1.0, 2.0, 3.0, 4.0]), censored(15, CensorReason::NoImprovement));
}

#[test]
fn a_curve_with_too_few_evaluations_is_censored() {
    assert_eq!(lower(&[]), censored(0, CensorReason::TooFewEvaluations));
    assert_eq!(lower(&[1.0, 0.0, 0.0]), censored(10, CensorReason::TooFewEvaluations));
    assert_eq!(lower(&[1.0, 0.0, 0.0, 0.0]), reached(5, 0));
}

#[test]
fn one_value_that_is_not_finite_censors_the_whole_curve() {
    assert_eq!(lower(&[1.0, 0.0, 0.0, 0.0, f64::NAN]), censored(20, CensorReason::NonFinite));
    assert_eq!(lower(&[f64::INFINITY, 0.0, 0.0, 0.0]), censored(15, CensorReason::NonFinite));
}

#[test]
fn a_curve_without_epoch_zero_has_no_start() {
    let late = Curve::new((1..6).map(|i| (Epoch(i), 1.0 / f64::from(i))).collect()).unwrap();
    assert_eq!(band(&late, Direction::Lower, &rule()), Ok(censored(5, CensorReason::NoStart)));
}

#[test]
fn smoothing_removes_one_outlier_and_moves_nothing_else() {
    let values = [1.0, 0.5, 0.25, 0.75, 0.125, 0.0, 0.0];
    assert_eq!(lower(&values), reached(20, 15));
    let smooth = BandRule::new(0.25, 3, 3, 0.0).unwrap();
    // Medians of three: 1, 0.5, 0.5, 0.25, 0.125, 0, 0.
    assert_eq!(band(&curve(&values), Direction::Lower, &smooth), Ok(reached(15, 10)));
    assert_eq!(band(&curve(&[1.0, 0.5, 0.25, 0.125, 0.0]), Direction::Lower, &smooth), Ok(reached(10, 5)));
}

#[test]
fn a_neutral_metric_is_an_error() {
    assert_eq!(band(&curve(&[1.0]), Direction::Neutral, &rule()), Err(StatsError::Neutral));
    assert_eq!(threshold(&curve(&[1.0]), Direction::Neutral, &tau(0.5)), Err(StatsError::Neutral));
}

#[test]
fn a_threshold_requires_consecutive_evaluations_and_may_be_left_again() {
    let at = |values: &[f64]| threshold(&curve(values), Direction::Lower, &tau(0.5)).unwrap();
    assert_eq!(at(&[1.0, 0.5, 0.6, 0.5, 0.4, 0.3, 0.9]), reached(15, 10));
    assert_eq!(at(&[0.5, 0.4, 0.3]), reached(0, 0));
    assert_eq!(at(&[1.0, 0.6, 0.5, 0.4]), censored(15, CensorReason::Unconfirmed));
    assert_eq!(at(&[1.0, 0.9, 0.8]), censored(10, CensorReason::NotReached));
    assert_eq!(at(&[1.0, 0.9, f64::NAN]), censored(10, CensorReason::NonFinite));
    assert_eq!(at(&[1.0]), censored(0, CensorReason::TooFewEvaluations));
    assert_eq!(at(&[]), censored(0, CensorReason::TooFewEvaluations));
    let higher = threshold(&curve(&[0.1, 0.5, 0.6, f64::INFINITY, 0.7]), Direction::Higher, &tau(0.5));
    assert_eq!(higher, Ok(censored(20, CensorReason::Unconfirmed)));
}

#[test]
fn a_smoothed_threshold_ignores_one_outlier_and_refuses_a_value_that_is_not_finite() {
    let values = [1.0, 0.4, 0.9, 0.4, 0.4, 0.4];
    let smooth = |values: &[f64]| {
        let rule = ThresholdRule::new(0.5, 3, Smoothing::median(3).unwrap()).unwrap();
        threshold(&curve(values), Direction::Lower, &rule).unwrap()
    };
    assert_eq!(threshold(&curve(&values), Direction::Lower, &tau(0.5)), Ok(reached(15, 10)));
    // Medians of three: 1, 0.9, 0.4, 0.4, 0.4, 0.4.
    assert_eq!(smooth(&values), reached(10, 5));
    assert_eq!(smooth(&[1.0, 0.4, 0.4, 0.4, 0.4, f64::NAN]), censored(25, CensorReason::NonFinite));
}

#[test]
fn a_non_finite_threshold_or_too_low_confirm_is_an_error() {
    assert!(ThresholdRule::new(f64::NAN, 3, Smoothing::NONE).is_err());
    let few = ThresholdRule::new(0.5, 2, Smoothing::NONE);
    assert_eq!(few, Err(StatsError::Confirm { confirm: 2, min: 3 }));
}

#[test]
fn serialized_words_are_stable() {
    let json = serde_json::to_string(&censored(5, CensorReason::TooFewEvaluations)).unwrap();
    assert_eq!(json, r#"{"censored":{"at":5,"why":"too-few-evaluations"}}"#);
    assert_eq!(CensorReason::NoImprovement.to_string(), "no-improvement");
}

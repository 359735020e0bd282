use super::{CensorReason, Convergence, censored, costs, unusable};
use crate::measure::{Curve, Direction};
use crate::stats::{PlateauRule, StatsError};

/// The last improvement before the first `patience` evaluations without one, as in early stopping.
///
/// An evaluation is an improvement if its smoothed value is better by more than `delta` than the value of the last
/// improvement, at first that before training. Evaluations before the first improvement do not count: a run that has not
/// begun to improve has not converged. Unlike [`band`](super::band), the rule does not depend on what follows the
/// plateau, so a curve that improves again later converged at its first plateau.
///
/// # Errors
///
/// If the metric is neutral.
pub fn plateau(curve: &Curve, direction: Direction, rule: &PlateauRule) -> Result<Convergence, StatsError> {
    let costs = costs(curve, direction, rule.smoothing())?;
    let points = curve.points();
    if points.is_empty() {
        return Ok(censored(curve, CensorReason::TooFewEvaluations));
    }
    if let Some(why) = unusable(curve, rule.patience() + 1) {
        return Ok(censored(curve, why));
    }
    let mut improved = 0;
    for (at, &cost) in costs.iter().enumerate() {
        if cost < costs[improved] - rule.delta() {
            improved = at;
        } else if improved > 0 && at - improved >= rule.patience() {
            return Ok(Convergence::Reached { epoch: points[improved].0, after: points[improved - 1].0 });
        }
    }
    let why = if improved == 0 { CensorReason::NoImprovement } else { CensorReason::Unconfirmed };
    Ok(censored(curve, why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Epoch;
    use crate::stats::Smoothing;

    /// Evaluations every 5 epochs from 0; better by more than 0.1, two evaluations without an improvement.
    fn lower(values: &[f64]) -> Convergence {
        let rule = PlateauRule::new(0.1, 2, Smoothing::NONE).unwrap();
        plateau(&curve(values), Direction::Lower, &rule).unwrap()
    }

    fn curve(values: &[f64]) -> Curve {
        Curve::new(values.iter().zip(0..).map(|(&value, i)| (Epoch(5 * i), value)).collect()).unwrap()
    }

    fn reached(epoch: u32, after: u32) -> Convergence {
        Convergence::Reached { epoch: Epoch(epoch), after: Epoch(after) }
    }

    fn censored(at: u32, why: CensorReason) -> Convergence {
        Convergence::Censored { at: Epoch(at), why }
    }

    #[test]
    fn a_plateau_begins_at_the_last_improvement() {
        assert_eq!(lower(&[1.0, 0.5, 0.25, 0.25, 0.2]), reached(10, 5));
        let rule = PlateauRule::new(0.1, 2, Smoothing::NONE).unwrap();
        let higher = plateau(&curve(&[0.0, 0.5, 0.75, 0.75, 0.8]), Direction::Higher, &rule).unwrap();
        assert_eq!(higher, reached(10, 5));
    }

    #[test]
    fn the_first_plateau_counts_even_if_the_curve_improves_later() {
        assert_eq!(lower(&[1.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0]), reached(5, 0));
        // One evaluation without an improvement is no plateau.
        assert_eq!(lower(&[1.0, 0.5, 0.5, 0.0, 0.0, 0.0]), reached(15, 10));
    }

    #[test]
    fn small_improvements_add_up() {
        // 0.42 is not better than 0.5 by more than 0.1, but 0.34 is.
        assert_eq!(lower(&[1.0, 0.5, 0.42, 0.34, 0.34, 0.34]), reached(15, 10));
        // An improvement by exactly delta is none.
        assert_eq!(lower(&[1.0, 0.5, 0.5 - 0.1, 0.5 - 0.1]), reached(5, 0));
    }

    #[test]
    fn evaluations_before_the_first_improvement_are_no_plateau() {
        assert_eq!(lower(&[1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5]), reached(20, 15));
        assert_eq!(lower(&[1.0, 1.0, 1.0, 1.0]), censored(15, CensorReason::NoImprovement));
    }

    #[test]
    fn a_plateau_that_is_too_short_is_unconfirmed() {
        assert_eq!(lower(&[1.0, 0.9, 0.7, 0.5]), censored(15, CensorReason::Unconfirmed));
        assert_eq!(lower(&[1.0, 0.5, 0.2, 0.2]), censored(15, CensorReason::Unconfirmed));
    }

    #[test]
    fn a_curve_that_cannot_be_assessed_is_censored() {
        assert_eq!(lower(&[]), censored(0, CensorReason::TooFewEvaluations));
        assert_eq!(lower(&[1.0, 0.5, 0.5]), censored(10, CensorReason::TooFewEvaluations));
        assert_eq!(lower(&[1.0, 0.5, f64::NAN, 0.5]), censored(15, CensorReason::NonFinite));
        let late = Curve::new((1..6).map(|i| (Epoch(i), 1.0 / f64::from(i))).collect()).unwrap();
        let rule = PlateauRule::default();
        assert_eq!(plateau(&late, Direction::Lower, &rule), Ok(censored(5, CensorReason::NoStart)));
        assert_eq!(plateau(&late, Direction::Neutral, &rule), Err(StatsError::Neutral));
    }

    #[test]
    fn an_average_delays_the_plateau() {
        let values = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(lower(&values), reached(5, 0));
        // Averages: 1, 1/2, 1/4, 1/8, 1/16, …: the last improvement by more than 0.1 is to 1/8.
        let rule = PlateauRule::new(0.1, 2, Smoothing::ema(0.5).unwrap()).unwrap();
        assert_eq!(plateau(&curve(&values), Direction::Lower, &rule), Ok(reached(15, 10)));
    }
}

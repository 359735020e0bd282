use super::{CensorReason, Convergence, censored, cost_sign, costs};
use crate::measure::{Curve, Direction};
use crate::stats::{StatsError, ThresholdRule};

/// The first of `confirm` consecutive evaluations at which the smoothed curve reaches the threshold.
///
/// Unlike [`band`](super::band), it does not require the curve to stay there. Without smoothing, a value that is not
/// finite does not reach the threshold; with smoothing, one such value censors the whole curve.
///
/// # Errors
///
/// If the metric is neutral.
pub fn threshold(curve: &Curve, direction: Direction, rule: &ThresholdRule) -> Result<Convergence, StatsError> {
    let edge = cost_sign(direction)? * rule.tau();
    let costs = costs(curve, direction, rule.smoothing())?;
    let (points, confirm) = (curve.points(), rule.confirm());
    let all_finite = points.iter().all(|(_, value)| value.is_finite());
    if !all_finite && !rule.smoothing().is_none() {
        return Ok(censored(curve, CensorReason::NonFinite));
    }
    let past: Vec<bool> = costs.iter().map(|cost| cost.is_finite() && *cost <= edge).collect();
    if let Some(first) = past.windows(confirm).position(|window| window.iter().all(|&past| past)) {
        return Ok(Convergence::Reached { epoch: points[first].0, after: points[first.saturating_sub(1)].0 });
    }
    let why = if past.contains(&true) {
        CensorReason::Unconfirmed
    } else if !all_finite {
        CensorReason::NonFinite
    } else if points.len() < confirm {
        CensorReason::TooFewEvaluations
    } else {
        CensorReason::NotReached
    };
    Ok(censored(curve, why))
}

use super::{CensorReason, Convergence, censored, costs, unusable};
use crate::measure::{Curve, Direction};
use crate::stats::{BandRule, StatsError};

/// The first evaluation from which the smoothed curve stays within `tolerance · |first − best|` of its best value to
/// the end, for at least `confirm` evaluations.
///
/// `first` is the value at epoch 0, before training; `best` is the best smoothed value. The curve must stay to the end:
/// if it leaves the band, convergence is counted from its last entry.
///
/// # Errors
///
/// If the metric is neutral.
pub fn band(curve: &Curve, direction: Direction, rule: &BandRule) -> Result<Convergence, StatsError> {
    let costs = costs(curve, direction, rule.smoothing())?;
    let points = curve.points();
    if points.is_empty() {
        return Ok(censored(curve, CensorReason::TooFewEvaluations));
    }
    if let Some(why) = unusable(curve, rule.confirm()) {
        return Ok(censored(curve, why));
    }
    let best = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let improvement = costs[0] - best;
    if improvement <= rule.min_improvement() {
        return Ok(censored(curve, CensorReason::NoImprovement));
    }
    let edge = best + rule.tolerance() * improvement;
    // Epoch 0 is outside the band; `max` guarantees this despite rounding.
    let entered = costs.iter().rposition(|&cost| cost > edge).map_or(1, |outside| outside + 1).max(1);
    if points.len() - entered < rule.confirm() {
        return Ok(censored(curve, CensorReason::Unconfirmed));
    }
    Ok(Convergence::Reached { epoch: points[entered].0, after: points[entered - 1].0 })
}

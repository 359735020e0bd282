use std::fmt;

use serde::{Deserialize, Serialize};

use super::smooth::running_median;
use super::{BandRule, StatsError};
use crate::measure::{Curve, Direction, Epoch};

/// The epoch of convergence: an interval, or why it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convergence {
    /// Converged; the true epoch is in (`after`, `epoch`].
    Reached {
        /// The first evaluation within the band or past the threshold.
        epoch: Epoch,
        /// The evaluation before it; equal to `epoch` if it is the first evaluation.
        after: Epoch,
    },
    /// Convergence was not observed.
    Censored {
        /// The last evaluation.
        at: Epoch,
        /// The reason.
        why: CensorReason,
    },
}

/// Why the epoch of convergence is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CensorReason {
    /// There is no evaluation at epoch 0, so the improvement is unknown.
    NoStart,
    /// A value is NaN or infinite.
    NonFinite,
    /// Fewer evaluations after epoch 0 than `confirm`.
    TooFewEvaluations,
    /// The improvement over the value before training is at most the minimum.
    NoImprovement,
    /// Within the band, but for too few evaluations to confirm it.
    Unconfirmed,
    /// The threshold was never reached.
    NotReached,
}

impl CensorReason {
    /// The word stored in the database and in report files.
    pub fn as_str(self) -> &'static str {
        match self {
            CensorReason::NoStart => "no-start",
            CensorReason::NonFinite => "non-finite",
            CensorReason::TooFewEvaluations => "too-few-evaluations",
            CensorReason::NoImprovement => "no-improvement",
            CensorReason::Unconfirmed => "unconfirmed",
            CensorReason::NotReached => "not-reached",
        }
    }
}

impl fmt::Display for CensorReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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
    let sign = cost_sign(direction)?;
    let points = curve.points();
    let Some(&(start, _)) = points.first() else {
        return Ok(Convergence::Censored { at: Epoch::ZERO, why: CensorReason::TooFewEvaluations });
    };
    let censored = |why| Ok(Convergence::Censored { at: points[points.len() - 1].0, why });
    if points.iter().any(|(_, value)| !value.is_finite()) {
        return censored(CensorReason::NonFinite);
    }
    if start != Epoch::ZERO {
        return censored(CensorReason::NoStart);
    }
    if points.len() - 1 < rule.confirm() {
        return censored(CensorReason::TooFewEvaluations);
    }
    // Costs: lower is better from here on.
    let costs: Vec<f64> = points.iter().map(|(_, value)| sign * value).collect();
    let costs = running_median(&costs, rule.smooth());
    let best = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let improvement = costs[0] - best;
    if improvement <= rule.min_improvement() {
        return censored(CensorReason::NoImprovement);
    }
    let edge = best + rule.tolerance() * improvement;
    // Epoch 0 is outside the band; `max` guarantees this despite rounding.
    let entered = costs.iter().rposition(|&cost| cost > edge).map_or(1, |outside| outside + 1).max(1);
    if points.len() - entered < rule.confirm() {
        return censored(CensorReason::Unconfirmed);
    }
    Ok(Convergence::Reached { epoch: points[entered].0, after: points[entered - 1].0 })
}

/// The first of `confirm` consecutive evaluations that reach the threshold `tau`, in the metric's unit.
///
/// Unlike [`band`], it does not require the curve to stay there.
///
/// # Errors
///
/// If the metric is neutral, `tau` is not finite, or `confirm` is below 3.
pub fn threshold(curve: &Curve, direction: Direction, tau: f64, confirm: usize) -> Result<Convergence, StatsError> {
    let sign = cost_sign(direction)?;
    if !tau.is_finite() {
        return Err(StatsError::Threshold(tau));
    }
    if confirm < BandRule::MIN_CONFIRM {
        return Err(StatsError::Confirm { confirm, min: BandRule::MIN_CONFIRM });
    }
    let points = curve.points();
    let Some(&(at, _)) = points.last() else {
        return Ok(Convergence::Censored { at: Epoch::ZERO, why: CensorReason::TooFewEvaluations });
    };
    let past: Vec<bool> = points.iter().map(|(_, value)| value.is_finite() && sign * value <= sign * tau).collect();
    if let Some(first) = past.windows(confirm).position(|window| window.iter().all(|&past| past)) {
        return Ok(Convergence::Reached { epoch: points[first].0, after: points[first.saturating_sub(1)].0 });
    }
    let why = if past.contains(&true) {
        CensorReason::Unconfirmed
    } else if points.iter().any(|(_, value)| !value.is_finite()) {
        CensorReason::NonFinite
    } else if points.len() < confirm {
        CensorReason::TooFewEvaluations
    } else {
        CensorReason::NotReached
    };
    Ok(Convergence::Censored { at, why })
}

/// The factor that converts a value to a cost; lower costs are better.
fn cost_sign(direction: Direction) -> Result<f64, StatsError> {
    match direction {
        Direction::Lower => Ok(1.0),
        Direction::Higher => Ok(-1.0),
        Direction::Neutral => Err(StatsError::Neutral),
    }
}

#[cfg(test)]
mod tests;

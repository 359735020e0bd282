use std::fmt;

use serde::{Deserialize, Serialize};

use super::smooth::running_median;
use super::{BandRule, StatsError};
use crate::measure::{Curve, Direction, Epoch};

/// When a run arrived: an interval, or what is known instead. Never a made-up number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convergence {
    /// The true epoch lies in (`after`, `epoch`].
    Reached {
        /// The first evaluation that has arrived.
        epoch: Epoch,
        /// The evaluation before it; `epoch` itself if the very first evaluation has arrived.
        after: Epoch,
    },
    /// Not seen to arrive.
    Censored {
        /// The last evaluation.
        at: Epoch,
        /// Why nothing was reached.
        why: Censor,
    },
}

/// Why no convergence epoch can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Censor {
    /// No evaluation at epoch 0: what the run improves on is unknown.
    NoStart,
    /// A value is NaN or infinite.
    NonFinite,
    /// Fewer evaluations after epoch 0 than it takes to confirm.
    TooFewEvaluations,
    /// The best value does not beat the one before training by the minimum.
    NoImprovement,
    /// Arrived, but left again or not watched long enough to confirm it.
    Unconfirmed,
    /// The threshold was never met.
    NotReached,
}

impl Censor {
    /// The word kept in the database and in report files.
    pub fn as_str(self) -> &'static str {
        match self {
            Censor::NoStart => "no-start",
            Censor::NonFinite => "non-finite",
            Censor::TooFewEvaluations => "too-few-evaluations",
            Censor::NoImprovement => "no-improvement",
            Censor::Unconfirmed => "unconfirmed",
            Censor::NotReached => "not-reached",
        }
    }
}

impl fmt::Display for Censor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The first evaluation from which the smoothed curve stays, to its end, within `tolerance · |first − best|` of its
/// best, with at least `confirm` evaluations there (the entering one among them).
///
/// `first` is the value at epoch 0, before training; `best` the best smoothed value. Staying to the end is asked
/// for: a curve that leaves the band has not arrived before it comes back for good.
///
/// # Errors
///
/// If the metric is neutral.
pub fn band(curve: &Curve, direction: Direction, rule: &BandRule) -> Result<Convergence, StatsError> {
    let sign = cost_sign(direction)?;
    let points = curve.points();
    let Some(&(start, _)) = points.first() else {
        return Ok(Convergence::Censored { at: Epoch::ZERO, why: Censor::TooFewEvaluations });
    };
    let censored = |why| Ok(Convergence::Censored { at: points[points.len() - 1].0, why });
    if points.iter().any(|(_, value)| !value.is_finite()) {
        return censored(Censor::NonFinite);
    }
    if start != Epoch::ZERO {
        return censored(Censor::NoStart);
    }
    if points.len() - 1 < rule.confirm() {
        return censored(Censor::TooFewEvaluations);
    }
    // Costs: lower is better from here on.
    let costs: Vec<f64> = points.iter().map(|(_, value)| sign * value).collect();
    let costs = running_median(&costs, rule.smooth());
    let best = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let improvement = costs[0] - best;
    if improvement <= rule.min_improvement() {
        return censored(Censor::NoImprovement);
    }
    let edge = best + rule.tolerance() * improvement;
    // Epoch 0 lies a whole improvement from the best, and so outside; `max` holds that under rounding too.
    let entered = costs.iter().rposition(|&cost| cost > edge).map_or(1, |outside| outside + 1).max(1);
    if points.len() - entered < rule.confirm() {
        return censored(Censor::Unconfirmed);
    }
    Ok(Convergence::Reached { epoch: points[entered].0, after: points[entered - 1].0 })
}

/// The first of `confirm` consecutive evaluations at or past `tau`, in the metric's unit.
///
/// Unlike [`band`] it does not ask the curve to stay: the quality was had, and a checkpoint of it can be kept.
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
        return Err(StatsError::Confirm(confirm));
    }
    let points = curve.points();
    let Some(&(at, _)) = points.last() else {
        return Ok(Convergence::Censored { at: Epoch::ZERO, why: Censor::TooFewEvaluations });
    };
    let past: Vec<bool> = points.iter().map(|(_, value)| value.is_finite() && sign * value <= sign * tau).collect();
    if let Some(first) = past.windows(confirm).position(|window| window.iter().all(|&past| past)) {
        return Ok(Convergence::Reached { epoch: points[first].0, after: points[first.saturating_sub(1)].0 });
    }
    let why = if past.contains(&true) {
        Censor::Unconfirmed
    } else if points.iter().any(|(_, value)| !value.is_finite()) {
        Censor::NonFinite
    } else if points.len() < confirm {
        Censor::TooFewEvaluations
    } else {
        Censor::NotReached
    };
    Ok(Convergence::Censored { at, why })
}

/// What turns a value into a cost, lower being better.
fn cost_sign(direction: Direction) -> Result<f64, StatsError> {
    match direction {
        Direction::Lower => Ok(1.0),
        Direction::Higher => Ok(-1.0),
        Direction::Neutral => Err(StatsError::Neutral),
    }
}

#[cfg(test)]
mod tests;

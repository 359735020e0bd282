//! The rules that turn a curve into an epoch of convergence, or into the reason why it is unknown.

mod area;
mod band;
mod cadence;
mod cost;
mod plateau;
mod threshold;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::StatsError;
use super::rule::Rule;
use super::smooth::Smoothing;
use crate::measure::{Curve, Direction, Epoch};

pub use area::area;
pub use band::band;
pub use cadence::{Cadence, common_cadence};
pub use cost::{TargetCost, TrainingCost};
pub use plateau::plateau;
pub use threshold::threshold;

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
    /// Fewer evaluations after epoch 0 than the rule needs.
    TooFewEvaluations,
    /// The improvement over the value before training is too small.
    NoImprovement,
    /// Converged at the end, but for too few evaluations to confirm it.
    Unconfirmed,
    /// The threshold was never reached.
    NotReached,
    /// The curve ends before the epoch up to which it is assessed.
    TooShort,
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
            CensorReason::TooShort => "too-short",
        }
    }
}

impl fmt::Display for CensorReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Rule {
    /// The convergence of a curve under this rule.
    ///
    /// # Errors
    ///
    /// If the metric is neutral.
    pub fn assess(&self, curve: &Curve, direction: Direction) -> Result<Convergence, StatsError> {
        match self {
            Rule::Band(rule) => band(curve, direction, rule),
            Rule::Threshold(rule) => threshold(curve, direction, rule),
            Rule::Plateau(rule) => plateau(curve, direction, rule),
        }
    }
}

/// Censoring at the last evaluation.
fn censored(curve: &Curve, why: CensorReason) -> Convergence {
    Convergence::Censored { at: curve.last().map_or(Epoch::ZERO, |(epoch, _)| epoch), why }
}

/// The reason why a rule that compares with the value before training cannot be applied: no value before training, a
/// value that is not finite, or fewer than `least` evaluations after it.
fn unusable(curve: &Curve, least: usize) -> Option<CensorReason> {
    let points = curve.points();
    let &(start, _) = points.first()?;
    if points.iter().any(|(_, value)| !value.is_finite()) {
        return Some(CensorReason::NonFinite);
    }
    if start != Epoch::ZERO {
        return Some(CensorReason::NoStart);
    }
    (points.len() - 1 < least).then_some(CensorReason::TooFewEvaluations)
}

/// The smoothed costs of a curve: lower is better.
fn costs(curve: &Curve, direction: Direction, smoothing: Smoothing) -> Result<Vec<f64>, StatsError> {
    let sign = cost_sign(direction)?;
    let costs: Vec<f64> = curve.points().iter().map(|(_, value)| sign * value).collect();
    Ok(smoothing.apply(&costs))
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

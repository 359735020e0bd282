use serde::{Deserialize, Serialize};

use super::BandRule;
use crate::stats::StatsError;
use crate::stats::smooth::Smoothing;

/// The validated parameters of [`threshold`](crate::stats::threshold).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct ThresholdRule {
    tau: f64,
    confirm: usize,
    smoothing: Smoothing,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    tau: f64,
    confirm: usize,
    smooth: Smoothing,
}

impl ThresholdRule {
    /// A rule.
    ///
    /// - `tau`: the threshold, in the unit of the metric, finite.
    /// - `confirm`: number of consecutive evaluations that must reach it, at least 3.
    /// - `smoothing`: how the curve is smoothed first.
    ///
    /// # Errors
    ///
    /// If a parameter is out of its range.
    pub fn new(tau: f64, confirm: usize, smoothing: Smoothing) -> Result<Self, StatsError> {
        if !tau.is_finite() {
            return Err(StatsError::Threshold(tau));
        }
        if confirm < BandRule::MIN_CONFIRM {
            return Err(StatsError::Confirm { confirm, min: BandRule::MIN_CONFIRM });
        }
        Ok(Self { tau, confirm, smoothing })
    }

    /// The threshold, in the unit of the metric.
    pub fn tau(&self) -> f64 {
        self.tau
    }

    /// Number of consecutive evaluations that must reach it.
    pub fn confirm(&self) -> usize {
        self.confirm
    }

    /// How the curve is smoothed first.
    pub fn smoothing(&self) -> Smoothing {
        self.smoothing
    }
}

impl TryFrom<Parameters> for ThresholdRule {
    type Error = StatsError;

    fn try_from(raw: Parameters) -> Result<Self, Self::Error> {
        Self::new(raw.tau, raw.confirm, raw.smooth)
    }
}

impl From<ThresholdRule> for Parameters {
    fn from(rule: ThresholdRule) -> Self {
        let ThresholdRule { tau, confirm, smoothing } = rule;
        Self { tau, confirm, smooth: smoothing }
    }
}

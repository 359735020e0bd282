use serde::{Deserialize, Serialize};

use crate::stats::StatsError;
use crate::stats::smooth::Smoothing;

/// The validated parameters of [`plateau`](crate::stats::plateau).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct PlateauRule {
    delta: f64,
    patience: usize,
    smoothing: Smoothing,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    delta: f64,
    patience: usize,
    smooth: Smoothing,
}

impl PlateauRule {
    /// A rule.
    ///
    /// - `delta`: a value must be better than the best one before it by more than this, in the unit of the metric, to be
    ///   an improvement; at least 0.
    /// - `patience`: number of evaluations without an improvement, at least 1.
    /// - `smoothing`: how the curve is smoothed first.
    ///
    /// # Errors
    ///
    /// If a parameter is out of its range.
    pub fn new(delta: f64, patience: usize, smoothing: Smoothing) -> Result<Self, StatsError> {
        if !(delta.is_finite() && delta >= 0.0) {
            return Err(StatsError::Delta(delta));
        }
        if patience == 0 {
            return Err(StatsError::Patience);
        }
        Ok(Self { delta, patience, smoothing })
    }

    /// The least improvement, in the unit of the metric.
    pub fn delta(&self) -> f64 {
        self.delta
    }

    /// Number of evaluations without an improvement.
    pub fn patience(&self) -> usize {
        self.patience
    }

    /// How the curve is smoothed first.
    pub fn smoothing(&self) -> Smoothing {
        self.smoothing
    }

    /// The rule with another smoothing.
    pub fn with_smoothing(self, smoothing: Smoothing) -> Self {
        Self { smoothing, ..self }
    }
}

impl Default for PlateauRule {
    /// No improvement by more than 0.01 in five evaluations, without smoothing.
    fn default() -> Self {
        Self { delta: 0.01, patience: 5, smoothing: Smoothing::NONE }
    }
}

impl TryFrom<Parameters> for PlateauRule {
    type Error = StatsError;

    fn try_from(raw: Parameters) -> Result<Self, Self::Error> {
        Self::new(raw.delta, raw.patience, raw.smooth)
    }
}

impl From<PlateauRule> for Parameters {
    fn from(rule: PlateauRule) -> Self {
        let PlateauRule { delta, patience, smoothing } = rule;
        Self { delta, patience, smooth: smoothing }
    }
}

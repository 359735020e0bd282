use serde::{Deserialize, Serialize};

use crate::stats::StatsError;
use crate::stats::smooth::Smoothing;

/// The validated parameters of [`band`](crate::stats::band). The database stores them as JSON with each result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct BandRule {
    tolerance: f64,
    confirm: usize,
    smoothing: Smoothing,
    min_improvement: f64,
}

/// The parameters before validation. This JSON has no name and version: it is older than the other rules.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    tolerance: f64,
    confirm: usize,
    smooth: Smooth,
    min_improvement: f64,
}

/// The window of a running median, or another smoothing.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Smooth {
    Window(usize),
    Other(Smoothing),
}

impl BandRule {
    /// The least value of `confirm`.
    pub const MIN_CONFIRM: usize = 3;

    /// A rule.
    ///
    /// - `tolerance`: width of the band as a fraction of the improvement, in (0, 1).
    /// - `confirm`: number of evaluations within the band, with the first one, at least 3.
    /// - `smooth`: window of the centred running median in evaluations, odd, 1 to 15; 1 does not smooth.
    /// - `min_improvement`: least improvement of the best value over the first, in the metric's unit, at least 0.
    ///
    /// # Errors
    ///
    /// If a parameter is out of its range.
    pub fn new(tolerance: f64, confirm: usize, smooth: usize, min_improvement: f64) -> Result<Self, StatsError> {
        if !(tolerance > 0.0 && tolerance < 1.0) {
            return Err(StatsError::Tolerance(tolerance));
        }
        if confirm < Self::MIN_CONFIRM {
            return Err(StatsError::Confirm { confirm, min: Self::MIN_CONFIRM });
        }
        let smoothing = Smoothing::median(smooth)?;
        if !(min_improvement.is_finite() && min_improvement >= 0.0) {
            return Err(StatsError::MinImprovement(min_improvement));
        }
        Ok(Self { tolerance, confirm, smoothing, min_improvement })
    }

    /// The rule with another smoothing.
    pub fn with_smoothing(self, smoothing: Smoothing) -> Self {
        Self { smoothing, ..self }
    }

    /// Width of the band as a fraction of the improvement, in (0, 1).
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// Number of evaluations that must be within the band, with the first one.
    pub fn confirm(&self) -> usize {
        self.confirm
    }

    /// How the curve is smoothed first.
    pub fn smoothing(&self) -> Smoothing {
        self.smoothing
    }

    /// Least improvement of the best value over the first, in the metric's unit.
    pub fn min_improvement(&self) -> f64 {
        self.min_improvement
    }
}

impl Default for BandRule {
    /// 95 % of the improvement, three evaluations, no smoothing, and a minimum improvement of 0.01.
    fn default() -> Self {
        Self { tolerance: 0.05, confirm: 3, smoothing: Smoothing::NONE, min_improvement: 0.01 }
    }
}

impl TryFrom<Parameters> for BandRule {
    type Error = StatsError;

    fn try_from(raw: Parameters) -> Result<Self, Self::Error> {
        let Parameters { tolerance, confirm, smooth, min_improvement } = raw;
        match smooth {
            Smooth::Window(window) => Self::new(tolerance, confirm, window, min_improvement),
            Smooth::Other(smoothing) => {
                Ok(Self::new(tolerance, confirm, 1, min_improvement)?.with_smoothing(smoothing))
            }
        }
    }
}

impl From<BandRule> for Parameters {
    fn from(rule: BandRule) -> Self {
        let BandRule { tolerance, confirm, smoothing, min_improvement } = rule;
        let smooth = smoothing.window().map_or(Smooth::Other(smoothing), Smooth::Window);
        Self { tolerance, confirm, smooth, min_improvement }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_errors() {
        for tolerance in [0.0, 1.0, f64::NAN] {
            assert!(BandRule::new(tolerance, 3, 1, 0.0).is_err());
        }
        assert!(BandRule::new(0.1, 2, 1, 0.0).is_err());
        for smooth in [0, 2, 17] {
            assert!(BandRule::new(0.1, 3, smooth, 0.0).is_err());
        }
        assert!(BandRule::new(0.1, 3, 1, -0.1).is_err());
        assert!(BandRule::new(0.1, 3, 15, 0.0).is_ok());
    }

    #[test]
    fn the_json_of_a_rule_is_stable_and_validated_when_read() {
        let rule = BandRule::default();
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(json, r#"{"tolerance":0.05,"confirm":3,"smooth":1,"min_improvement":0.01}"#);
        assert_eq!(serde_json::from_str::<BandRule>(&json).unwrap(), rule);
        let error = serde_json::from_str::<BandRule>(&json.replace("\"confirm\":3", "\"confirm\":1")).unwrap_err();
        assert!(error.to_string().contains("confirm is 1, below 3"), "{error}");
    }

    #[test]
    fn a_window_stays_a_number_in_the_json_and_an_average_is_a_text() {
        let median = BandRule::new(0.05, 3, 5, 0.01).unwrap();
        let json = serde_json::to_string(&median).unwrap();
        assert_eq!(json, r#"{"tolerance":0.05,"confirm":3,"smooth":5,"min_improvement":0.01}"#);
        let ema = BandRule::default().with_smoothing(Smoothing::ema(0.3).unwrap());
        let json = serde_json::to_string(&ema).unwrap();
        assert_eq!(json, r#"{"tolerance":0.05,"confirm":3,"smooth":"ema:0.3","min_improvement":0.01}"#);
        assert_eq!(serde_json::from_str::<BandRule>(&json).unwrap(), ema);
    }

    #[test]
    fn the_default_rule_is_valid() {
        let rule = BandRule::default();
        assert_eq!(BandRule::new(rule.tolerance, rule.confirm, 1, rule.min_improvement), Ok(rule));
    }
}

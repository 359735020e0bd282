use serde::{Deserialize, Serialize};

use super::StatsError;

/// The validated parameters of [`band`](super::band). The database stores them as JSON with each result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct BandRule {
    tolerance: f64,
    confirm: usize,
    smooth: usize,
    min_improvement: f64,
}

/// The parameters before validation.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    tolerance: f64,
    confirm: usize,
    smooth: usize,
    min_improvement: f64,
}

impl BandRule {
    /// The least value of `confirm`.
    pub const MIN_CONFIRM: usize = 3;
    /// The greatest value of `smooth`.
    pub const MAX_SMOOTH: usize = 15;

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
        if smooth.is_multiple_of(2) || smooth > Self::MAX_SMOOTH {
            return Err(StatsError::Smooth { smooth, max: Self::MAX_SMOOTH });
        }
        if !(min_improvement.is_finite() && min_improvement >= 0.0) {
            return Err(StatsError::MinImprovement(min_improvement));
        }
        Ok(Self { tolerance, confirm, smooth, min_improvement })
    }

    /// Width of the band as a fraction of the improvement, in (0, 1).
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// Number of evaluations that must be within the band, with the first one.
    pub fn confirm(&self) -> usize {
        self.confirm
    }

    /// Window of the centred running median, in evaluations; 1 does not smooth.
    pub fn smooth(&self) -> usize {
        self.smooth
    }

    /// Least improvement of the best value over the first, in the metric's unit.
    pub fn min_improvement(&self) -> f64 {
        self.min_improvement
    }
}

impl Default for BandRule {
    /// 95 % of the improvement, three evaluations, no smoothing, and a minimum improvement of 0.01.
    fn default() -> Self {
        Self { tolerance: 0.05, confirm: 3, smooth: 1, min_improvement: 0.01 }
    }
}

impl TryFrom<Parameters> for BandRule {
    type Error = StatsError;

    fn try_from(raw: Parameters) -> Result<Self, Self::Error> {
        Self::new(raw.tolerance, raw.confirm, raw.smooth, raw.min_improvement)
    }
}

impl From<BandRule> for Parameters {
    fn from(rule: BandRule) -> Self {
        let BandRule { tolerance, confirm, smooth, min_improvement } = rule;
        Self { tolerance, confirm, smooth, min_improvement }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_out_of_range_is_an_error() {
        assert_eq!(BandRule::new(0.0, 3, 1, 0.0), Err(StatsError::Tolerance(0.0)));
        assert_eq!(BandRule::new(1.0, 3, 1, 0.0), Err(StatsError::Tolerance(1.0)));
        assert!(BandRule::new(f64::NAN, 3, 1, 0.0).is_err());
        assert_eq!(BandRule::new(0.1, 2, 1, 0.0), Err(StatsError::Confirm { confirm: 2, min: 3 }));
        assert_eq!(BandRule::new(0.1, 3, 2, 0.0), Err(StatsError::Smooth { smooth: 2, max: 15 }));
        assert_eq!(BandRule::new(0.1, 3, 0, 0.0), Err(StatsError::Smooth { smooth: 0, max: 15 }));
        assert_eq!(BandRule::new(0.1, 3, 17, 0.0), Err(StatsError::Smooth { smooth: 17, max: 15 }));
        assert_eq!(BandRule::new(0.1, 3, 1, -0.5), Err(StatsError::MinImprovement(-0.5)));
        let error = BandRule::new(0.1, 2, 1, 0.0).unwrap_err();
        assert_eq!(error.to_string(), "confirm is 2, below 3");
        assert!(error.help().is_some());
    }

    #[test]
    fn a_rule_is_restored_from_json_and_invalid_json_is_an_error() {
        let rule = BandRule::default();
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(json, r#"{"tolerance":0.05,"confirm":3,"smooth":1,"min_improvement":0.01}"#);
        assert_eq!(serde_json::from_str::<BandRule>(&json).unwrap(), rule);
        let error = serde_json::from_str::<BandRule>(&json.replace("\"confirm\":3", "\"confirm\":1")).unwrap_err();
        assert!(error.to_string().contains("confirm is 1, below 3"), "{error}");
    }

    #[test]
    fn the_default_rule_is_valid() {
        let rule = BandRule::default();
        assert_eq!(BandRule::new(rule.tolerance, rule.confirm, rule.smooth, rule.min_improvement), Ok(rule));
    }
}

//! The interval of a mean paired difference.

use std::fmt;

use crate::stats::{Bootstrap, Interval, mean, sd, t_quantile};

/// How an interval was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalMethod {
    /// Student's t interval of the mean of the paired differences.
    T,
    /// The bias-corrected and accelerated bootstrap over pairs (Efron 1987).
    Bca,
}

impl IntervalMethod {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            IntervalMethod::T => "t",
            IntervalMethod::Bca => "bca",
        }
    }
}

impl fmt::Display for IntervalMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IntervalMethod::T => "t",
            IntervalMethod::Bca => "BCa",
        })
    }
}

/// The 95 % interval of a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferenceInterval {
    /// The limits.
    pub limits: Interval,
    /// How it was computed.
    pub method: IntervalMethod,
}

/// The least number of pairs for a bootstrap: resamples of fewer values are too few different ones.
const MIN_BOOTSTRAP: usize = 10;

/// The 95 % interval of the mean of paired differences: BCa for ten pairs and more, else Student's t; `None` for fewer
/// than two differences, and if they are not finite.
pub fn of_mean(differences: &[f64]) -> Option<DifferenceInterval> {
    if differences.iter().any(|difference| !difference.is_finite()) {
        return None;
    }
    let (centre, sd) = (mean(differences)?, sd(differences)?);
    if differences.len() >= MIN_BOOTSTRAP
        && sd > 0.0
        && let Some(limits) = Bootstrap::default().bca(&[differences], |resampled| mean(&resampled[0]))
    {
        return Some(DifferenceInterval { limits, method: IntervalMethod::Bca });
    }
    let half = half_width(differences)?;
    let limits = Interval { low: centre - half, high: centre + half };
    Some(DifferenceInterval { limits, method: IntervalMethod::T })
}

/// Half the width of the 95 % Student's t interval of the mean; `None` for fewer than two values.
pub fn half_width(values: &[f64]) -> Option<f64> {
    let df = u32::try_from(values.len().checked_sub(1)?).unwrap_or(u32::MAX);
    let sd = sd(values)?;
    Some(t_quantile(0.975, df) * sd / (values.len() as f64).sqrt())
}

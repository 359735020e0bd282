use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::StatsError;

/// How a curve is smoothed before a rule is applied. Its text is `none`, `median:3` or `ema:0.3`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Smoothing(Method);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Method {
    #[default]
    None,
    /// The window in evaluations, odd, at least 3.
    Median(usize),
    /// The weight of the newest value, in (0, 1).
    Ema(f64),
}

impl Smoothing {
    /// The widest window of a running median, in evaluations.
    pub const MAX_WINDOW: usize = 15;
    /// No smoothing.
    pub const NONE: Self = Self(Method::None);

    /// A centred running median over `window` evaluations, odd, from 1 to 15; 1 does not smooth.
    ///
    /// # Errors
    ///
    /// If the window is even or too wide.
    pub fn median(window: usize) -> Result<Self, StatsError> {
        match window {
            1 => Ok(Self::NONE),
            window if window.is_multiple_of(2) || window > Self::MAX_WINDOW => {
                Err(StatsError::Smooth { smooth: window, max: Self::MAX_WINDOW })
            }
            window => Ok(Self(Method::Median(window))),
        }
    }

    /// An exponential moving average: each value is `weight` times the evaluation plus `1 − weight` times the value
    /// before it. It starts with the first evaluation. The weight is in (0, 1].
    ///
    /// The average lags behind the curve, so convergence is found later than without it.
    ///
    /// # Errors
    ///
    /// If the weight is out of its range.
    pub fn ema(weight: f64) -> Result<Self, StatsError> {
        match weight {
            1.0 => Ok(Self::NONE),
            weight if weight > 0.0 && weight < 1.0 => Ok(Self(Method::Ema(weight))),
            weight => Err(StatsError::Ema(weight)),
        }
    }

    /// Whether it changes nothing.
    pub fn is_none(self) -> bool {
        self.0 == Method::None
    }

    /// The window of a running median; 1 for no smoothing, `None` for an average.
    pub fn window(self) -> Option<usize> {
        match self.0 {
            Method::None => Some(1),
            Method::Median(window) => Some(window),
            Method::Ema(_) => None,
        }
    }

    /// A description for texts, such as `a centred running median of 3 evaluations`; `None` for no smoothing.
    pub fn description(self) -> Option<String> {
        match self.0 {
            Method::None => None,
            Method::Median(window) => Some(format!("a centred running median of {window} evaluations")),
            Method::Ema(weight) => Some(format!("an exponential moving average with weight {weight}")),
        }
    }

    /// The smoothed values, as many as `values`.
    pub(super) fn apply(self, values: &[f64]) -> Vec<f64> {
        match self.0 {
            Method::None => values.to_vec(),
            Method::Median(window) => running_median(values, window),
            Method::Ema(weight) => moving_average(values, weight),
        }
    }
}

impl fmt::Display for Smoothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Method::None => f.write_str("none"),
            Method::Median(window) => write!(f, "median:{window}"),
            Method::Ema(weight) => write!(f, "ema:{weight}"),
        }
    }
}

/// A text that is no smoothing, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SmoothingError {
    /// It has another form.
    #[error("is {0:?}, but must be \"none\", \"median:<window>\" or \"ema:<weight>\"")]
    Form(String),
    /// The window or the weight is out of range.
    #[error("is {0:?}: {1}")]
    Range(String, StatsError),
}

impl FromStr for Smoothing {
    type Err = SmoothingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || SmoothingError::Form(text.to_owned());
        let range = |error| SmoothingError::Range(text.to_owned(), error);
        match text.split_once(':') {
            None if text == "none" => Ok(Self::NONE),
            Some(("median", window)) => Self::median(window.parse().map_err(|_| form())?).map_err(range),
            Some(("ema", weight)) => Self::ema(weight.parse().map_err(|_| form())?).map_err(range),
            _ => Err(form()),
        }
    }
}

impl TryFrom<String> for Smoothing {
    type Error = SmoothingError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Smoothing> for String {
    fn from(smoothing: Smoothing) -> Self {
        smoothing.to_string()
    }
}

/// The centred running median of `values` over an odd `window`.
///
/// A centred window leaves monotone curves and steps unchanged; a trailing window would report every convergence
/// (window − 1) / 2 evaluations late. A median is not changed by one outlier; a mean is. Near the ends the window
/// shrinks equally on both sides, so the first value (before training) and the last one are unchanged.
fn running_median(values: &[f64], window: usize) -> Vec<f64> {
    let half = window / 2;
    (0..values.len())
        .map(|i| {
            let reach = half.min(i).min(values.len() - 1 - i);
            let mut near = values[i - reach..=i + reach].to_vec();
            near.sort_by(f64::total_cmp);
            near[reach]
        })
        .collect()
}

/// The exponential moving average of `values`, started with the first one.
fn moving_average(values: &[f64], weight: f64) -> Vec<f64> {
    let mut average = values.first().copied().unwrap_or_default();
    let step = |&value: &f64| {
        average += weight * (value - average);
        average
    };
    values.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_outlier_is_removed() {
        assert_eq!(running_median(&[5.0, 4.0, 9.0, 3.0, 2.0], 3), [5.0, 5.0, 4.0, 3.0, 2.0]);
    }

    #[test]
    fn monotone_curves_and_steps_are_unchanged_by_a_median() {
        let falling = [9.0, 7.0, 4.0, 2.0, 1.0, 0.5];
        let step = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(running_median(&falling, 5), falling);
        assert_eq!(running_median(&step, 3), step);
        assert_eq!(running_median(&[3.0, 1.0, 2.0], 1), [3.0, 1.0, 2.0]);
        assert!(running_median(&[], 3).is_empty());
    }

    #[test]
    fn a_moving_average_starts_with_the_first_value_and_forgets_the_earlier_ones() {
        // 8; 8/2 + 4/2 = 6; 6/2 + 0 = 3; 3/2 + 4/2 = 3.5.
        assert_eq!(moving_average(&[8.0, 4.0, 0.0, 4.0], 0.5), [8.0, 6.0, 3.0, 3.5]);
        assert!(moving_average(&[], 0.5).is_empty());
        assert_eq!(Smoothing::NONE.apply(&[2.0, 1.0]), [2.0, 1.0]);
    }

    #[test]
    fn the_text_of_a_smoothing_is_read_back() {
        for text in ["none", "median:3", "ema:0.3"] {
            assert_eq!(text.parse::<Smoothing>().unwrap().to_string(), text);
        }
        assert_eq!(Smoothing::median(1), Ok(Smoothing::NONE));
        assert_eq!(Smoothing::ema(1.0), Ok(Smoothing::NONE));
    }

    #[test]
    fn the_error_for_a_text_states_the_allowed_forms_or_the_range() {
        let error = |text: &str| text.parse::<Smoothing>().unwrap_err().to_string();
        assert_eq!(error("mean:3"), "is \"mean:3\", but must be \"none\", \"median:<window>\" or \"ema:<weight>\"");
        assert_eq!(error("median:x"), "is \"median:x\", but must be \"none\", \"median:<window>\" or \"ema:<weight>\"");
        assert_eq!(error("median:4"), "is \"median:4\": smooth is 4, not an odd number from 1 to 15");
        assert_eq!(error("ema:1.5"), "is \"ema:1.5\": the weight of the moving average is 1.5, outside (0, 1]");
        assert!(error("ema:nan").contains("NaN"));
    }
}

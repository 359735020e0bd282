use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Interval, mean, sd, t_quantile};
use crate::measure::{Curve, Epoch};

/// The meaning of the band around a mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// The smallest and the largest value: a description of these seeds, not an estimate for others.
    Range,
    /// The pointwise 95 % Student-t interval of the mean. For two values it extends 9 standard deviations to each side.
    T95,
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Spread::Range => "range (least to greatest)",
            Spread::T95 => "95 % t interval of the mean, pointwise",
        })
    }
}

/// The mean and band of several curves at one epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The epoch.
    pub epoch: Epoch,
    /// The mean of the curves with a finite value at this epoch.
    pub mean: f64,
    /// The band; `None` for a single curve.
    pub interval: Option<Interval>,
    /// The number of curves with a finite value at this epoch.
    pub n: usize,
}

/// Mean and band of `curves` at every epoch at which a curve has a finite value, by ascending epoch.
///
/// `n` decreases where a curve ends early or is not finite. The mean there is over fewer seeds, and a figure should
/// show it.
pub fn bands(curves: &[&Curve], spread: Spread) -> Vec<Band> {
    let mut by_epoch: BTreeMap<Epoch, Vec<f64>> = BTreeMap::new();
    for &(epoch, value) in curves.iter().flat_map(|curve| curve.points()) {
        if value.is_finite() {
            by_epoch.entry(epoch).or_default().push(value);
        }
    }
    by_epoch
        .into_iter()
        .filter_map(|(epoch, values)| {
            let mean = mean(&values)?;
            Some(Band { epoch, mean, interval: interval(&values, mean, spread), n: values.len() })
        })
        .collect()
}

fn interval(values: &[f64], mean: f64, spread: Spread) -> Option<Interval> {
    let sd = sd(values)?;
    match spread {
        Spread::Range => Some(Interval {
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }),
        Spread::T95 => {
            let df = u32::try_from(values.len() - 1).unwrap_or(u32::MAX);
            let half = t_quantile(0.975, df) * sd / (values.len() as f64).sqrt();
            Some(Interval { low: mean - half, high: mean + half })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(u32, f64)]) -> Curve {
        Curve::new(points.iter().map(|&(epoch, value)| (Epoch(epoch), value)).collect()).unwrap()
    }

    #[test]
    fn the_range_is_from_least_to_greatest() {
        let (a, b) = (curve(&[(0, 1.0), (5, 4.0)]), curve(&[(0, 3.0), (5, 2.0)]));
        let bands = bands(&[&a, &b], Spread::Range);
        assert_eq!(bands[0].mean, 2.0);
        assert_eq!(bands[1].interval, Some(Interval { low: 2.0, high: 4.0 }));
    }

    #[test]
    fn the_t_interval_of_three_seeds_has_two_degrees_of_freedom() {
        let curves = [curve(&[(0, 1.0)]), curve(&[(0, 3.0)]), curve(&[(0, 5.0)])];
        let all: Vec<&Curve> = curves.iter().collect();
        let interval = bands(&all, Spread::T95)[0].interval.unwrap();
        // 3 ± 4.3027 · 2 / √3 = 3 ± 4.9683.
        assert!((interval.low + 1.9683).abs() < 1e-3, "{interval:?}");
        assert!((interval.high - 7.9683).abs() < 1e-3, "{interval:?}");
    }

    #[test]
    fn a_curve_that_ends_early_or_is_not_finite_lowers_n() {
        let (a, b) = (curve(&[(0, 1.0), (5, f64::NAN), (10, 2.0)]), curve(&[(0, 3.0), (5, 4.0)]));
        let bands = bands(&[&a, &b], Spread::T95);
        assert_eq!(bands.iter().map(|band| band.n).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!((bands[1].mean, bands[1].interval), (4.0, None));
        assert_eq!((bands[2].mean, bands[2].interval), (2.0, None));
    }
}

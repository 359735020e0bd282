use super::Interval;
use super::distribution::{normal_cdf, normal_quantile};
use crate::random::Random;

/// Stratified bootstrap intervals of a statistic: each replicate draws as many values from every stratum as it has, with
/// replacement. One stratum is the ordinary bootstrap; paired values are resampled as one stratum of their differences.
///
/// The draws depend only on the seed and the sizes of the strata. `None` is returned for no strata, strata with fewer
/// than two values, NaN or infinite values, a `level` outside (0, 1), no replicates, and if the statistic of a replicate
/// is `None` or not finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// The number of replicates.
    pub replicates: u32,
    /// The seed of the draws.
    pub seed: u64,
    /// The confidence level, in (0, 1).
    pub level: f64,
}

impl Default for Bootstrap {
    /// 2,000 replicates with seed 0, and a level of 95 %.
    fn default() -> Self {
        Self { replicates: 2_000, seed: 0, level: 0.95 }
    }
}

impl Bootstrap {
    /// The percentile interval (Efron and Tibshirani 1993, section 13.3), as rliable computes it.
    pub fn percentile(&self, strata: &[&[f64]], statistic: impl Fn(&[Vec<f64>]) -> Option<f64>) -> Option<Interval> {
        let estimates = self.estimates(strata, &statistic, &mut self.draws())?;
        Some(Interval { low: quantile(&estimates, self.tail()), high: quantile(&estimates, 1.0 - self.tail()) })
    }

    /// The bias-corrected and accelerated interval (Efron 1987), with the acceleration of several samples by the
    /// jackknife within each stratum (as `scipy.stats.bootstrap`).
    ///
    /// `None` also if all replicates are on one side of the statistic, or leaving out any value does not change it.
    pub fn bca(&self, strata: &[&[f64]], statistic: impl Fn(&[Vec<f64>]) -> Option<f64>) -> Option<Interval> {
        let estimates = self.estimates(strata, &statistic, &mut self.draws())?;
        self.accelerated(&estimates, strata, &statistic)
    }

    fn draws(&self) -> impl FnMut(usize) -> usize + use<> {
        let mut random = Random::named(self.seed, "bootstrap");
        move |n| random.below(n)
    }

    /// The probability below the lower limit.
    fn tail(&self) -> f64 {
        0.5 * (1.0 - self.level)
    }

    /// The statistic of every replicate, by ascending order. `draw` chooses one of n values.
    fn estimates(
        &self,
        strata: &[&[f64]],
        statistic: &impl Fn(&[Vec<f64>]) -> Option<f64>,
        draw: &mut impl FnMut(usize) -> usize,
    ) -> Option<Vec<f64>> {
        let is_valid = |stratum: &&[f64]| stratum.len() > 1 && stratum.iter().all(|value| value.is_finite());
        let is_level = self.level > 0.0 && self.level < 1.0;
        if strata.is_empty() || !strata.iter().all(is_valid) || !is_level || self.replicates == 0 {
            return None;
        }
        let mut resample: Vec<Vec<f64>> = strata.iter().map(|stratum| stratum.to_vec()).collect();
        let mut estimates = Vec::with_capacity(self.replicates as usize);
        for _ in 0..self.replicates {
            for (values, stratum) in resample.iter_mut().zip(strata) {
                values.fill_with(|| stratum[draw(stratum.len())]);
            }
            estimates.push(statistic(&resample).filter(|estimate| estimate.is_finite())?);
        }
        estimates.sort_by(f64::total_cmp);
        Some(estimates)
    }

    fn accelerated(
        &self,
        estimates: &[f64],
        strata: &[&[f64]],
        statistic: &impl Fn(&[Vec<f64>]) -> Option<f64>,
    ) -> Option<Interval> {
        let original: Vec<Vec<f64>> = strata.iter().map(|stratum| stratum.to_vec()).collect();
        let observed = statistic(&original).filter(|observed| observed.is_finite())?;
        // The same values summed in another order differ in the last digits.
        let rounding = 1e-12 * (estimates[estimates.len() - 1] - estimates[0]);
        let below = estimates.partition_point(|&estimate| estimate < observed - rounding);
        let through = estimates.partition_point(|&estimate| estimate <= observed + rounding);
        let bias = normal_quantile((below + through) as f64 / (2 * estimates.len()) as f64);
        let acceleration = acceleration(&original, statistic)?;
        let limit = |p: f64| {
            let z = bias + normal_quantile(p);
            let stretch = 1.0 - acceleration * z;
            (bias.is_finite() && stretch > 0.0).then(|| quantile(estimates, normal_cdf(bias + z / stretch)))
        };
        Some(Interval { low: limit(self.tail())?, high: limit(1.0 - self.tail())? })
    }
}

/// A sixth of the skewness of the statistic's influence, from leaving out one value at a time; `None` if the statistic
/// never changes.
fn acceleration(strata: &[Vec<f64>], statistic: &impl Fn(&[Vec<f64>]) -> Option<f64>) -> Option<f64> {
    let (mut cubes, mut squares) = (0.0, 0.0);
    for (j, stratum) in strata.iter().enumerate() {
        let n = stratum.len();
        let mut rest = strata.to_vec();
        let without = |i: usize| {
            rest[j] = stratum[..i].iter().chain(&stratum[i + 1..]).copied().collect();
            statistic(&rest)
        };
        let left: Vec<f64> = (0..n).map(without).collect::<Option<_>>()?;
        let centre = left.iter().sum::<f64>() / n as f64;
        let influences = left.iter().map(|value| (n - 1) as f64 * (centre - value) / n as f64);
        for influence in influences {
            cubes += influence.powi(3);
            squares += influence.powi(2);
        }
    }
    let acceleration = cubes / (6.0 * squares.powf(1.5));
    acceleration.is_finite().then_some(acceleration)
}

/// The quantile of sorted values by linear interpolation (Hyndman and Fan 1996, definition 7).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor(), place.ceil());
    let (low, high) = (sorted[below as usize], sorted[above as usize]);
    low + (place - below) * (high - low)
}

#[cfg(test)]
mod tests;

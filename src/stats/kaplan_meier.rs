use super::distribution::normal_quantile;
use super::{EventTime, Interval};

/// The Kaplan–Meier estimate of the probability that an event has not occurred yet (Kaplan and Meier 1958).
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<SurvivalStep>,
}

/// The estimate from one time to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// The time at which an event or a censoring is recorded.
    pub time: f64,
    /// The number that was observed until this time without an event before it.
    pub at_risk: usize,
    /// The number of events at this time.
    pub events: usize,
    /// The number of those observed through this time and not longer, without an event.
    pub censored: usize,
    /// The probability of no event through this time, in [0, 1].
    pub survival: f64,
    /// Its pointwise interval on the scale log(−log S), with Greenwood's variance (Kalbfleisch and Prentice 1980, section 1.3).
    /// `None` before the first event and where S is 0: the variance is not known there.
    pub interval: Option<Interval>,
}

/// The product of fractions is not exact in binary: 3/4 · 2/3 must still be one half.
const ROUNDING: f64 = 1e-9;

impl KaplanMeier {
    /// The estimate from `times`, with intervals at this confidence `level`. An event at the time of a censoring occurs
    /// before it.
    ///
    /// `None` for no times, times that are NaN, infinite or negative, and a level outside (0, 1).
    pub fn new(times: &[EventTime], level: f64) -> Option<Self> {
        if times.is_empty() || !times.iter().all(EventTime::is_valid) || !(level > 0.0 && level < 1.0) {
            return None;
        }
        let mut sorted = times.to_vec();
        sorted.sort_by(|x, y| x.time.total_cmp(&y.time));
        let z = normal_quantile(0.5 + 0.5 * level);
        let (mut at_risk, mut survival, mut variance) = (sorted.len(), 1.0, 0.0);
        let mut steps = Vec::new();
        for at in sorted.chunk_by(|x, y| x.time == y.time) {
            let events = at.iter().filter(|time| time.observed).count();
            survival *= (at_risk - events) as f64 / at_risk as f64;
            variance += events as f64 / (at_risk as f64 * (at_risk - events) as f64);
            let censored = at.len() - events;
            let interval = log_log_interval(survival, variance, z);
            steps.push(SurvivalStep { time: at[0].time, at_risk, events, censored, survival, interval });
            at_risk -= at.len();
        }
        Some(Self { steps })
    }

    /// The estimate at every time of an event or a censoring, by ascending time. Before the first it is 1.
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// The median time: the first at which the estimate is below one half, or the midpoint between the times where it
    /// becomes one half and leaves it (as R's `survfit`; lifelines gives the first at which it is at most one half). Without
    /// censoring it is the sample median.
    ///
    /// `None` if the estimate does not fall below one half: the median is not before the last time, or the time at which it
    /// becomes one half.
    pub fn median(&self) -> Option<f64> {
        let below = self.steps.iter().find(|step| step.survival < 0.5 - ROUNDING)?.time;
        let half = self.steps.iter().find(|step| step.is_half());
        Some(half.map_or(below, |half| f64::midpoint(half.time, below)))
    }

    /// The time at which the estimate becomes one half, or the last time: the median is not earlier.
    pub(super) fn half_or_last(&self) -> f64 {
        self.steps.iter().find(|step| step.is_half()).unwrap_or(&self.steps[self.steps.len() - 1]).time
    }

    /// The interval of the median: the first times at which the lower and the upper limit of the estimate are at most one
    /// half (Brookmeyer and Crowley 1982, with the intervals of the steps). A limit that is not reached is `None`.
    pub fn median_interval(&self) -> (Option<f64>, Option<f64>) {
        let first = |limit: fn(Interval) -> f64| {
            self.steps.iter().find(|step| step.interval.is_some_and(|interval| limit(interval) <= 0.5)).map(|s| s.time)
        };
        (first(|interval| interval.low), first(|interval| interval.high))
    }

    /// The restricted mean time: the area below the estimate from 0 to `tau` (Royston and Parmar 2013), which is the mean
    /// of min(time, tau).
    ///
    /// `None` if `tau` is not positive and finite, and if it is later than the last time while the estimate is not 0:
    /// the area is not known there.
    pub fn restricted_mean(&self, tau: f64) -> Option<f64> {
        let last = self.steps[self.steps.len() - 1];
        if !(tau > 0.0 && tau.is_finite()) || (tau > last.time && last.survival > 0.0) {
            return None;
        }
        let (mut area, mut since, mut survival) = (0.0, 0.0, 1.0);
        for step in self.steps.iter().take_while(|step| step.time < tau) {
            area += survival * (step.time - since);
            (since, survival) = (step.time, step.survival);
        }
        Some(area + survival * (tau - since))
    }
}

impl SurvivalStep {
    fn is_half(&self) -> bool {
        (self.survival - 0.5).abs() <= ROUNDING
    }
}

/// S^exp(± z √V / log S): symmetric on the scale log(−log S), where `variance` is Greenwood's Σ d / (n (n − d)).
fn log_log_interval(survival: f64, variance: f64, z: f64) -> Option<Interval> {
    let log = survival.ln();
    let reach = z * variance.sqrt() / log.abs();
    let is_known = survival > 0.0 && survival < 1.0;
    is_known.then(|| Interval { low: (log * reach.exp()).exp(), high: (log * (-reach).exp()).exp() })
}

#[cfg(test)]
mod tests;

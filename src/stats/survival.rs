use std::fmt;

use super::{Convergence, EventTime, KaplanMeier};
use crate::measure::Epoch;

/// The median epoch of convergence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Median {
    /// The median epoch; the midpoint of two epochs if the survival curve equals one half between them.
    At(f64),
    /// Fewer than half converged while they were observed: the median is at least this epoch.
    AtLeast(Epoch),
}

impl fmt::Display for Median {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Median::At(epoch) => epoch.fmt(f),
            Median::AtLeast(epoch) => write!(f, "≥ {epoch}"),
        }
    }
}

/// The convergence epochs of several runs, some of them censored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survival {
    /// Runs that converged.
    pub reached: usize,
    /// All runs.
    pub n: usize,
    /// The median; `None` for no runs.
    pub median: Option<Median>,
}

/// Counts and the Kaplan–Meier median ([`KaplanMeier::median`]) of convergence epochs.
pub fn survival(outcomes: &[Convergence]) -> Survival {
    let times: Vec<EventTime> = outcomes.iter().map(EventTime::from).collect();
    let reached = times.iter().filter(|time| time.observed).count();
    // The median does not depend on the level of the intervals.
    let median = KaplanMeier::new(&times, 0.95).map(|curve| match curve.median() {
        Some(epoch) => Median::At(epoch),
        // A whole number: a time is an epoch here.
        None => Median::AtLeast(Epoch(curve.half_or_last() as u32)),
    });
    Survival { reached, n: outcomes.len(), median }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::CensorReason;

    fn reached(epoch: u32) -> Convergence {
        Convergence::Reached { epoch: Epoch(epoch), after: Epoch(epoch - 5) }
    }

    fn censored(at: u32) -> Convergence {
        Convergence::Censored { at: Epoch(at), why: CensorReason::NoImprovement }
    }

    fn median_of(outcomes: &[Convergence]) -> Option<Median> {
        survival(outcomes).median
    }

    #[test]
    fn without_censoring_it_is_the_sample_median() {
        assert_eq!(median_of(&[reached(30), reached(10), reached(20)]), Some(Median::At(20.0)));
        assert_eq!(median_of(&[reached(10), reached(40), reached(20), reached(30)]), Some(Median::At(25.0)));
        assert_eq!(median_of(&[reached(10), reached(10)]), Some(Median::At(10.0)));
    }

    #[test]
    fn censored_runs_increase_the_median() {
        // S: 2/3 at 10, 1/3 at 20.
        assert_eq!(median_of(&[reached(10), reached(20), censored(100)]), Some(Median::At(20.0)));
        // One run leaves at 15: S = 3/4 at 10, 3/4 · 1/2 = 3/8 at 20.
        assert_eq!(median_of(&[reached(10), censored(15), reached(20), censored(100)]), Some(Median::At(20.0)));
        // S = 3/4, then 3/4 · 2/3 = 1/2 at 20, and the next at 40: the midpoint.
        assert_eq!(median_of(&[reached(10), reached(20), reached(40), censored(100)]), Some(Median::At(30.0)));
    }

    #[test]
    fn an_unobserved_median_is_a_lower_bound() {
        assert_eq!(median_of(&[reached(10), censored(100), censored(100)]), Some(Median::AtLeast(Epoch(100))));
        // Exactly half reached, and no later event gives the end of the interval.
        assert_eq!(median_of(&[reached(10), censored(100)]), Some(Median::AtLeast(Epoch(10))));
        assert_eq!(median_of(&[]), None);
        assert_eq!(Median::AtLeast(Epoch(100)).to_string(), "≥ 100");
        assert_eq!(Median::At(112.5).to_string(), "112.5");
        assert_eq!(Median::At(120.0).to_string(), "120");
    }

    #[test]
    fn reached_runs_and_all_runs_are_counted() {
        let survival = survival(&[reached(10), censored(50)]);
        assert_eq!((survival.reached, survival.n), (1, 2));
    }
}

//! Comparisons of two cells, paired by seed: the difference with its interval, an exact test and effect sizes.
//!
//! Runs with the same seed share batches, noise and the initial weights of shared layers, so they are compared in pairs.
//! Differences are those of the first cell minus the second.
//!
//! - A diverged run has not converged by its planned horizon, and is the worst in quality. A finished run whose value is
//!   not finite is treated equally.
//! - Failed and cancelled runs are excluded, and counted; so are seeds that only one cell has.
//! - Values under different protocols, and convergence at different evaluation intervals, are not compared: [`Refusal`].

mod convergence;
mod family;
mod fields;
#[cfg(test)]
pub(in crate::report) mod fixture;
mod input;
mod interval;
mod matching;
mod metric;
mod pairs;
mod protocol;
mod ranks;
mod refusal;
mod sentence;
#[cfg(test)]
mod tests;
mod title;

pub use convergence::{CellConvergence, ConvergenceDetails, ConvergenceSide, convergence_of_cell};
pub use family::{Family, Member, claimed, reference};
pub use fields::{Datum, FIELDS};
pub use interval::{DifferenceInterval, IntervalMethod, half_width};
pub use matching::matched;
pub use metric::{MetricDetails, MetricSide, protocol_of_cell};
pub use pairs::PairCounts;
pub use refusal::Refusal;
pub use sentence::{limits, p_value, probability};
pub use title::title;

pub use super::ClaimMeasure as Measure;

use super::{Analysis, Cell};
use crate::stats::PermutationTest;

/// The comparison of two cells by one measure.
#[derive(Clone, Debug)]
pub struct Comparison<'s> {
    /// The first cell.
    pub a: &'s Cell<'s>,
    /// The second cell.
    pub b: &'s Cell<'s>,
    /// What is compared.
    pub measure: Measure,
    /// What became of the seeds.
    pub pairs: PairCounts,
    /// The difference, or why there is none.
    pub result: Result<Finding, Refusal>,
}

/// The difference of two cells.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The number of pairs.
    pub n: usize,
    /// The difference, first minus second, in the unit of the metric or in epochs; `None` if it is not finite.
    pub difference: Option<f64>,
    /// The difference of each pair by seed, in the same unit; `None` if a run counts as the worst.
    pub by_seed: Vec<(u64, Option<f64>)>,
    /// What the difference is of.
    pub statistic: Statistic,
    /// The interval of the difference; `None` for one pair, and if a run counts as the worst.
    pub interval: Option<DifferenceInterval>,
    /// The paired permutation test of no difference, two-sided.
    pub test: PermutationTest,
    /// Which side is better by the statistic of the test.
    pub favours: Side,
    /// Cohen's d of the paired differences (d_z): their mean divided by their standard deviation, in which positive
    /// values mean that the first cell has greater values. `None` if a run counts as the worst, or all differences are equal.
    pub d_z: Option<f64>,
    /// The probability that a run of the first cell is better than one of the second, ties counted as half, 0 to 1; lower
    /// is better for convergence and neutral metrics.
    pub p_a_better: f64,
    /// What is special to the measure.
    pub details: Details,
}

/// What a difference is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Of means of values.
    Means,
    /// Of medians of values; the test is of mean ranks, since some runs count as the worst and have no value.
    Medians,
    /// Of restricted mean epochs of convergence, up to this epoch.
    RestrictedMeans(f64),
}

/// A side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first cell.
    A,
    /// The second cell.
    B,
    /// Neither: the statistic is zero, or neither direction is better.
    Neither,
}

impl Side {
    /// The side that is better, for a difference of costs.
    fn lower(difference: f64) -> Self {
        match difference {
            difference if difference < 0.0 => Side::A,
            difference if difference > 0.0 => Side::B,
            _ => Side::Neither,
        }
    }
}

/// What is special to a measure.
#[derive(Clone, Debug)]
pub enum Details {
    /// Of values of a metric.
    Metric(MetricDetails),
    /// Of epochs of convergence.
    Convergence(Box<ConvergenceDetails>),
}

impl Finding {
    /// Whether no run of either cell converged, so that there are no epochs to compare.
    pub fn is_empty(&self) -> bool {
        match &self.details {
            Details::Metric(_) => false,
            Details::Convergence(details) => details.a.reached + details.b.reached == 0,
        }
    }

    /// The epoch to which means are restricted.
    pub fn restricted_to(&self) -> Option<f64> {
        match self.statistic {
            Statistic::RestrictedMeans(limit) => Some(limit),
            Statistic::Means | Statistic::Medians => None,
        }
    }
}

impl<'s> Comparison<'s> {
    /// Compares two cells of `analysis`.
    pub fn new(analysis: &'s Analysis, a: &'s Cell<'s>, b: &'s Cell<'s>, measure: Measure) -> Self {
        let (pairs, mut counts) = pairs::pairs(a, b);
        let result = if a.id == b.id {
            Err(Refusal::SameRuns)
        } else if pairs.is_empty() {
            Err(Refusal::NoPairs)
        } else {
            match measure {
                Measure::Convergence => convergence::compare(analysis, [a, b], &pairs, &mut counts),
                Measure::Metric(metric) => metric::compare(analysis, metric, [a, b], &pairs, &mut counts),
            }
        };
        Self { a, b, measure, pairs: counts, result }
    }

    /// The p-value of the test; `None` if the cells were not compared.
    pub fn p(&self) -> Option<f64> {
        self.result.as_ref().ok().map(|finding| finding.test.p)
    }

    /// The label of a side; empty for neither.
    pub fn label(&self, side: Side) -> &str {
        match side {
            Side::A => &self.a.label,
            Side::B => &self.b.label,
            Side::Neither => "",
        }
    }
}

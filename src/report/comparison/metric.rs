//! Two cells compared by the last values of a metric.

use super::interval::of_mean;
use super::pairs::{Pair, PairCounts, sides};
use super::protocol::{SideRuns, common};
use super::ranks::midranks;
use super::{Details, Finding, Refusal, Side, Statistic};
use crate::measure::{Direction, Epoch, MetricDef};
use crate::report::protocol_metric::ProtocolMetric;
use crate::report::{Analysis, Cell, RunData};
use crate::stats::{cohen_d_paired, mann_whitney, mean, median, sd, sign_flip};
use crate::store::RunState;

/// The values of both cells in the compared pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDetails {
    /// The metric with its protocol.
    pub metric: ProtocolMetric,
    /// The first cell.
    pub a: MetricSide,
    /// The second cell.
    pub b: MetricSide,
}

/// The values of one cell in the compared pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricSide {
    /// The mean of the finite values.
    pub mean: Option<f64>,
    /// The sample standard deviation of the finite values.
    pub sd: Option<f64>,
    /// The median, in which runs that count as the worst are infinitely bad; `None` if it is not finite.
    pub median: Option<f64>,
    /// The number of runs that count as the worst.
    pub worst: usize,
    /// The epochs of the values, the least and the greatest; `None` without values.
    pub epochs: Option<(Epoch, Epoch)>,
}

/// A value in a comparison.
#[derive(Clone, Copy)]
enum Value {
    Finite(Epoch, f64),
    Diverged,
    NonFinite,
}

impl Value {
    /// The value for comparison, in which lower is better.
    fn cost(self, sign: f64) -> f64 {
        match self {
            Value::Finite(_, value) => sign * value,
            Value::Diverged | Value::NonFinite => f64::INFINITY,
        }
    }

    fn finite(self) -> Option<f64> {
        match self {
            Value::Finite(_, value) => Some(value),
            Value::Diverged | Value::NonFinite => None,
        }
    }

    fn epoch(self) -> Option<Epoch> {
        match self {
            Value::Finite(epoch, _) => Some(epoch),
            Value::Diverged | Value::NonFinite => None,
        }
    }
}

/// Compares the last values of `metric`, and updates the counts.
///
/// # Errors
///
/// If there is no common protocol, or no pair with values.
pub fn compare<'s>(
    analysis: &'s Analysis<'s>,
    metric: &'static MetricDef,
    [a, b]: [&'s Cell<'s>; 2],
    pairs: &[Pair<'s>],
    counts: &mut PairCounts,
) -> Result<Finding, Refusal> {
    let metric = common(analysis, metric, &sides(a, b, pairs))?;
    let (seeds, values) = values(&metric, pairs, counts);
    if values.is_empty() {
        return Err(Refusal::NoPairs);
    }
    let sign = if metric.definition.direction == Direction::Higher { -1.0 } else { 1.0 };
    let costs: Vec<(f64, f64)> = values.iter().map(|(a, b)| (a.cost(sign), b.cost(sign))).collect();
    let (a, b): (Vec<Value>, Vec<Value>) = values.into_iter().unzip();
    let details = MetricDetails { a: side(&a, sign), b: side(&b, sign), metric };
    Ok(finding(&seeds, &costs, sign, details))
}

/// The seeds and the values of every pair that has both.
fn values(metric: &ProtocolMetric, pairs: &[Pair], counts: &mut PairCounts) -> (Vec<u64>, Vec<(Value, Value)>) {
    let is_neutral = metric.definition.direction == Direction::Neutral;
    let value = |run: &RunData| match run.record.state {
        RunState::Diverged => Some(Value::Diverged),
        _ => metric.curve(run)?.last().map(|(epoch, value)| match value.is_finite() {
            true => Value::Finite(epoch, value),
            false => Value::NonFinite,
        }),
    };
    // No value of a neutral metric is the worst.
    let is_usable = |value: &Value| !is_neutral || value.finite().is_some();
    let (mut seeds, mut values) = (Vec::new(), Vec::new());
    for pair in pairs {
        match (value(pair.a).filter(is_usable), value(pair.b).filter(is_usable)) {
            (Some(a), Some(b)) => {
                seeds.push(pair.seed);
                values.push((a, b));
            }
            _ => counts.unmeasured += 1,
        }
    }
    let all = || values.iter().flat_map(|&(a, b)| [a, b]);
    counts.complete = values.len();
    counts.diverged = all().filter(|value| matches!(value, Value::Diverged)).count();
    counts.nonfinite = all().filter(|value| matches!(value, Value::NonFinite)).count();
    (seeds, values)
}

fn side(values: &[Value], sign: f64) -> MetricSide {
    let finite: Vec<f64> = values.iter().filter_map(|value| value.finite()).collect();
    let costs: Vec<f64> = values.iter().map(|value| value.cost(sign)).collect();
    let epochs: Vec<Epoch> = values.iter().filter_map(|value| value.epoch()).collect();
    MetricSide {
        mean: mean(&finite),
        sd: sd(&finite),
        median: median(&costs).filter(|median| median.is_finite()).map(|median| sign * median),
        worst: values.len() - finite.len(),
        epochs: epochs.iter().min().copied().zip(epochs.iter().max().copied()),
    }
}

fn finding(seeds: &[u64], costs: &[(f64, f64)], sign: f64, details: MetricDetails) -> Finding {
    let (ranks_a, ranks_b) = midranks(costs);
    let has_worst = costs.iter().any(|(a, b)| a.is_infinite() || b.is_infinite());
    // Swapping the runs of a pair changes the sign of its difference, in values and in ranks of all runs.
    let differences: Vec<f64> = match has_worst {
        true => ranks_a.iter().zip(&ranks_b).map(|(a, b)| a - b).collect(),
        false => costs.iter().map(|(a, b)| sign * (a - b)).collect(),
    };
    let (difference, statistic) = match has_worst {
        true => (details.a.median.zip(details.b.median).map(|(a, b)| a - b), Statistic::Medians),
        false => (mean(&differences), Statistic::Means),
    };
    let cost = mean(&differences).unwrap_or(0.0) * if has_worst { 1.0 } else { sign };
    let is_neutral = details.metric.definition.direction == Direction::Neutral;
    let in_unit = costs.iter().map(|(a, b)| Some(sign * (a - b)).filter(|difference| difference.is_finite()));
    Finding {
        n: costs.len(),
        difference,
        by_seed: seeds.iter().copied().zip(in_unit).collect(),
        statistic,
        interval: of_mean(&differences).filter(|_| !has_worst),
        test: sign_flip(&differences).expect("there is a pair"),
        favours: if is_neutral { Side::Neither } else { Side::lower(cost) },
        d_z: cohen_d_paired(&differences).filter(|_| !has_worst),
        p_a_better: mann_whitney(&ranks_a, &ranks_b).map_or(0.5, |test| test.p_less),
        details: Details::Metric(details),
    }
}

/// The metric of a cell by itself, under the protocol that all of its finished runs share.
///
/// # Errors
///
/// If there is none, or no finished run has the metric.
pub fn protocol_of_cell(
    analysis: &Analysis,
    cell: &Cell,
    metric: &'static MetricDef,
) -> Result<ProtocolMetric, Refusal> {
    common(analysis, metric, &[SideRuns { label: &cell.label, runs: cell.runs.clone() }])
}

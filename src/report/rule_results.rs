//! The results of one rule for the runs of every cell.

use std::collections::{BTreeMap, BTreeSet};

use super::protocol_metric::protocol_metrics;
use super::{Analysis, Cell, ProtocolMetric, ReportError, RunData};
use crate::stats::{
    Cadence, CensorReason, Convergence, EventTime, KaplanMeier, Median, StoredRule, TargetCost, area, common_cadence,
    survival,
};
use crate::store::{NewConvergence, RuleResult, RunId, RunState};

/// The results of a rule for the ended runs of one cell, under one protocol of the metric.
#[derive(Clone, Debug)]
pub struct RuleResults<'a> {
    /// The cell.
    pub cell: &'a Cell<'a>,
    /// The metric with its protocol.
    pub metric: ProtocolMetric,
    /// The interval between evaluations, if it is common to the runs; otherwise their different intervals.
    pub cadence: Result<Option<u32>, Vec<Cadence>>,
    /// The results of finished and diverged runs.
    pub results: Vec<RunResult<'a>>,
    /// The number of runs that are excluded: failed, cancelled, not ended, or finished without this metric.
    pub excluded: usize,
}

/// The result of a rule for one run.
#[derive(Clone, Copy, Debug)]
pub struct RunResult<'a> {
    /// The run.
    pub run: &'a RunData,
    /// The result.
    pub outcome: RuleOutcome,
    /// The cost up to the epoch of the result, if it has an epoch and the cost is known.
    pub cost: Option<TargetCost>,
}

/// What a rule finds in a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RuleOutcome {
    /// The epoch of convergence, or why it is unknown.
    Convergence(Convergence),
    /// A number.
    Value(f64),
}

/// The results of `rule` for every cell, once for each protocol of the convergence metric of the report.
///
/// # Errors
///
/// If the metric is neutral.
pub fn rule_results<'a>(analysis: &'a Analysis<'a>, rule: &StoredRule) -> Result<Vec<RuleResults<'a>>, ReportError> {
    let definition = analysis.spec.convergence.metric;
    let mut all = Vec::new();
    for cell in &analysis.cells {
        for metric in protocol_metrics(analysis.input, std::slice::from_ref(cell), &[definition]) {
            all.push(of_cell(analysis, cell, metric, rule)?);
        }
    }
    // A title needs the protocol if the cells have several.
    let protocols: BTreeSet<_> = all.iter().map(|results| results.metric.protocol.clone()).collect();
    for results in &mut all {
        results.metric.is_one_of_several = protocols.len() > 1;
    }
    Ok(all)
}

fn of_cell<'a>(
    analysis: &Analysis,
    cell: &'a Cell<'a>,
    metric: ProtocolMetric,
    rule: &StoredRule,
) -> Result<RuleResults<'a>, ReportError> {
    let curve_of = |run: &'a RunData| metric.curve(run).filter(|curve| !curve.points().is_empty());
    let mut results = Vec::new();
    for &run in &cell.runs {
        let curve = curve_of(run);
        let outcome = match (run.record.state, curve) {
            // Not converged by the planned horizon, independent of the curve before the divergence.
            (RunState::Diverged, Some(_)) => {
                RuleOutcome::Convergence(Convergence::Censored { at: run.record.horizon, why: CensorReason::NonFinite })
            }
            (RunState::Finished, Some(curve)) => match rule {
                StoredRule::Convergence(rule) => {
                    let outcome = rule.assess(curve, metric.definition.direction);
                    let failed = |source| ReportError::Convergence { metric: metric.definition.name, source };
                    RuleOutcome::Convergence(outcome.map_err(failed)?)
                }
                StoredRule::Area(rule) => match area(curve, rule) {
                    Ok(value) => RuleOutcome::Value(value),
                    Err((at, why)) => RuleOutcome::Convergence(Convergence::Censored { at, why }),
                },
            },
            _ => continue,
        };
        let cost = match outcome {
            RuleOutcome::Convergence(outcome) => analysis.cost(run).map(|cost| cost.to_target(outcome)),
            RuleOutcome::Value(_) => None,
        };
        results.push(RunResult { run, outcome, cost });
    }
    let cadence = common_cadence(results.iter().filter_map(|result| metric.curve(result.run)));
    let excluded = cell.runs.len() - results.len();
    Ok(RuleResults { cell, metric, cadence, results, excluded })
}

impl RuleResults<'_> {
    /// The number of runs with an epoch of convergence, or with a number.
    pub fn reached(&self) -> usize {
        let reached =
            |result: &&RunResult| !matches!(result.outcome, RuleOutcome::Convergence(Convergence::Censored { .. }));
        self.results.iter().filter(reached).count()
    }

    /// The Kaplan–Meier median of the epochs of convergence. `None` for a rule that gives a number, and if the runs have
    /// no common interval between evaluations: their epochs are then not comparable.
    pub fn median(&self) -> Option<Median> {
        self.cadence.as_ref().ok()?;
        let outcomes: Option<Vec<Convergence>> =
            self.results.iter().map(|result| result.outcome.convergence()).collect();
        survival(&outcomes?).median
    }

    /// The Kaplan–Meier median of a cost until convergence; `None` if it is not reached, the cost of a run is unknown, or
    /// there is no median epoch.
    pub fn median_cost(&self, cost: impl Fn(&TargetCost) -> Option<f64>) -> Option<f64> {
        self.median()?;
        let times = self.results.iter().map(|result| {
            let found = result.cost.as_ref()?;
            Some(EventTime { time: cost(found)?, observed: found.observed })
        });
        KaplanMeier::new(&times.collect::<Option<Vec<_>>>()?, 0.95)?.median()
    }

    /// The numbers, of a rule that gives one.
    pub fn values(&self) -> Vec<f64> {
        let value = |result: &RunResult| match result.outcome {
            RuleOutcome::Value(value) => Some(value),
            RuleOutcome::Convergence(_) => None,
        };
        self.results.iter().filter_map(value).collect()
    }

    /// How many runs are censored for each reason.
    pub fn censored(&self) -> BTreeMap<CensorReason, usize> {
        let mut counts = BTreeMap::new();
        for result in &self.results {
            if let RuleOutcome::Convergence(Convergence::Censored { why, .. }) = result.outcome {
                *counts.entry(why).or_default() += 1;
            }
        }
        counts
    }

    /// The rows to store for its runs.
    pub fn rows(&self, rule: &StoredRule) -> Vec<(RunId, NewConvergence)> {
        let json = rule.json();
        let row = |result: &RunResult| {
            let new = NewConvergence {
                metric: self.metric.definition.name.to_owned(),
                protocol: self.metric.protocol.clone(),
                rule: json.clone(),
                result: result.outcome.into(),
                images: result.cost.map(|cost| cost.images.round() as u64),
                device_seconds: result.cost.and_then(|cost| cost.seconds),
            };
            (result.run.record.id, new)
        };
        self.results.iter().map(row).collect()
    }
}

impl RuleOutcome {
    /// The convergence; `None` for a number.
    pub fn convergence(self) -> Option<Convergence> {
        match self {
            RuleOutcome::Convergence(outcome) => Some(outcome),
            RuleOutcome::Value(_) => None,
        }
    }
}

impl From<RuleOutcome> for RuleResult {
    fn from(outcome: RuleOutcome) -> Self {
        match outcome {
            RuleOutcome::Convergence(Convergence::Reached { epoch, after }) => RuleResult::Reached { epoch, after },
            RuleOutcome::Convergence(Convergence::Censored { at, why }) => {
                RuleResult::Censored { at, why: why.as_str() }
            }
            RuleOutcome::Value(value) => RuleResult::Value(value),
        }
    }
}

#[cfg(test)]
mod tests;

//! The protocol under which two cells are compared, and the cadence of their evaluations.

use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;
use crate::measure::{MetricDef, ProtocolId};
use crate::report::format::counted;
use crate::report::protocol_metric::{ProtocolMetric, describe, protocol_metrics};
use crate::report::{Analysis, RunData};
use crate::store::RunState;

/// The runs of one cell in a comparison.
#[derive(Clone, Debug)]
pub struct SideRuns<'s> {
    /// The label of the cell.
    pub label: &'s str,
    /// The runs, finished or diverged.
    pub runs: Vec<&'s RunData>,
}

impl<'s> SideRuns<'s> {
    /// The finished runs.
    pub fn finished(&self) -> impl Iterator<Item = &'s RunData> {
        self.runs.iter().copied().filter(|run| run.record.state == RunState::Finished)
    }
}

/// The metric under the protocol that all finished runs share. Of several, the one that most runs of the
/// report have; the least id among equals.
///
/// # Errors
///
/// [`Refusal::NotMeasured`] if no finished run has the metric, [`Refusal::Protocols`] if there is no common protocol.
pub fn common(analysis: &Analysis, metric: &'static MetricDef, sides: &[SideRuns]) -> Result<ProtocolMetric, Refusal> {
    let measured = |side: &SideRuns| -> Vec<BTreeSet<ProtocolId>> {
        side.finished().map(|run| protocols(run, metric)).filter(|protocols| !protocols.is_empty()).collect()
    };
    let shared = sides.iter().flat_map(measured).reduce(|shared, protocols| &shared & &protocols);
    let Some(shared) = shared else { return Err(Refusal::NotMeasured { metric: metric.name }) };
    if shared.is_empty() {
        let side = |side: &SideRuns| format!("{}: {}", side.label, listed(analysis, &measured(side)));
        let sides = sides.iter().map(side).collect::<Vec<_>>().join("; ");
        return Err(Refusal::Protocols { metric: metric.name, sides });
    }
    let mut all = protocol_metrics(analysis.input, &analysis.cells, &[metric]);
    all.retain(|candidate| shared.contains(&candidate.protocol));
    let runs = |candidate: &ProtocolMetric| analysis.runs().filter(|run| candidate.curve(run).is_some()).count();
    // The first of equals, since `max_by_key` returns the last.
    all.into_iter().rev().max_by_key(runs).ok_or(Refusal::NotMeasured { metric: metric.name })
}

/// The protocols under which a run has values of the metric.
fn protocols(run: &RunData, metric: &MetricDef) -> BTreeSet<ProtocolId> {
    let series = run.series.iter().filter(|series| series.metric == metric.name && !series.curve.points().is_empty());
    series.map(|series| series.protocol.clone()).collect()
}

/// `2 runs under 0123456789abcdef (val, 8 images, 64 px)`, for each protocol.
fn listed(analysis: &Analysis, runs: &[BTreeSet<ProtocolId>]) -> String {
    let mut counts: BTreeMap<&ProtocolId, usize> = BTreeMap::new();
    for protocol in runs.iter().flatten() {
        *counts.entry(protocol).or_default() += 1;
    }
    let one = |(protocol, n): (&&ProtocolId, &usize)| match describe(analysis.input, protocol) {
        text if text.is_empty() => format!("{} under {}", counted(*n, "run"), protocol.as_str()),
        text => format!("{} under {} ({text})", counted(*n, "run"), protocol.as_str()),
    };
    let parts: Vec<String> = counts.iter().map(one).collect();
    if parts.is_empty() { "no run".to_owned() } else { parts.join(" and ") }
}

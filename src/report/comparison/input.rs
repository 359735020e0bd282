//! What comparisons need of an experiment: the last values of all metrics, and the curves of convergence.

use std::collections::{BTreeMap, BTreeSet};

use crate::measure::Curve;
use crate::report::{Pictures, ReportInput, ReportSpec, RunData};
use crate::store::{ExperimentRecord, MetricSummary, RunId, Series, Store, StoreError};

impl ReportInput {
    /// The runs of an experiment without their values, which [`ReportInput::read_values`] adds.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn without_values(store: &Store, experiment: ExperimentRecord) -> Result<Self, StoreError> {
        let data = |record| RunData {
            experiment: experiment.name.clone(),
            record,
            series: Vec::new(),
            image_grids: Vec::new(),
            pictures: Pictures::Loaded(BTreeMap::new()),
            fitted: Vec::new(),
            codes: Vec::new(),
        };
        Ok(Self {
            title: experiment.title.clone(),
            name: experiment.name.clone(),
            runs: store.runs(&experiment.name)?.into_iter().map(data).collect(),
            protocols: store.protocols()?,
            experiments: vec![experiment],
            ..Self::default()
        })
    }

    /// Reads the curve of the convergence metric of `runs`, and of their other metrics the last value, as a curve of one
    /// point.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn read_values(&mut self, store: &Store, spec: &ReportSpec, runs: &BTreeSet<RunId>) -> Result<(), StoreError> {
        let ids: Vec<RunId> = runs.iter().copied().collect();
        let mut series = store.series_of(&ids, Some(&[spec.convergence.metric.name]))?;
        let mut summaries: BTreeMap<RunId, Vec<MetricSummary>> = BTreeMap::new();
        for (run, summary) in store.summaries_of(&ids)? {
            summaries.entry(run).or_default().push(summary);
        }
        for run in self.runs.iter_mut().filter(|run| runs.contains(&run.record.id)) {
            run.series = series.remove(&run.record.id).unwrap_or_default();
            let known = summaries.remove(&run.record.id).unwrap_or_default();
            for series in run.series.iter_mut().filter(|series| series.curve.points().is_empty()) {
                let is_same = |summary: &&MetricSummary| is_of(summary, series);
                if let Some(summary) = known.iter().find(is_same) {
                    series.curve = Curve::new(vec![summary.last]).expect("one point is in order");
                }
            }
        }
        Ok(())
    }
}

fn is_of(summary: &MetricSummary, series: &Series) -> bool {
    summary.metric == series.metric && summary.protocol == series.protocol
}

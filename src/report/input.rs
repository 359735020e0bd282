use std::collections::BTreeMap;

use crate::measure::{Curve, Protocol, ProtocolId};
use crate::store::{ExperimentRecord, FittedFile, ImageGrid, RunRecord, Series};

/// The input of a report. Equal inputs give byte-identical reports.
#[derive(Clone, Debug, Default)]
pub struct ReportInput {
    /// The report's title.
    pub title: String,
    /// The report's name.
    pub name: String,
    /// The compared experiments.
    pub experiments: Vec<ExperimentRecord>,
    /// Their runs. A run in two experiments is listed for each.
    pub runs: Vec<RunData>,
    /// The protocols of the series of the runs.
    pub protocols: BTreeMap<ProtocolId, Protocol>,
}

/// One run with its stored results.
#[derive(Clone, Debug)]
pub struct RunData {
    /// The name of the experiment that contains it.
    pub experiment: String,
    /// The run.
    pub record: RunRecord,
    /// Its curves.
    pub series: Vec<Series>,
    /// Its image grids.
    pub image_grids: Vec<ImageGrid>,
    /// The fitted files of weights that it uses.
    pub fitted: Vec<FittedFile>,
}

impl RunData {
    /// The curve of `metric` under `protocol`.
    pub fn curve(&self, metric: &str, protocol: &ProtocolId) -> Option<&Curve> {
        self.series.iter().find(|series| series.metric == metric && &series.protocol == protocol).map(|s| &s.curve)
    }

    /// The value of a setting as text, if the setting is active.
    pub fn setting(&self, key: &str) -> Option<String> {
        self.record.settings.get(key).map(ToString::to_string)
    }
}

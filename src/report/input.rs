use std::collections::BTreeMap;

use crate::measure::{Curve, Protocol, ProtocolId};
use crate::store::{ExperimentRecord, FittedFile, RunPicture, RunRecord, Series};

/// All that a report is made from. Equal inputs give byte-identical reports.
#[derive(Clone, Debug, Default)]
pub struct ReportInput {
    /// The report's title.
    pub title: String,
    /// The report's name.
    pub name: String,
    /// The experiments that are compared.
    pub experiments: Vec<ExperimentRecord>,
    /// Their runs. A run that belongs to two experiments is listed under each.
    pub runs: Vec<RunData>,
    /// The protocols that the runs' series refer to.
    pub protocols: BTreeMap<ProtocolId, Protocol>,
}

/// One run with what was measured and pictured of it.
#[derive(Clone, Debug)]
pub struct RunData {
    /// The name of the experiment that shows it.
    pub experiment: String,
    /// The run.
    pub record: RunRecord,
    /// Its curves.
    pub series: Vec<Series>,
    /// Its pictures.
    pub pictures: Vec<RunPicture>,
    /// The files of weights that were fitted for it.
    pub fitted: Vec<FittedFile>,
}

impl RunData {
    /// The curve of `metric` under `protocol`.
    pub fn curve(&self, metric: &str, protocol: &ProtocolId) -> Option<&Curve> {
        self.series.iter().find(|series| series.metric == metric && &series.protocol == protocol).map(|s| &s.curve)
    }

    /// The text of a setting, if it is active.
    pub fn setting(&self, key: &str) -> Option<String> {
        self.record.settings.get(key).map(ToString::to_string)
    }
}

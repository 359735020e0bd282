use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::measure::{Curve, Protocol, ProtocolId};
use crate::store::{Code, ExperimentRecord, FittedFile, ImageGrid, RunRecord, Series, Store, StoreError};

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
    /// The number of runs of the experiments that the filter of the report leaves out.
    pub filtered: usize,
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
    /// Its curves. Those of metrics that the report does not need are empty.
    pub series: Vec<Series>,
    /// Its image grids.
    pub image_grids: Vec<ImageGrid>,
    /// The PNG files of its image grids.
    pub pictures: Pictures,
    /// The fitted files of weights that it uses.
    pub fitted: Vec<FittedFile>,
    /// The versions of the program that computed its results.
    pub codes: Vec<Code>,
}

/// PNG files of image grids. Figures show few of them, so they are read when a figure is prepared.
#[derive(Clone)]
pub enum Pictures {
    /// In memory, by their hash.
    Loaded(BTreeMap<String, Vec<u8>>),
    /// In a database.
    Stored(Arc<Store>),
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

impl Pictures {
    /// The PNG file of an image grid.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn png(&self, grid: &ImageGrid) -> Result<Cow<'_, [u8]>, StoreError> {
        match self {
            // A picture that is missing is damaged: decoding nothing is an error that names the image grid.
            Pictures::Loaded(pngs) => Ok(pngs.get(&grid.picture).map(Vec::as_slice).unwrap_or_default().into()),
            Pictures::Stored(store) => Ok(store.picture(&grid.picture)?.into()),
        }
    }
}

impl Default for Pictures {
    fn default() -> Self {
        Pictures::Loaded(BTreeMap::new())
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pictures::Loaded(pngs) => write!(f, "{} loaded", pngs.len()),
            Pictures::Stored(store) => write!(f, "in {}", store.path().display()),
        }
    }
}

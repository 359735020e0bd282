//! The size of one run of a cell: steps, parameters and operations.

use std::collections::BTreeMap;

use crate::data::DataSet;
use crate::gan::Cost;
use crate::prepare::{Selection, guide_length, sentence_length};
use crate::spec::{Plan, PlannedCell, Settings};

use super::experiment;

/// The size of one run of a cell.
pub struct Forecast {
    /// The number of epochs.
    pub epochs: u32,
    /// The batch size.
    pub batch: usize,
    /// The number of steps; `None` if the data set cannot be read and `data.limit` is not set.
    pub steps: Option<u64>,
    /// The parameters and the operations per step; `None` if a file of sentence vectors cannot be read.
    pub cost: Option<Cost>,
}

/// The forecast of every cell. Images are counted once for cells with equal data settings.
pub fn forecasts(plan: &Plan) -> Vec<Forecast> {
    let mut counted: BTreeMap<String, Option<usize>> = BTreeMap::new();
    let forecast = |cell: &PlannedCell| {
        let settings = experiment::settings(cell);
        let key = format!("{:?} {:?} {}", settings.data, settings.eval, settings.train.batch);
        let images = *counted.entry(key).or_insert_with(|| images(&settings));
        let steps = images.map(|images| (images / settings.train.batch) as u64 * u64::from(settings.train.epochs));
        Forecast { epochs: settings.train.epochs, batch: settings.train.batch, steps, cost: cost(&settings) }
    };
    plan.cells.iter().map(forecast).collect()
}

/// The cost of the networks; `None` if the length of a sentence vector is unknown.
pub fn cost(settings: &Settings) -> Option<Cost> {
    Some(Cost::new(settings, sentence_length(&settings.text).ok()?, guide_length(settings).ok()?))
}

/// The number of training images, if it is known. The reason why the data cannot be read is reported with the ids.
fn images(settings: &Settings) -> Option<usize> {
    let set = DataSet::open(&settings.data).ok();
    let selected = set.and_then(|set| Selection::new(&set, settings).ok()).map(|selection| selection.train.len());
    selected.or((settings.data.limit > 0).then_some(settings.data.limit))
}

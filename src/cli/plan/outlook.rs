//! What one run of a cell asks for: steps, parameters and operations.

use std::collections::BTreeMap;

use crate::data::DataSet;
use crate::gan::Cost;
use crate::prepare::{Selection, guide_length, sentence_length};
use crate::spec::{Plan, PlannedCell, Settings};

use super::experiment;

/// What one run of a cell asks for.
pub struct Outlook {
    /// The horizon.
    pub epochs: u32,
    /// Images in a step.
    pub batch: usize,
    /// Steps up to the horizon; unknown without the data, unless the experiment limits it.
    pub steps: Option<u64>,
    /// Parameters, and operations of a step; unknown while a file of sentence vectors cannot be read.
    pub cost: Option<Cost>,
}

/// The outlook of every cell. Cells that choose their images alike have them counted once.
pub fn outlooks(plan: &Plan) -> Vec<Outlook> {
    let mut counted: BTreeMap<String, Option<usize>> = BTreeMap::new();
    let outlook = |cell: &PlannedCell| {
        let settings = experiment::settings(cell);
        let key = format!("{:?} {:?} {}", settings.data, settings.eval, settings.train.batch);
        let images = *counted.entry(key).or_insert_with(|| images(&settings));
        let steps = images.map(|images| (images / settings.train.batch) as u64 * u64::from(settings.train.epochs));
        Outlook { epochs: settings.train.epochs, batch: settings.train.batch, steps, cost: cost(&settings) }
    };
    plan.cells.iter().map(outlook).collect()
}

/// What the networks of `settings` cost, where the length of a sentence can be known.
pub fn cost(settings: &Settings) -> Option<Cost> {
    Some(Cost::new(settings, sentence_length(&settings.text).ok()?, guide_length(settings).ok()?))
}

/// How many training images there are, where that can be known. Why the data cannot be read is said with the ids.
fn images(settings: &Settings) -> Option<usize> {
    let set = DataSet::open(&settings.data).ok();
    let chosen = set.and_then(|set| Selection::new(&set, settings).ok()).map(|selection| selection.train.len());
    chosen.or((settings.data.limit > 0).then_some(settings.data.limit))
}

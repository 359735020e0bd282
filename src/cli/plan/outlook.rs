//! What one run of a cell asks for: steps, parameters and operations.

use std::collections::BTreeMap;

use crate::data::Oxford102;
use crate::gan::Cost;
use crate::prepare::Selection;
use crate::spec::{Plan, PlannedCell, Settings};
use crate::vision::NetworkConfig;

use super::experiment;

/// What one run of a cell asks for.
pub struct Outlook {
    /// The horizon.
    pub epochs: u32,
    /// Images in a step.
    pub batch: usize,
    /// Steps up to the horizon; unknown without the data, unless the experiment limits it.
    pub steps: Option<u64>,
    /// Parameters, and operations of a step.
    pub cost: Cost,
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

/// What the networks of `settings` cost: sentences have the length that the encoder is asked for.
pub fn cost(settings: &Settings) -> Cost {
    let network = NetworkConfig { input: settings.guide.input, width: settings.guide.width };
    let guide = settings.guide.is_on().then(|| network.dimension());
    Cost::new(settings, settings.text.dimension, guide)
}

/// How many training images there are, where that can be known. Why the data cannot be read is said with the ids.
fn images(settings: &Settings) -> Option<usize> {
    let set = Oxford102::open(&settings.data.root).ok();
    let chosen = set.and_then(|set| Selection::new(&set, settings).ok()).map(|selection| selection.train.len());
    chosen.or((settings.data.limit > 0).then_some(settings.data.limit))
}

//! The columns of axes: the settings that tell the runs of one method apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::cli::CliError;
use crate::spec::Value;
use crate::store::{AxisValues, ListedRun, Store};

/// The axes of listed runs, by experiment and cell.
pub struct Axes(BTreeMap<(String, String), AxisValues>);

impl Axes {
    /// Reads the axes of `runs`.
    pub fn read(store: &Store, runs: &[ListedRun]) -> Result<Self, CliError> {
        let cells: BTreeSet<&str> = runs.iter().map(|run| run.cell.as_str()).collect();
        Ok(Self(store.axes_of(&Vec::from_iter(cells))?))
    }

    /// The axes of each of `runs`.
    fn of<'a>(&'a self, runs: &'a [ListedRun]) -> impl Iterator<Item = (&'a ListedRun, Option<&'a AxisValues>)> {
        let by_cell: HashMap<(&str, &str), &AxisValues> =
            self.0.iter().map(|((experiment, cell), axes)| ((experiment.as_str(), cell.as_str()), axes)).collect();
        runs.iter().map(move |run| (run, by_cell.get(&(run.experiment.as_str(), run.cell.as_str())).copied()))
    }

    /// The keys in which runs of one method of an experiment differ, sorted. The label tells other runs apart.
    pub fn differing(&self, runs: &[ListedRun]) -> Vec<String> {
        let mut cells: BTreeMap<(&str, &str), BTreeMap<&str, &AxisValues>> = BTreeMap::new();
        for (run, axes) in self.of(runs) {
            if let Some(axes) = axes {
                cells.entry((&run.experiment, &run.method)).or_default().insert(&run.cell, axes);
            }
        }
        let mut differing: BTreeSet<&String> = BTreeSet::new();
        for siblings in cells.into_values().map(|cells| Vec::from_iter(cells.into_values())) {
            let keys = siblings.iter().flat_map(|axes| axes.keys());
            differing.extend(keys.filter(|key| siblings.iter().any(|axes| axes.get(*key) != siblings[0].get(*key))));
        }
        differing.into_iter().cloned().collect()
    }

    /// The values of `keys` of each of `runs`; `None` where a cell has no such axis.
    pub fn values(&self, runs: &[ListedRun], keys: &[String]) -> Vec<Vec<Option<&Value>>> {
        self.of(runs).map(|(_, axes)| keys.iter().map(|key| axes.and_then(|axes| axes.get(key))).collect()).collect()
    }
}

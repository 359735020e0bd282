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
            let keys: BTreeSet<&String> = siblings.iter().flat_map(|axes| axes.keys()).collect();
            let differs = |key: &&String| siblings.iter().any(|axes| axes.get(*key) != siblings[0].get(*key));
            differing.extend(keys.into_iter().filter(differs));
        }
        differing.into_iter().cloned().collect()
    }

    /// The values of `keys` of each of `runs`; `None` where a cell has no such axis.
    pub fn values<'a>(&'a self, runs: &'a [ListedRun], keys: &[String]) -> Vec<Vec<Option<&'a Value>>> {
        self.of(runs).map(|(_, axes)| keys.iter().map(|key| axes?.get(key)).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Epoch;
    use crate::store::{RunId, RunState, RunStatus};

    /// A method and its axes.
    type Cell<'a> = (&'a str, &'a [(&'a str, i64)]);

    /// Runs of these cells.
    fn axes(cells: &[Cell]) -> (Axes, Vec<ListedRun>) {
        let id = |at: usize| format!("{at:016x}");
        let values = |axes: &[(&str, i64)]| {
            axes.iter().map(|(key, value)| ((*key).to_owned(), Value::Integer(*value))).collect::<AxisValues>()
        };
        let of_cells = cells.iter().enumerate().map(|(at, (_, axes))| (("sweep".to_owned(), id(at)), values(axes)));
        let run = |(at, (method, _)): (usize, &Cell)| ListedRun {
            run: RunId(at as i64 + 1),
            experiment: "sweep".into(),
            method: (*method).into(),
            cell: id(at),
            seed: 1,
            status: RunStatus::State(RunState::Queued),
            epoch: Epoch(0),
            horizon: Epoch(1),
            crashes: 0,
        };
        (Axes(of_cells.collect()), cells.iter().enumerate().map(run).collect())
    }

    #[test]
    fn axes_in_which_only_methods_differ_are_omitted() {
        let (axes, runs) = axes(&[
            ("A", &[("train.batch", 16), ("text.dimension", 8), ("image.resolution", 32)]),
            ("A", &[("train.batch", 32), ("text.dimension", 8), ("image.resolution", 32)]),
            ("B", &[("train.batch", 16), ("text.dimension", 9), ("image.resolution", 32)]),
        ]);
        let keys = axes.differing(&runs);
        assert_eq!(keys, ["train.batch"]);
        let values: Vec<Option<&Value>> = axes.values(&runs, &keys).concat();
        assert_eq!(values, [16, 32, 16].map(Value::Integer).each_ref().map(Some));
        assert!(axes.differing(&runs[1..]).is_empty(), "only listed runs count");
    }

    #[test]
    fn an_axis_that_a_cell_lacks_differs() {
        let (axes, runs) = axes(&[("A", &[("train.batch", 16)]), ("A", &[])]);
        assert_eq!(axes.differing(&runs), ["train.batch"]);
        assert_eq!(axes.values(&runs, &["train.batch".to_owned()])[1], [None]);
    }
}

//! The selection of cells and runs by method, experiment, settings, state and seed.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::Cell;
use crate::spec::Value;
use crate::store::{RunRecord, RunState};

/// Conditions for cells: for each key, a list of alternative values. A cell matches if it has one of them for every key.
///
/// A key is `method`, `experiment` or a dotted setting. A cell in which a setting is inactive does not match a condition
/// for it. Without conditions every cell matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellSelector(BTreeMap<String, Vec<Value>>);

impl CellSelector {
    /// A selector with these conditions.
    pub fn new(conditions: BTreeMap<String, Vec<Value>>) -> Self {
        Self(conditions)
    }

    /// The conditions by key.
    pub fn conditions(&self) -> &BTreeMap<String, Vec<Value>> {
        &self.0
    }

    /// Whether it has no conditions.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a cell matches.
    pub fn matches(&self, cell: &Cell) -> bool {
        cell.runs.first().is_some_and(|run| self.holds(&cell.experiments, cell.method, &run.record.settings))
    }

    /// Whether a run of `experiment` matches.
    pub fn matches_run(&self, experiment: &str, record: &RunRecord) -> bool {
        self.holds(&BTreeSet::from([experiment]), &record.method, &record.settings)
    }

    fn holds(&self, experiments: &BTreeSet<&str>, method: &str, settings: &BTreeMap<String, Value>) -> bool {
        let is_one_of = |word: &str, values: &[Value]| values.iter().any(|value| value.as_text() == Some(word));
        self.0.iter().all(|(key, values)| match key.as_str() {
            "method" => is_one_of(method, values),
            "experiment" => experiments.iter().any(|experiment| is_one_of(experiment, values)),
            key => settings.get(key).is_some_and(|value| values.contains(value)),
        })
    }
}

impl std::fmt::Display for CellSelector {
    /// Writes the method, and the other conditions in parentheses: `JEM-VGG (guide.segmentation = full)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        let method = self.0.get("method").map_or_else(|| "every method".to_owned(), |values| list(values));
        f.write_str(&method)?;
        let others = self.0.iter().filter(|(key, _)| *key != "method");
        let others: Vec<String> = others.map(|(key, values)| format!("{key} = {}", list(values))).collect();
        if others.is_empty() { Ok(()) } else { write!(f, " ({})", others.join(", ")) }
    }
}

/// The runs that a report contains (`[filter]`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterSpec {
    /// Conditions for their cells.
    pub cells: CellSelector,
    /// Their states; empty for all.
    pub states: Vec<RunState>,
    /// Their seeds; empty for all.
    pub seeds: Vec<u64>,
}

impl FilterSpec {
    /// Whether the report contains a run of `experiment`.
    pub fn admits(&self, experiment: &str, record: &RunRecord) -> bool {
        (self.states.is_empty() || self.states.contains(&record.state))
            && (self.seeds.is_empty() || self.seeds.contains(&record.seed))
            && self.cells.matches_run(experiment, record)
    }

    /// Whether the report contains every run.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.states.is_empty() && self.seeds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{cells::cells, fixture};

    fn selector(conditions: &[(&str, &[Value])]) -> CellSelector {
        CellSelector::new(conditions.iter().map(|(key, values)| ((*key).to_owned(), values.to_vec())).collect())
    }

    fn text(word: &str) -> Value {
        Value::Text(word.into())
    }

    #[test]
    fn a_cell_matches_if_it_has_one_of_the_values_of_every_key() {
        let input = fixture::input(&["A", "B"], 2);
        let cells = cells(&input);
        let both = selector(&[("method", &[text("A"), text("C")]), ("guide.network", &[text("alexnet")])]);
        assert_eq!(cells.iter().map(|cell| both.matches(cell)).collect::<Vec<_>>(), [true, false]);
        assert!(!selector(&[("method", &[text("A")]), ("guide.network", &[text("vgg16")])]).matches(&cells[0]));
        assert!(CellSelector::default().matches(&cells[1]));
        assert!(!selector(&[("guide.width", &[Value::Number(1.0)])]).matches(&cells[0]), "an inactive setting");
        assert!(selector(&[("experiment", &[text("lab")])]).matches(&cells[0]));
        assert!(!selector(&[("experiment", &[text("other")])]).matches(&cells[0]));
    }

    #[test]
    fn a_filter_admits_runs_by_state_seed_and_cell() {
        let mut input = fixture::input(&["A", "B"], 2);
        input.runs[3].record.state = RunState::Failed;
        let admitted = |filter: &FilterSpec| {
            let admits = |run: &&crate::report::RunData| filter.admits(&run.experiment, &run.record);
            input.runs.iter().filter(admits).map(|run| run.record.id.0).collect::<Vec<_>>()
        };
        assert_eq!(admitted(&FilterSpec::default()), [1, 2, 3, 4]);
        assert_eq!(admitted(&FilterSpec { states: vec![RunState::Finished], ..FilterSpec::default() }), [1, 2, 3]);
        assert_eq!(admitted(&FilterSpec { seeds: vec![2], ..FilterSpec::default() }), [2, 4]);
        let cells = selector(&[("method", &[text("B")])]);
        assert_eq!(admitted(&FilterSpec { cells, seeds: vec![1], states: Vec::new() }), [3]);
    }

    #[test]
    fn it_is_described_by_its_method_and_the_other_conditions() {
        let both =
            selector(&[("method", &[text("A")]), ("image.resolution", &[Value::Integer(64), Value::Integer(32)])]);
        assert_eq!(both.to_string(), "A (image.resolution = 64 or 32)");
        assert_eq!(CellSelector::default().to_string(), "every method");
    }
}

mod figure_label;

pub use figure_label::replaced_labels;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{ReportInput, RunData};
use crate::spec::Value;
use crate::store::{RunId, RunState};

/// A cell with its runs: one line of a figure, and one row of the summary.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// The name of the method.
    pub method: &'a str,
    /// The id of the cell.
    pub id: &'a str,
    /// The label of the cell: `method`, or `method · axis values` if the method has several cells. Of a base and its
    /// variants, the values are without words that are those of the base.
    pub label: String,
    /// The label in figures: `label`, or a short one if the font lacks glyphs for it.
    pub figure_label: String,
    /// The settings in which the method's cells differ, by dotted key; `None` where one is inactive.
    pub axes: Vec<(&'a str, Option<String>)>,
    /// The experiments that contain it.
    pub experiments: BTreeSet<&'a str>,
    /// Its runs in ascending order of their seeds.
    pub runs: Vec<&'a RunData>,
}

impl<'a> Cell<'a> {
    /// The runs that are not excluded: all but failed and cancelled ones.
    pub fn included_runs(&self) -> impl Iterator<Item = &'a RunData> {
        self.runs.iter().copied().filter(|run| is_included(run.record.state))
    }

    /// The number of runs in one of `states`.
    pub fn count(&self, states: &[RunState]) -> usize {
        self.runs.iter().filter(|run| states.contains(&run.record.state)).count()
    }

    /// Whether a run of it diverged.
    pub fn has_diverged(&self) -> bool {
        self.count(&[RunState::Diverged]) > 0
    }

    /// The settings in `axes` as text, such as `guide.segmentation = full, image.resolution = 64`.
    pub fn settings(&self) -> String {
        let parts: Vec<String> = self
            .axes
            .iter()
            .map(|(key, value)| format!("{key} = {}", value.as_deref().unwrap_or("(inactive)")))
            .collect();
        parts.join(", ")
    }
}

/// Whether a run is included in statistics. Failed and cancelled runs are only listed.
pub fn is_included(state: RunState) -> bool {
    !matches!(state, RunState::Failed | RunState::Cancelled)
}

/// The distinct runs of a cell by seed.
type BySeed<'a> = BTreeMap<(u64, RunId), &'a RunData>;

/// The cells of a report, in the order in which they were queued. A run in two experiments is included once.
pub fn cells(input: &ReportInput) -> Vec<Cell<'_>> {
    let mut grouped: BTreeMap<(&str, &str), BySeed> = BTreeMap::new();
    let mut experiments: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for run in &input.runs {
        let key = (run.record.method.as_str(), run.record.cell.as_str());
        grouped.entry(key).or_default().insert((run.record.seed, run.record.id), run);
        experiments.entry(key).or_default().insert(&run.experiment);
    }
    let mut cells: Vec<Cell> = grouped
        .into_iter()
        .map(|(key, runs)| Cell {
            method: key.0,
            id: key.1,
            label: String::new(),
            figure_label: String::new(),
            axes: Vec::new(),
            experiments: experiments.remove(&key).unwrap_or_default(),
            runs: runs.into_values().collect(),
        })
        .collect();
    cells.sort_by_key(|cell| (cell.runs.iter().map(|run| run.record.id).min(), cell.method));
    let mut methods: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        methods.entry(cell.method).or_default().push(at);
    }
    for places in methods.into_values() {
        let siblings: Vec<&Cell> = places.iter().map(|&at| &cells[at]).collect();
        let keys = differing(&siblings);
        let usual = usual_values(&siblings, &keys);
        let labels: Vec<String> = siblings.iter().map(|cell| label(cell, siblings.len(), &keys, &usual)).collect();
        for (at, label) in places.into_iter().zip(labels) {
            let settings = &cells[at].runs[0].record.settings;
            let axes = keys.iter().map(|&key| (key, settings.get(key).map(ToString::to_string))).collect();
            (cells[at].axes, cells[at].label) = (axes, label);
        }
    }
    figure_label::set_figure_labels(&mut cells);
    cells
}

fn setting<'a>(cell: &Cell<'a>, key: &str) -> Option<&'a Value> {
    cell.runs[0].record.settings.get(key)
}

/// The keys in which `siblings` differ. Of keys that divide the cells in the same way, only the first is included.
fn differing<'a>(siblings: &[&Cell<'a>]) -> Vec<&'a str> {
    let all: BTreeSet<&str> =
        siblings.iter().flat_map(|cell| cell.runs[0].record.settings.keys().map(String::as_str)).collect();
    let mut divisions: BTreeMap<&str, Vec<usize>> = all.into_iter().map(|key| (key, division(siblings, key))).collect();
    divisions.retain(|_, division| division.iter().any(|&first| first > 0));
    // A setting that has one value wherever it is active follows from those that decide where that is.
    let follows = |key: &str| {
        let mut values = siblings.iter().filter_map(|cell| setting(cell, key));
        let first = values.next();
        siblings.iter().any(|cell| setting(cell, key).is_none()) && values.all(|value| Some(value) == first)
    };
    for key in divisions.keys().copied().filter(|key| follows(key)).collect::<Vec<_>>() {
        let all = distinct(&divisions, siblings.len());
        if let Some(division) = divisions.remove(key)
            && distinct(&divisions, siblings.len()) < all
        {
            divisions.insert(key, division);
        }
    }
    let mut keys: Vec<&str> = divisions.keys().copied().collect();
    // The sections whose keys come first. Of settings that vary together, such as width and resolution, users know
    // these best.
    const KNOWN: [&str; 4] = ["guide", "image", "objective", "segment"];
    let section = |key: &str| KNOWN.iter().position(|known| key.split('.').next() == Some(known));
    // A setting that is inactive in some cells is only a consequence of one that they all have.
    let inactive = |key: &str| siblings.iter().any(|cell| setting(cell, key).is_none());
    keys.sort_by_key(|key| (inactive(key), section(key).unwrap_or(KNOWN.len()), *key));
    let mut known: BTreeSet<&Vec<usize>> = BTreeSet::new();
    keys.retain(|key| known.insert(&divisions[key]));
    keys
}

/// The number of siblings that differ in one of the `divisions`.
fn distinct(divisions: &BTreeMap<&str, Vec<usize>>, siblings: usize) -> usize {
    let places = |at: usize| divisions.values().map(|division| division[at]).collect::<Vec<usize>>();
    (0..siblings).map(places).collect::<BTreeSet<_>>().len()
}

/// For each sibling, the index of the first sibling with the same value of `key`.
fn division(siblings: &[&Cell], key: &str) -> Vec<usize> {
    let mut first: HashMap<Option<Comparable>, usize> = HashMap::new();
    let values = siblings.iter().map(|cell| setting(cell, key).map(Comparable::of));
    values.enumerate().map(|(at, value)| *first.entry(value).or_insert(at)).collect()
}

/// A value as a key of a map.
#[derive(PartialEq, Eq, Hash)]
enum Comparable<'a> {
    Flag(bool),
    Integer(i64),
    /// The bits of a number; −0 is converted to 0.
    Number(u64),
    Text(&'a str),
    List(&'a [String]),
}

impl<'a> Comparable<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Flag(flag) => Comparable::Flag(*flag),
            Value::Integer(integer) => Comparable::Integer(*integer),
            Value::Number(number) => Comparable::Number((number + 0.0).to_bits()),
            Value::Text(text) => Comparable::Text(text),
            Value::List(words) => Comparable::List(words),
        }
    }
}

/// The words that labels leave out, by key: if the cells are only a part of all combinations of their values, as those
/// of a base and its variants are, the words of the first cell.
fn usual_values<'a>(siblings: &[&Cell<'a>], keys: &[&'a str]) -> BTreeMap<&'a str, &'a str> {
    let values = |key: &&str| siblings.iter().map(|cell| setting(cell, key).map(Comparable::of)).collect::<HashSet<_>>();
    let combinations = keys.iter().map(|key| values(key).len()).fold(1usize, usize::saturating_mul);
    if combinations <= siblings.len() {
        return BTreeMap::new();
    }
    let words = keys.iter().filter_map(|&key| Some((key, setting(siblings[0], key)?.as_text()?)));
    words.collect()
}

/// The label: the method, and the values of the differing keys, without the `usual` words. A value that is not text, or
/// the word `none`, is preceded by the last word of its key.
fn label(cell: &Cell, siblings: usize, keys: &[&str], usual: &BTreeMap<&str, &str>) -> String {
    if siblings == 1 {
        return cell.method.to_owned();
    }
    if keys.is_empty() {
        // Equal settings with different data or weights: only the ids differ.
        return format!("{} · {}", cell.method, cell.id);
    }
    let word = |key: &str| key.rsplit('.').next().unwrap_or_default().replace('_', " ");
    let part = |key: &&str| match setting(cell, key) {
        Some(Value::Text(text)) if usual.get(key) == Some(&text.as_str()) => None,
        Some(Value::Text(text)) if text != "none" => Some(text.clone()),
        Some(value) => Some(format!("{} {value}", word(key))),
        None => Some(format!("no {}", word(key))),
    };
    let parts: Vec<String> = keys.iter().filter_map(part).collect();
    if parts.is_empty() { cell.method.to_owned() } else { format!("{} · {}", cell.method, parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_only_cell_of_a_method_is_labelled_with_the_method() {
        let input = fixture::input(&["A", "B"], 2);
        let cells = cells(&input);
        assert_eq!(cells.iter().map(|cell| cell.label.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(cells[0].runs.iter().map(|run| run.record.seed).collect::<Vec<_>>(), [1, 2]);
        assert!(cells[0].axes.is_empty());
    }

    #[test]
    fn cells_of_one_method_are_labelled_with_the_differing_settings() {
        let mut input = fixture::input(&["A", "A", "B"], 1);
        for (run, (segmentation, side)) in input.runs.iter_mut().zip([("full", 64), ("foreground", 128), ("full", 64)])
        {
            run.record.settings.insert("guide.segmentation".into(), Value::Text(segmentation.into()));
            run.record.settings.insert("image.resolution".into(), Value::Integer(side));
            run.record.settings.insert("generator.width".into(), Value::Integer(side));
        }
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        assert_eq!(labels, ["A · full", "A · foreground", "B"]);
        // Only the resolution differs now; the width, which varies with it, is still left out.
        for run in &mut input.runs[..2] {
            run.record.settings.insert("guide.segmentation".into(), Value::Text("full".into()));
        }
        let found = cells(&input);
        assert_eq!(found[1].label, "A · resolution 128");
        assert_eq!(found[1].settings(), "image.resolution = 128");
    }

    #[test]
    fn a_setting_that_all_cells_have_is_named_before_one_that_is_inactive_in_some() {
        let mut input = fixture::input(&["A", "A"], 1);
        for (run, kind) in input.runs.iter_mut().zip(["gan-cls", "gan-cls-int"]) {
            run.record.settings.insert("objective.kind".into(), Value::Text(kind.into()));
        }
        input.runs[1].record.settings.insert("objective.int_beta".into(), Value::Number(0.5));
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        assert_eq!(labels, ["A · gan-cls", "A · gan-cls-int"]);
    }

    #[test]
    fn variants_of_a_base_are_labelled_with_the_words_in_which_they_differ_from_it() {
        let mut input = fixture::input(&["A", "A", "A", "A", "A"], 1);
        let cells_of =
            [("full", "own", 64), ("none", "own", 64), ("full", "zero", 64), ("full", "own", 128), ("none", "zero", 64)];
        for (run, (segmentation, source, side)) in input.runs.iter_mut().zip(cells_of) {
            run.record.settings.insert("guide.segmentation".into(), Value::Text(segmentation.into()));
            run.record.settings.insert("guide.source".into(), Value::Text(source.into()));
            run.record.settings.insert("image.resolution".into(), Value::Integer(side));
        }
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        let expected = [
            "A · resolution 64",
            "A · segmentation none, resolution 64",
            "A · zero, resolution 64",
            "A · resolution 128",
            "A · segmentation none, zero, resolution 64",
        ];
        assert_eq!(labels, expected);
        // All combinations of two settings: all values are named.
        input.runs.remove(3);
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        assert_eq!(labels, ["A · full, own", "A · segmentation none, own", "A · full, zero", "A · segmentation none, zero"]);
    }

    #[test]
    fn a_setting_with_one_value_wherever_it_is_active_is_not_named() {
        let mut input = fixture::input(&["A", "A", "A"], 1);
        for (run, (segmentation, side)) in input.runs.iter_mut().zip([("full", 64), ("full", 128), ("none", 64)]) {
            run.record.settings.insert("guide.segmentation".into(), Value::Text(segmentation.into()));
            run.record.settings.insert("image.resolution".into(), Value::Integer(side));
        }
        input.runs[0].record.settings.insert("segment.style".into(), Value::Text("tint".into()));
        input.runs[1].record.settings.insert("segment.style".into(), Value::Text("tint".into()));
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        assert_eq!(labels, ["A · resolution 64", "A · resolution 128", "A · segmentation none, resolution 64"]);
        // It is named if nothing else distinguishes two cells.
        input.runs[2].record.settings.insert("guide.segmentation".into(), Value::Text("full".into()));
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        assert_eq!(labels, ["A · resolution 64", "A · resolution 128", "A · resolution 64, no style"]);
    }

    #[test]
    fn cells_are_in_queue_order_for_any_order_of_the_runs() {
        let mut input = fixture::input(&["Z", "A"], 2);
        input.runs.reverse();
        let labels: Vec<String> = cells(&input).into_iter().map(|cell| cell.label).collect();
        assert_eq!(labels, ["Z", "A"]);
    }

    #[test]
    fn a_run_in_two_experiments_is_included_once() {
        let mut input = fixture::input(&["A"], 2);
        let mut again = input.runs[0].clone();
        again.experiment = "other".into();
        input.runs.push(again);
        let cells = cells(&input);
        assert_eq!(cells[0].runs.len(), 2);
        assert_eq!(cells[0].experiments.iter().copied().collect::<Vec<_>>(), ["lab", "other"]);
    }
}

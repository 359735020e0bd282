//! Cells that are one cell: merged, or refused where that would hide something.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::axis::Axis;
use super::method::{self, Method};
use super::mistakes::Mistakes;
use crate::spec::{Kind, Setting, Value, Violation};

/// What tells a cell from others before its inputs are read: hashed settings, and the paths of what is hashed
/// by its content.
pub fn key(cell: &PlannedCell) -> String {
    let counts = |setting: &Setting| setting.hashed || matches!(setting.kind, Kind::Path);
    let values: BTreeMap<&str, &Value> = cell
        .resolved
        .iter()
        .filter(|(key, _)| Setting::find(key).is_some_and(counts))
        .map(|(key, (value, _))| (*key, value))
        .collect();
    format!("{values:?}")
}

/// The settings outside of the identity in which two cells with one identity differ.
fn differing(a: &PlannedCell, b: &PlannedCell) -> Vec<&'static str> {
    let value = |cell: &PlannedCell, key: &str| cell.resolved.get(key).map(|(value, _)| value.clone());
    a.resolved.keys().copied().filter(|key| value(a, key) != value(b, key)).collect()
}

/// One of each group of equal cells of one method, with a note; equal cells of two methods are a mistake, and so
/// are cells that differ only in what is not part of an identity.
pub fn merge(
    cells: Vec<PlannedCell>,
    methods: &[Method],
    axes: &[Axis],
    notes: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Vec<PlannedCell> {
    let mut kept: Vec<PlannedCell> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut merged: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells {
        let Some(twin) = places.get(&key(&cell)).and_then(|&place| kept.get(place)) else {
            places.insert(key(&cell), kept.len());
            kept.push(cell);
            continue;
        };
        if twin.method == cell.method {
            let keys = differing(twin, &cell);
            match keys.is_empty() {
                true => *merged.entry(cell.method).or_default() += 1,
                false => mistakes.extend(keys.into_iter().map(|key| no_axis(key, axes))),
            }
            continue;
        }
        let sound = |name: &str| method::find(methods, name).is_some_and(|method| !method.faulty);
        if sound(&twin.method) && sound(&cell.method) {
            mistakes.push(same(&twin.method, &cell.method, methods));
        }
    }
    notes.extend(merged.iter().map(|(method, count)| {
        format!(
            "{method}: {count} cell(s) merged with another, since the axis that tells them apart does not count there"
        )
    }));
    kept
}

fn same(first: &str, second: &str, methods: &[Method]) -> Violation {
    let problem = format!("{first:?} and {second:?} have the same settings");
    let help = "remove one, or let them differ in an active setting that is part of a cell's identity";
    let place = method::find(methods, second).map(|method| method.layer.place.clone()).unwrap_or_default();
    place.violation("", problem).help(help)
}

fn no_axis(key: &str, axes: &[Axis]) -> Violation {
    let said = axes.iter().flat_map(|axis| &axis.points).find_map(|point| point.get(key));
    let place = said.map(|said| said.place.clone()).unwrap_or_default();
    let problem = "is not part of a cell's identity and cannot be an axis";
    place.violation(key, problem).help("give it one value: cells that differ in nothing else are one cell")
}

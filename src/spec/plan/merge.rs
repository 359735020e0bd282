//! Equal cells: merged, or reported as a violation.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::axis::Axis;
use super::method::{self, Method};
use super::violations::Violations;
use crate::spec::{Kind, Setting, Value, Violation};

/// A text that is equal for cells with equal identity settings and equal input paths. Contents of inputs are not read.
pub fn identity_key(cell: &PlannedCell) -> String {
    let is_relevant = |setting: &Setting| setting.hashed || matches!(setting.kind, Kind::Path);
    let values: BTreeMap<&str, &Value> = cell
        .resolved
        .iter()
        .filter(|(key, _)| Setting::find(key).is_some_and(is_relevant))
        .map(|(key, (value, _))| (*key, value))
        .collect();
    format!("{values:?}")
}

/// The settings in which two cells differ.
fn differing(a: &PlannedCell, b: &PlannedCell) -> Vec<&'static str> {
    let value = |cell: &PlannedCell, key: &str| cell.resolved.get(key).map(|(value, _)| value.clone());
    a.resolved.keys().copied().filter(|key| value(a, key) != value(b, key)).collect()
}

/// Merges equal cells of one method and adds a note. Violations are equal cells of two methods, and cells that differ
/// only in settings that are not part of the identity.
pub fn merge_equal_cells(
    cells: Vec<PlannedCell>,
    methods: &[Method],
    axes: &[Axis],
    notes: &mut Vec<String>,
    violations: &mut Violations,
) -> Vec<PlannedCell> {
    let mut kept: Vec<PlannedCell> = Vec::new();
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    let mut merged: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells {
        let Some(equal) = positions.get(&identity_key(&cell)).and_then(|&position| kept.get(position)) else {
            positions.insert(identity_key(&cell), kept.len());
            kept.push(cell);
            continue;
        };
        if equal.method == cell.method {
            let keys = differing(equal, &cell);
            match keys.is_empty() {
                true => *merged.entry(cell.method).or_default() += 1,
                false => violations.extend(keys.into_iter().map(|key| not_an_axis(key, axes))),
            }
            continue;
        }
        let is_valid = |name: &str| method::find(methods, name).is_some_and(|method| !method.faulty);
        if is_valid(&equal.method) && is_valid(&cell.method) {
            violations.push(equal_methods(&equal.method, &cell.method, methods));
        }
    }
    notes.extend(merged.iter().map(|(method, count)| {
        format!("{method}: {count} cell(s) merged with an equal cell, because the settings that differ are inactive")
    }));
    kept
}

fn equal_methods(first: &str, second: &str, methods: &[Method]) -> Violation {
    let problem = format!("{first:?} and {second:?} have the same settings");
    let help = "remove one, or change an active setting that is part of a cell's identity";
    let location = method::find(methods, second).map(|method| method.layer.location.clone()).unwrap_or_default();
    location.violation("", problem).help(help)
}

fn not_an_axis(key: &str, axes: &[Axis]) -> Violation {
    let entry = axes.iter().flat_map(|axis| &axis.points).find_map(|point| point.get(key));
    let location = entry.map(|entry| entry.location.clone()).unwrap_or_default();
    let problem = "is not part of a cell's identity and cannot be an axis";
    location.violation(key, problem).help("give it one value: cells that differ only in it are the same cell")
}

//! `[[exclude]]`: removes cells of the grid.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::method::{self, Method};
use super::sections::Overrides;
use super::violations::Violations;
use crate::spec::Value;
use crate::spec::layer::{Entry, Layer, alternatives, check};

/// The conditions that a cell must match to be removed: for every key, a list of alternative values.
type Conditions = BTreeMap<String, Vec<Value>>;

/// Removes the cells that match an exclude.
///
/// An exclude, or a value in it, that matches no cell is a violation. It is only a note if the command line or the
/// environment changed the cells.
pub fn apply(
    cells: Vec<PlannedCell>,
    excludes: &[Layer],
    methods: &[Method],
    overrides: &Overrides,
    notes: &mut Vec<String>,
    violations: &mut Violations,
) -> Vec<PlannedCell> {
    let mut removed = vec![false; cells.len()];
    for layer in excludes {
        let Some(conditions) = read(layer, methods, violations) else { continue };
        let mut unmatched: Vec<(String, String)> = Vec::new();
        for (key, values) in &conditions {
            for value in
                values.iter().filter(|value| !cells.iter().any(|cell| value_of(cell, key).as_ref() == Some(*value)))
            {
                let existing = list(cells.iter().filter_map(|cell| value_of(cell, key)));
                unmatched.push((key.clone(), format!("is {value}, which no cell has; the cells have {existing}")));
            }
        }
        let matching = |cell: &PlannedCell| {
            conditions.iter().all(|(key, values)| value_of(cell, key).is_some_and(|value| values.contains(&value)))
        };
        let matched: Vec<bool> = cells.iter().map(matching).collect();
        if unmatched.is_empty() && !matched.contains(&true) {
            unmatched.push((String::new(), "matches no cell: no cell has all of these values".to_owned()));
        }
        removed.iter_mut().zip(matched).for_each(|(removed, matched)| *removed |= matched);
        // A cell that is missing because of another violation is not an error of the exclude.
        let excused = cells.is_empty() || conditions.keys().any(|key| violations.concerns(key));
        for (key, problem) in unmatched {
            let location = layer.entries.get(&key).map_or(&layer.location, |entry| &entry.location);
            let violation =
                location.violation(&key, problem).help("remove it, or change it to match the cells to exclude");
            match overrides.concern(conditions.keys()) {
                true => notes.push(violation.to_string()),
                false if excused => {}
                false => violations.push(violation),
            }
        }
    }
    cells.into_iter().zip(removed).filter(|(_, removed)| !removed).map(|(cell, _)| cell).collect()
}

/// The cell's value of `key`, if the setting is active.
fn value_of(cell: &PlannedCell, key: &str) -> Option<Value> {
    match key {
        "method" => Some(Value::Text(cell.method.clone())),
        _ => cell.resolved.get(key).map(|(value, _)| value.clone()),
    }
}

fn list(values: impl Iterator<Item = Value>) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in values.map(|value| value.to_string()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// Reads the conditions of an exclude. `None`, and violations, if it is not valid.
fn read(layer: &Layer, methods: &[Method], violations: &mut Violations) -> Option<Conditions> {
    let mut found: Vec<_> = layer.duplicate_violations().collect();
    if layer.entries.is_empty() {
        let violation = layer.location.violation("", "is empty, and would exclude every cell");
        found.push(violation.help("add a condition: \"key\" = value"));
    }
    let mut conditions = Conditions::new();
    for (key, entry) in &layer.entries {
        let mut values = Vec::new();
        for value in alternatives(key, entry) {
            let entry = Entry { value, location: entry.location.clone() };
            match key.as_str() {
                "method" => match entry.value.as_str().filter(|name| method::find(methods, name).is_some()) {
                    Some(name) => values.push(Value::Text(name.to_owned())),
                    None => {
                        let violation =
                            entry.location.violation(key, format!("is {}, which is not a method", entry.value));
                        found.push(violation.help(method::list(methods)));
                    }
                },
                _ => match check(key, &entry) {
                    Ok((_, value)) => values.push(value),
                    Err(violation) => found.push(violation),
                },
            }
        }
        conditions.insert(key.clone(), values);
    }
    let valid = found.is_empty();
    violations.extend(found);
    valid.then_some(conditions)
}

//! `[[exclude]]`: cells of the grid that are dropped.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::method::{self, Method};
use super::mistakes::Mistakes;
use super::structure::Changed;
use crate::spec::layer::{Layer, Said, checked, known};
use crate::spec::{Kind, Value};

/// What a cell must have to be dropped: for every key, one of some values.
type Conditions = BTreeMap<String, Vec<Value>>;

/// The cells that no exclude matches.
///
/// An exclude that matches nothing, or a value in one, is a mistake; a note where the command line or the
/// environment changed what there is to match.
pub fn apply(
    cells: Vec<PlannedCell>,
    excludes: &[Layer],
    methods: &[Method],
    changed: &Changed,
    notes: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Vec<PlannedCell> {
    let mut drop = vec![false; cells.len()];
    for layer in excludes {
        let Some(conditions) = read(layer, methods, mistakes) else { continue };
        let mut unmatched: Vec<(String, String)> = Vec::new();
        for (key, values) in &conditions {
            for value in values.iter().filter(|value| !cells.iter().any(|cell| of(cell, key).as_ref() == Some(*value)))
            {
                let there = list(cells.iter().filter_map(|cell| of(cell, key)));
                unmatched.push((key.clone(), format!("is {value}, which no cell has; the cells have {there}")));
            }
        }
        let matching = |cell: &PlannedCell| {
            conditions.iter().all(|(key, values)| of(cell, key).is_some_and(|value| values.contains(&value)))
        };
        let matched: Vec<bool> = cells.iter().map(matching).collect();
        if unmatched.is_empty() && !matched.contains(&true) {
            unmatched.push((String::new(), "matches no cell: no cell has all of its values".to_owned()));
        }
        drop.iter_mut().zip(matched).for_each(|(drop, matched)| *drop |= matched);
        // A cell that is missing for a mistake made elsewhere is no mistake of the exclude.
        let excused = cells.is_empty() || conditions.keys().any(|key| mistakes.touches(key));
        for (key, problem) in unmatched {
            let place = layer.said.get(&key).map_or(&layer.place, |said| &said.place);
            let violation = place.violation(&key, problem).help("drop it, or mend it to match what is to be left out");
            match changed.concerns(conditions.keys()) {
                true => notes.push(violation.to_string()),
                false if excused => {}
                false => mistakes.push(violation),
            }
        }
    }
    cells.into_iter().zip(drop).filter(|(_, drop)| !drop).map(|(cell, _)| cell).collect()
}

/// The cell's value of `key`, if it counts there.
fn of(cell: &PlannedCell, key: &str) -> Option<Value> {
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

/// The conditions of an exclude, or nothing and its mistakes.
fn read(layer: &Layer, methods: &[Method], mistakes: &mut Mistakes) -> Option<Conditions> {
    let mut violations: Vec<_> = layer.doubled().collect();
    if layer.said.is_empty() {
        let violation = layer.place.violation("", "holds no key, and would drop every cell");
        violations.push(violation.help("name what is to be left out: \"key\" = value"));
    }
    let mut conditions = Conditions::new();
    for (key, said) in &layer.said {
        let mut values = Vec::new();
        for value in alternatives(key, said) {
            let said = Said { value, place: said.place.clone() };
            match key.as_str() {
                "method" => match said.value.as_str().filter(|name| method::find(methods, name).is_some()) {
                    Some(name) => values.push(Value::Text(name.to_owned())),
                    None => {
                        let violation = said.place.violation(key, format!("names {}, which is no method", said.value));
                        violations.push(violation.help(method::list(methods)));
                    }
                },
                _ => match checked(key, &said) {
                    Ok((_, value)) => values.push(value),
                    Err(violation) => violations.push(violation),
                },
            }
        }
        conditions.insert(key.clone(), values);
    }
    let sound = violations.is_empty();
    mistakes.extend(violations);
    sound.then_some(conditions)
}

/// A list means any of its values, except where a value is itself a list.
fn alternatives(key: &str, said: &Said) -> Vec<toml::Value> {
    let words = known(key, &said.place).is_ok_and(|setting| matches!(setting.kind, Kind::Subset(_)));
    match &said.value {
        toml::Value::Array(values) if !words && !values.is_empty() => values.clone(),
        value => vec![value.clone()],
    }
}

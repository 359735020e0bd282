//! Axes: keys of `[grid]`, each on its own, and the keys of a `[[zip]]`, which move together.

use std::collections::{BTreeMap, BTreeSet};

use super::method::{self, Method};
use super::mistakes::Mistakes;
use crate::spec::layer::{Layer, Said, checked};
use crate::spec::place::{Part, Place};

/// One point of an axis: a value of each of its keys.
pub type Point = BTreeMap<String, Said>;

/// One axis of the experiment.
pub struct Axis {
    /// Its keys; `method` is one like others.
    pub keys: BTreeSet<String>,
    /// Its points, in the order of the file.
    pub points: Vec<Point>,
}

/// The axes of `[grid]`.
pub fn grid(layer: &Layer, methods: &[Method], mistakes: &mut Mistakes) -> Vec<Axis> {
    mistakes.extend(layer.doubled());
    let mut axes = Vec::new();
    for (key, said) in &layer.said {
        let Some(values) = values(key, said, mistakes) else { continue };
        let mut seen: Vec<&toml::Value> = Vec::new();
        let mut points = Vec::new();
        for value in values {
            if seen.contains(&value) {
                let violation = said.place.violation(key, format!("lists {value} twice"));
                mistakes.push(violation.help("list each value once"));
            } else if let Some(said) = value_of(key, value, &said.place, methods, mistakes) {
                points.push(Point::from([(key.clone(), said)]));
            }
            seen.push(value);
        }
        // An axis of which nothing is left would leave no cell to find other mistakes in.
        if !points.is_empty() {
            axes.push(Axis { keys: BTreeSet::from([key.clone()]), points });
        }
    }
    axes
}

/// One axis for each `[[zip]]`.
pub fn zips(layers: &[Layer], methods: &[Method], mistakes: &mut Mistakes) -> Vec<Axis> {
    layers.iter().filter_map(|layer| zip(layer, methods, mistakes)).collect()
}

fn zip(layer: &Layer, methods: &[Method], mistakes: &mut Mistakes) -> Option<Axis> {
    mistakes.extend(layer.doubled());
    let mut columns: BTreeMap<&String, (&Vec<toml::Value>, &Said)> = BTreeMap::new();
    for (key, said) in &layer.said {
        let values = values(key, said, mistakes)?;
        columns.insert(key, (values, said));
    }
    let lengths: BTreeSet<usize> = columns.values().map(|(values, _)| values.len()).collect();
    if lengths.len() != 1 {
        let listed: Vec<String> = columns.iter().map(|(key, (values, _))| format!("{key} {}", values.len())).collect();
        let problem = match listed.is_empty() {
            true => "holds no key".to_owned(),
            false => format!("holds lists of different lengths: {}", listed.join(", ")),
        };
        let violation = layer.place.violation("", problem);
        mistakes
            .push(violation.help("keys that move together have as many values each: \"a\" = [1, 2], \"b\" = [3, 4]"));
        return None;
    }
    let length = lengths.first().copied().unwrap_or(0);
    let rows: Vec<Vec<&toml::Value>> =
        (0..length).map(|i| columns.values().filter_map(|(values, _)| values.get(i)).collect()).collect();
    let mut points = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        if rows[..i].contains(row) {
            let violation = layer.place.violation("", format!("holds its values number {} twice", i + 1));
            mistakes.push(violation.help("let every position of the lists be another combination"));
        }
        let point = columns.iter().zip(row).filter_map(|((key, (_, said)), value)| {
            Some(((*key).clone(), value_of(key, value, &said.place, methods, mistakes)?))
        });
        let point: Point = point.collect();
        if point.len() == columns.len() {
            points.push(point);
        }
    }
    (!points.is_empty()).then(|| Axis { keys: columns.into_keys().cloned().collect(), points })
}

/// The values of an axis: a list of at least one.
fn values<'a>(key: &str, said: &'a Said, mistakes: &mut Mistakes) -> Option<&'a Vec<toml::Value>> {
    let listed = said.value.as_array().filter(|values| !values.is_empty());
    if listed.is_none() {
        let violation = said.place.violation(key, "must be a list of at least one value");
        mistakes.push(violation.help(format!("write \"{key}\" = [a, b]")));
    }
    listed
}

/// One value of an axis, or nothing and a mistake.
fn value_of(
    key: &str,
    value: &toml::Value,
    place: &Place,
    methods: &[Method],
    mistakes: &mut Mistakes,
) -> Option<Said> {
    let said = Said { value: value.clone(), place: place.clone() };
    if key != "method" {
        return match checked(key, &said) {
            Ok(_) => Some(said),
            Err(violation) => {
                mistakes.push(violation);
                None
            }
        };
    }
    if value.as_str().is_some_and(|name| method::find(methods, name).is_some_and(|method| method.named)) {
        return Some(said);
    }
    let violation = place.violation("method", format!("names {value}, which is no method"));
    mistakes.push(violation.help(method::list(methods)));
    None
}

/// Puts the axes in the order in which cells vary, the slowest first, and adds that of the methods if there is none.
pub fn order(axes: &mut Vec<Axis>, methods: &[Method]) {
    if !axes.iter().any(|axis| axis.keys.contains("method")) {
        let place = Place { origin: String::new(), line: None, part: Part::Grid };
        let point = |method: &Method| {
            let said = Said { value: toml::Value::String(method.name.clone()), place: place.clone() };
            Point::from([("method".to_owned(), said)])
        };
        axes.push(Axis { keys: BTreeSet::from(["method".to_owned()]), points: methods.iter().map(point).collect() });
    }
    // Methods vary slowest: a table of cells then reads method by method.
    axes.sort_by_key(|axis| (!axis.keys.contains("method"), axis.keys.clone()));
}

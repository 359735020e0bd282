//! Axes: each key of `[grid]`, and all keys of a `[[zip]]` together.

use std::collections::{BTreeMap, BTreeSet};

use super::method::{self, Method};
use super::violations::Violations;
use crate::spec::layer::{Entry, Layer, check};
use crate::spec::location::{Location, Section};

/// A point of an axis: one value for each of its keys.
pub type Point = BTreeMap<String, Entry>;

/// An axis of the experiment.
pub struct Axis {
    /// The keys: settings, or `method`.
    pub keys: BTreeSet<String>,
    /// The points, in the order of the file.
    pub points: Vec<Point>,
}

/// The axes of `[grid]`.
pub fn grid(layer: &Layer, methods: &[Method], violations: &mut Violations) -> Vec<Axis> {
    violations.extend(layer.duplicate_violations());
    let mut axes = Vec::new();
    for (key, entry) in &layer.entries {
        let Some(values) = values(key, entry, violations) else { continue };
        let mut seen: Vec<&toml::Value> = Vec::new();
        let mut points = Vec::new();
        for value in values {
            if seen.contains(&value) {
                let violation = entry.location.violation(key, format!("lists {value} twice"));
                violations.push(violation.help("list each value once"));
            } else if let Some(entry) = value_of(key, value, &entry.location, methods, violations) {
                points.push(Point::from([(key.clone(), entry)]));
            }
            seen.push(value);
        }
        // An axis without points would leave no cells in which to find other errors.
        if !points.is_empty() {
            axes.push(Axis { keys: BTreeSet::from([key.clone()]), points });
        }
    }
    axes
}

/// One axis for each `[[zip]]`.
pub fn zips(layers: &[Layer], methods: &[Method], violations: &mut Violations) -> Vec<Axis> {
    layers.iter().filter_map(|layer| zip(layer, methods, violations)).collect()
}

fn zip(layer: &Layer, methods: &[Method], violations: &mut Violations) -> Option<Axis> {
    violations.extend(layer.duplicate_violations());
    let mut columns: BTreeMap<&String, (&Vec<toml::Value>, &Entry)> = BTreeMap::new();
    for (key, entry) in &layer.entries {
        let values = values(key, entry, violations)?;
        columns.insert(key, (values, entry));
    }
    let lengths: BTreeSet<usize> = columns.values().map(|(values, _)| values.len()).collect();
    if lengths.len() != 1 {
        let listed: Vec<String> =
            columns.iter().map(|(key, (values, _))| format!("{key} ({})", values.len())).collect();
        let problem = match listed.is_empty() {
            true => "is empty".to_owned(),
            false => format!("has lists of different lengths: {}", listed.join(", ")),
        };
        let violation = layer.location.violation("", problem);
        violations.push(violation.help("give every key the same number of values: \"a\" = [1, 2], \"b\" = [3, 4]"));
        return None;
    }
    let length = lengths.first().copied().unwrap_or(0);
    let rows: Vec<Vec<&toml::Value>> =
        (0..length).map(|i| columns.values().filter_map(|(values, _)| values.get(i)).collect()).collect();
    let mut points = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        if rows[..i].contains(row) {
            let violation =
                layer.location.violation("", format!("repeats a combination of values at position {}", i + 1));
            violations.push(violation.help("remove this position from every list"));
        }
        let point = columns.iter().zip(row).filter_map(|((key, (_, entry)), value)| {
            Some(((*key).clone(), value_of(key, value, &entry.location, methods, violations)?))
        });
        let point: Point = point.collect();
        if point.len() == columns.len() {
            points.push(point);
        }
    }
    (!points.is_empty()).then(|| Axis { keys: columns.into_keys().cloned().collect(), points })
}

/// The values of an axis, which must be a list of at least one.
fn values<'a>(key: &str, entry: &'a Entry, violations: &mut Violations) -> Option<&'a Vec<toml::Value>> {
    let listed = entry.value.as_array().filter(|values| !values.is_empty());
    if listed.is_none() {
        let violation = entry.location.violation(key, "must be a list of at least one value");
        violations.push(violation.help(format!("write \"{key}\" = [a, b]")));
    }
    listed
}

/// Checks one value of an axis. `None`, and a violation, if it is not allowed.
fn value_of(
    key: &str,
    value: &toml::Value,
    location: &Location,
    methods: &[Method],
    violations: &mut Violations,
) -> Option<Entry> {
    let entry = Entry { value: value.clone(), location: location.clone() };
    if key != "method" {
        return match check(key, &entry) {
            Ok(_) => Some(entry),
            Err(violation) => {
                violations.push(violation);
                None
            }
        };
    }
    if value.as_str().is_some_and(|name| method::find(methods, name).is_some_and(|method| method.named)) {
        return Some(entry);
    }
    let violation = location.violation("method", format!("contains {value}, which is not a method"));
    violations.push(violation.help(method::list(methods)));
    None
}

/// Sorts the axes, the slowest-varying first, and adds an axis of all methods if no axis contains `method`.
pub fn order(axes: &mut Vec<Axis>, methods: &[Method]) {
    if !axes.iter().any(|axis| axis.keys.contains("method")) {
        let location = Location { origin: String::new(), line: None, section: Section::Grid };
        let point = |method: &Method| {
            let entry = Entry { value: toml::Value::String(method.name.clone()), location: location.clone() };
            Point::from([("method".to_owned(), entry)])
        };
        axes.push(Axis { keys: BTreeSet::from(["method".to_owned()]), points: methods.iter().map(point).collect() });
    }
    // Methods vary slowest, so that the cells of a method are adjacent in tables.
    axes.sort_by_key(|axis| (!axis.keys.contains("method"), axis.keys.clone()));
}

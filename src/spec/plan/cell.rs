//! Cells: every combination of the axes' points, with the shared settings.

use std::collections::{BTreeMap, BTreeSet};

use super::axis::{Axis, Point};
use super::method::{self, Method};
use super::violations::Violations;
use crate::spec::layer::{Entry, Resolved, Stack};
use crate::spec::{SETTINGS, Value};

/// Maximum number of cells. A larger grid is most likely a mistake and would use too much memory.
const MAX_CELLS: usize = 100_000;

/// One combination of method and settings: a point of the grid, or an include.
#[derive(Clone, Debug)]
pub struct PlannedCell {
    /// The name of the method, or of the experiment if it has no methods.
    pub method: String,
    /// The values of every key that an axis or an include sets, except the method.
    pub axes: BTreeMap<String, Value>,
    /// Every active setting with its origin.
    pub resolved: Resolved,
}

impl PlannedCell {
    /// A cell with the settings of `base`, of `method` and of the cell itself (`own`), in increasing precedence.
    pub fn new<'a>(
        base: &Stack,
        method: &Method,
        own: impl IntoIterator<Item = (&'a String, &'a Entry)> + Clone,
    ) -> Self {
        let resolved = base.clone().with(&method.layer.entries).with(own.clone()).resolve();
        let axes = own.into_iter().filter_map(|(key, _)| {
            let (value, _) = resolved.get(key.as_str())?;
            Some((key.clone(), value.clone()))
        });
        Self { method: method.name.clone(), axes: axes.collect(), resolved }
    }

    /// The settings in the cell's identity: active, hashed, and different from the built-in default.
    pub fn identity(&self) -> BTreeMap<&'static str, Value> {
        SETTINGS
            .iter()
            .filter(|setting| setting.hashed)
            .filter_map(|setting| {
                let (value, _) = self.resolved.get(setting.key)?;
                (*value != setting.default_value()).then(|| (setting.key, value.clone()))
            })
            .collect()
    }
}

/// The cells of the grid. The first axis contains the methods; the last axis varies fastest.
pub fn grid(base: &Stack, methods: &[Method], axes: &[Axis], violations: &mut Violations) -> Vec<PlannedCell> {
    let count = axes.iter().try_fold(1usize, |count, axis| count.checked_mul(axis.points.len()));
    if count.is_none_or(|count| count > MAX_CELLS) {
        let listed: Vec<String> = axes.iter().map(|axis| axis.points.len().to_string()).collect();
        let problem = format!("has {} cells, more than {MAX_CELLS}", listed.join(" x "));
        let mut location =
            axes.iter().flat_map(|axis| &axis.points).flat_map(Point::values).map(|entry| &entry.location);
        if let Some(location) = location.next_back() {
            violations.push(location.violation("", problem).help("remove values, or combine keys in a [[zip]]"));
        }
        return Vec::new();
    }
    let mut points: Vec<Point> = vec![Point::new()];
    for axis in axes {
        let extended = |point: &Point| {
            let point = point.clone();
            axis.points.iter().map(move |more| point.clone().into_iter().chain(more.clone()).collect())
        };
        points = points.iter().flat_map(extended).collect();
    }
    let cell = |mut point: Point| {
        let name = point.remove("method")?;
        let method = method::find(methods, name.value.as_str()?)?;
        Some(PlannedCell::new(base, method, &point))
    };
    points.into_iter().filter_map(cell).collect()
}

/// Gives every cell its value of every key of an axis or of an include, so that all cells have the same keys.
pub fn fill_axes(cells: &mut [PlannedCell], axes: &[Axis]) {
    let own = cells.iter().flat_map(|cell| cell.axes.keys());
    let keys: BTreeSet<String> = axes.iter().flat_map(|axis| &axis.keys).chain(own).cloned().collect();
    for cell in cells {
        let value = |key: &String| Some((key.clone(), cell.resolved.get(key.as_str())?.0.clone()));
        cell.axes = keys.iter().filter_map(value).collect();
    }
}

/// Adds a note for each method without cells.
pub fn note_unused_methods(methods: &[Method], cells: &[PlannedCell], notes: &mut Vec<String>) {
    for method in methods.iter().filter(|method| cells.iter().all(|cell| cell.method != method.name)) {
        notes.push(format!("{}: no cell has this method", method.name));
    }
}

//! Cells: every combination of the axes' points, over the settings that they share.

use std::collections::{BTreeMap, BTreeSet};

use super::axis::{Axis, Point};
use super::method::{self, Method};
use super::mistakes::Mistakes;
use crate::spec::layer::{Resolved, Said, Stack};
use crate::spec::{SETTINGS, Setting, Value};

/// More cells than anybody trains; beyond it lies a typing mistake that would eat the memory.
const MOST: usize = 100_000;

/// One point of the grid, or an included one.
#[derive(Clone, Debug)]
pub struct PlannedCell {
    /// The method's label; the experiment's name when it names no methods.
    pub method: String,
    /// The values here of every key that an axis or an include sets, without the method.
    pub axes: BTreeMap<String, Value>,
    /// Every active setting and where it came from.
    pub resolved: Resolved,
}

impl PlannedCell {
    /// A cell of `method` with `own` settings over `base`.
    pub fn new<'a>(
        base: &Stack,
        method: &Method,
        own: impl IntoIterator<Item = (&'a String, &'a Said)> + Clone,
    ) -> Self {
        let resolved = base.clone().with(&method.layer.said).with(own.clone()).resolve();
        let axes = own.into_iter().filter_map(|(key, _)| {
            let (value, _) = resolved.get(key.as_str())?;
            Some((key.clone(), value.clone()))
        });
        Self { method: method.name.clone(), axes: axes.collect(), resolved }
    }

    /// The settings that the cell's identity is made of: active, hashed and not the built-in default.
    pub fn identity(&self) -> BTreeMap<&'static str, Value> {
        let distinct = |setting: &&Setting| setting.hashed;
        SETTINGS
            .iter()
            .filter(distinct)
            .filter_map(|setting| {
                let (value, _) = self.resolved.get(setting.key)?;
                (*value != setting.default_value()).then(|| (setting.key, value.clone()))
            })
            .collect()
    }
}

/// The cells of the grid, the last axis varying fastest. The first axis holds the methods.
pub fn grid(base: &Stack, methods: &[Method], axes: &[Axis], mistakes: &mut Mistakes) -> Vec<PlannedCell> {
    let count = axes.iter().try_fold(1usize, |count, axis| count.checked_mul(axis.points.len()));
    if count.is_none_or(|count| count > MOST) {
        let listed: Vec<String> = axes.iter().map(|axis| axis.points.len().to_string()).collect();
        let problem = format!("spans {} cells, more than {MOST}", listed.join(" x "));
        let mut place = axes.iter().flat_map(|axis| &axis.points).flat_map(Point::values).map(|said| &said.place);
        if let Some(place) = place.next_back() {
            mistakes.push(place.violation("", problem).help("keys that belong together move together in a [[zip]]"));
        }
        return Vec::new();
    }
    let mut points: Vec<Point> = vec![Point::new()];
    for axis in axes {
        let longer = |point: &Point| {
            let point = point.clone();
            axis.points.iter().map(move |more| point.clone().into_iter().chain(more.clone()).collect())
        };
        points = points.iter().flat_map(longer).collect();
    }
    let cell = |mut point: Point| {
        let name = point.remove("method")?;
        let method = method::find(methods, name.value.as_str()?)?;
        Some(PlannedCell::new(base, method, &point))
    };
    points.into_iter().filter_map(cell).collect()
}

/// Lets every cell name its value of every key that tells cells apart, an included cell's base values among them.
pub fn name_axes(cells: &mut [PlannedCell], axes: &[Axis]) {
    let own = cells.iter().flat_map(|cell| cell.axes.keys());
    let keys: BTreeSet<String> = axes.iter().flat_map(|axis| &axis.keys).chain(own).cloned().collect();
    for cell in cells {
        let value = |key: &String| Some((key.clone(), cell.resolved.get(key.as_str())?.0.clone()));
        cell.axes = keys.iter().filter_map(value).collect();
    }
}

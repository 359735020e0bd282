//! From an experiment as written to the cells it means, or to everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use super::file::ExperimentSpec;
use super::layer::{Layer, Resolved, checked, flatten, resolve};
use super::setting::{SETTINGS, Setting};
use super::{SpecError, Value, Violation};

/// Keys at the top of an experiment file that are no settings.
const STRUCTURE: [&str; 5] = ["name", "title", "seeds", "method", "grid"];

/// A checked experiment: its grid of cells, times its seeds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The experiment's name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The title that reports carry.
    pub title: String,
    /// The seeds, each a run of every cell.
    pub seeds: Vec<u64>,
    /// The cells, in the order of the grid, methods first.
    pub cells: Vec<PlannedCell>,
    /// What a reader of the plan should know: merged cells and the like.
    pub notes: Vec<String>,
    /// Where the experiment was read from.
    pub origin: String,
    /// The file's text.
    pub text: String,
}

/// One point of the grid.
#[derive(Clone, Debug)]
pub struct PlannedCell {
    /// The method's label; the experiment's name when it names no methods.
    pub method: String,
    /// The values of the grid's axes here, without the method.
    pub axes: BTreeMap<String, Value>,
    /// Every active setting and where it came from.
    pub resolved: Resolved,
}

impl PlannedCell {
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

impl Plan {
    /// Checks an experiment and lays out its grid.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, sorted.
    pub fn new(spec: ExperimentSpec) -> Result<Self, SpecError> {
        let mut draft = Draft::new(spec);
        let name = draft.name();
        let title = draft.title(&name);
        let seeds = draft.seeds();
        let layers = draft.layers();
        let methods = draft.methods(&name);
        let axes = draft.axes(&methods);
        draft.conflicts(&methods, &axes);
        if !draft.violations.is_empty() {
            return Err(draft.into_error());
        }
        let (cells, notes) = draft.cells(&layers, &methods, &axes);
        if !draft.violations.is_empty() {
            return Err(draft.into_error());
        }
        Ok(Self { name, title, seeds, cells, notes, origin: draft.origin, text: draft.text })
    }

    /// How many runs the plan means.
    pub fn runs(&self) -> usize {
        self.cells.len() * self.seeds.len()
    }
}

struct Method {
    name: String,
    layer: Layer,
}

struct Axis {
    key: String,
    values: Vec<toml::Value>,
}

/// An experiment on its way to a plan.
struct Draft {
    origin: String,
    stem: String,
    text: String,
    table: toml::Table,
    base: Option<Layer>,
    environment: Vec<Layer>,
    command_line: Layer,
    violations: Vec<Violation>,
}

impl Draft {
    fn new(spec: ExperimentSpec) -> Self {
        let ExperimentSpec { origin, stem, text, mut table, base, environment, sets, mut violations } = spec;
        let mut command_line = toml::Table::new();
        for (path, value) in sets {
            let structural = path.first().is_some_and(|head| STRUCTURE.contains(&head.as_str()));
            if !structural {
                command_line.insert(path.join("."), value);
            } else if !assign_structure(&mut table, &path, value) {
                let violation = Violation::new("--set", path.join("."), "names a part of what has no parts");
                violations.push(violation.help("set the whole of it, or an axis below `grid`"));
            }
        }
        let command_line = Layer::new("--set", &command_line);
        violations.extend(command_line.violations());
        let draft = Self { origin, stem, text, table, base, environment, command_line, violations };
        draft.with_base_checked()
    }

    fn with_base_checked(mut self) -> Self {
        let Some(base) = &self.base else { return self };
        for key in base.values.keys() {
            let head = key.split('.').next().unwrap_or_default();
            if STRUCTURE.contains(&head) {
                let problem = "belongs to an experiment, not to a base file";
                self.violations.retain(|violation| violation.origin != base.origin || violation.key != *key);
                self.violations.push(Violation::new(&base.origin, key, problem));
            }
        }
        self
    }

    fn violate(&mut self, key: &str, problem: impl Into<String>, help: &str) {
        self.violations.push(Violation::new(&self.origin, key, problem).help(help));
    }

    fn name(&mut self) -> String {
        let name = match self.table.get("name") {
            None => self.stem.clone(),
            Some(toml::Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
        };
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(allowed) {
            self.violate("name", format!("is {name:?}"), "use lower-case letters, digits and hyphens");
        }
        name
    }

    fn title(&mut self, name: &str) -> String {
        match self.table.get("title") {
            None => name.to_owned(),
            Some(toml::Value::String(title)) => title.clone(),
            Some(other) => {
                let problem = format!("holds {}, but must be text", other.type_str());
                self.violate("title", problem, "write title = \"...\"");
                name.to_owned()
            }
        }
    }

    fn seeds(&mut self) -> Vec<u64> {
        let listed = match self.table.get("seeds") {
            None => return vec![1],
            Some(toml::Value::Array(seeds)) => {
                seeds.iter().map(|seed| seed.as_integer().and_then(|seed| u64::try_from(seed).ok())).collect()
            }
            Some(_) => None,
        };
        let seeds: Vec<u64> = listed.unwrap_or_default();
        if seeds.is_empty() || seeds.iter().collect::<BTreeSet<_>>().len() != seeds.len() {
            let problem = "must list different whole numbers from 0, at least one";
            self.violate("seeds", problem, "write seeds = [1, 2, 3]");
        }
        seeds
    }

    /// The layers below methods and axes, the lowest first.
    fn layers(&mut self) -> Vec<Layer> {
        let mut settings = self.table.clone();
        settings.retain(|key, _| !STRUCTURE.contains(&key));
        let file = Layer::new(&self.origin, &settings);
        self.violations.extend(file.violations());
        let base = self.base.clone().into_iter();
        let environment = self.environment.clone();
        base.chain([file]).chain(environment).chain([self.command_line.clone()]).collect()
    }

    fn methods(&mut self, experiment: &str) -> Vec<Method> {
        let Some(listed) = self.table.get("method").cloned() else {
            return vec![Method { name: experiment.to_owned(), layer: Layer::new("", &toml::Table::new()) }];
        };
        let tables: Option<Vec<toml::Table>> =
            listed.as_array().and_then(|list| list.iter().map(|method| method.as_table().cloned()).collect());
        let Some(tables) = tables else {
            self.violate("method", "is no list of tables", "start each method with [[method]]");
            return Vec::new();
        };
        let mut methods: Vec<Method> = Vec::new();
        for mut table in tables {
            let name = match table.remove("name") {
                Some(toml::Value::String(name)) if !name.trim().is_empty() => name,
                _ => {
                    self.violate("method.name", "is missing", "give every [[method]] a name = \"...\"");
                    continue;
                }
            };
            if methods.iter().any(|method| method.name == name) {
                self.violate("method.name", format!("{name:?} is given twice"), "give every [[method]] its own name");
            }
            let layer = Layer::new(format!("{}, method {name:?}", self.origin), &table);
            self.violations.extend(layer.violations());
            methods.push(Method { name, layer });
        }
        methods
    }

    fn axes(&mut self, methods: &[Method]) -> Vec<Axis> {
        let grid = match self.table.get("grid").cloned() {
            None => toml::Table::new(),
            Some(toml::Value::Table(grid)) => grid,
            Some(other) => {
                let problem = format!("holds {}, but must be a table", other.type_str());
                self.violate("grid", problem, "write [grid] and one list of values a line");
                return Vec::new();
            }
        };
        let mut flat = BTreeMap::new();
        flatten("", &grid, &mut flat);
        let mut axes = Vec::new();
        for (key, value) in flat {
            match value {
                toml::Value::Array(values) if !values.is_empty() => {
                    self.check_axis(&key, &values, methods);
                    axes.push(Axis { key, values });
                }
                _ => self.violate(
                    &format!("grid.{key}"),
                    "must be a list of at least one value",
                    "write \"key\" = [a, b]",
                ),
            }
        }
        if !axes.iter().any(|axis| axis.key == "method") {
            let values = methods.iter().map(|method| toml::Value::String(method.name.clone())).collect();
            axes.push(Axis { key: "method".to_owned(), values });
        }
        // Methods vary slowest: a table of cells then reads method by method.
        axes.sort_by_key(|axis| (axis.key != "method", axis.key.clone()));
        axes
    }

    fn check_axis(&mut self, key: &str, values: &[toml::Value], methods: &[Method]) {
        let mut seen = Vec::new();
        for value in values {
            if seen.contains(&value) {
                self.violate(&format!("grid.{key}"), format!("lists {value} twice"), "list each value once");
            }
            seen.push(value);
            if key != "method" {
                if let Err(violation) = checked(&self.origin, key, value) {
                    self.violations.push(Violation { key: format!("grid.{key}"), ..violation });
                }
                continue;
            }
            let known: Vec<&str> = methods.iter().map(|method| method.name.as_str()).collect();
            if !value.as_str().is_some_and(|name| known.contains(&name)) {
                let help = format!("the methods of this file: {}", known.join(", "));
                self.violate("grid.method", format!("names {value}, which is no method"), &help);
            }
        }
    }

    /// A key may be set by one method or by one axis; `--set` on such a key would be overruled in silence.
    fn conflicts(&mut self, methods: &[Method], axes: &[Axis]) {
        let by_method: BTreeSet<&String> = methods.iter().flat_map(|method| method.layer.values.keys()).collect();
        for axis in axes {
            if by_method.contains(&axis.key) {
                let problem = "is an axis of the grid and also set by a method";
                self.violate(&axis.key, problem, "leave it to one of the two");
            }
        }
        for key in self.command_line.values.keys().cloned().collect::<Vec<_>>() {
            let help = if axes.iter().any(|axis| axis.key == key) {
                format!("change the axis: --set 'grid.\"{key}\"=[...]'")
            } else if by_method.contains(&key) {
                "change it in the [[method]] that sets it".to_owned()
            } else {
                continue;
            };
            let problem = "is set by the grid or a method, which would overrule it";
            self.violations.push(Violation::new("--set", key, problem).help(help));
        }
    }

    fn cells(&mut self, layers: &[Layer], methods: &[Method], axes: &[Axis]) -> (Vec<PlannedCell>, Vec<String>) {
        let mut cells: Vec<PlannedCell> = Vec::new();
        let mut merged: BTreeMap<String, usize> = BTreeMap::new();
        for point in points(axes) {
            let cell = self.cell(layers, methods, &point);
            match cells.iter().find(|other| other.resolved_values() == cell.resolved_values()) {
                None => cells.push(cell),
                Some(twin) if twin.method == cell.method => *merged.entry(cell.method).or_default() += 1,
                Some(twin) => {
                    let problem = format!("{:?} and {:?} have the same settings", twin.method, cell.method);
                    self.violate("method", problem, "remove one, or let them differ in an active setting");
                }
            }
        }
        let notes = merged.iter().map(|(method, count)| {
            format!("{method}: {count} cell(s) merged with another, since the axis that tells them apart does not count there")
        });
        (cells, notes.collect())
    }

    fn cell(&self, layers: &[Layer], methods: &[Method], point: &[(&str, &toml::Value)]) -> PlannedCell {
        let name = point.iter().find(|(key, _)| *key == "method").and_then(|(_, value)| value.as_str());
        let method = methods.iter().find(|method| Some(method.name.as_str()) == name);
        let axis_values: BTreeMap<String, toml::Value> = point
            .iter()
            .filter(|(key, _)| *key != "method")
            .map(|(key, value)| ((*key).to_owned(), (*value).clone()))
            .collect();
        let axis_layer = Layer { origin: format!("{}, [grid]", self.origin), values: axis_values };
        let mut all = layers.to_vec();
        all.extend(method.map(|method| method.layer.clone()));
        all.push(axis_layer.clone());
        let resolved = resolve(&all);
        let axes = axis_layer.values.keys().filter_map(|key| {
            let (value, _) = resolved.get(key.as_str())?;
            Some((key.clone(), value.clone()))
        });
        PlannedCell { method: name.unwrap_or_default().to_owned(), axes: axes.collect(), resolved }
    }

    fn into_error(mut self) -> SpecError {
        self.violations.sort();
        self.violations.dedup();
        SpecError::Violations(self.violations)
    }
}

impl PlannedCell {
    fn resolved_values(&self) -> BTreeMap<&'static str, &Value> {
        self.resolved.iter().map(|(key, (value, _))| (*key, value)).collect()
    }
}

/// Sets a part of the experiment's structure; false when the path goes below what is no table.
fn assign_structure(table: &mut toml::Table, path: &[String], value: toml::Value) -> bool {
    match path {
        [] => false,
        [key] => {
            table.insert(key.clone(), value);
            true
        }
        // Below `grid`, the rest of the path is one dotted key, whatever its spelling in the file.
        [head, rest @ ..] => {
            let empty = || toml::Value::Table(toml::Table::new());
            let toml::Value::Table(inner) = table.entry(head.clone()).or_insert_with(empty) else { return false };
            let mut flat = BTreeMap::new();
            flatten("", inner, &mut flat);
            flat.insert(rest.join("."), value);
            *inner = flat.into_iter().collect();
            true
        }
    }
}

/// Every combination of the axes' values, the last axis varying fastest.
fn points(axes: &[Axis]) -> Vec<Vec<(&str, &toml::Value)>> {
    let mut points = vec![Vec::new()];
    for axis in axes {
        points = points
            .into_iter()
            .flat_map(|point| {
                axis.values.iter().map(move |value| {
                    let mut longer = point.clone();
                    longer.push((axis.key.as_str(), value));
                    longer
                })
            })
            .collect();
    }
    points
}

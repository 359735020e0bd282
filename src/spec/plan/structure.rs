//! The parts of an experiment, each flattened to dotted keys, with what `--set` changes about them.

use std::collections::BTreeSet;

use super::head::Head;
use super::mistakes::Mistakes;
use crate::spec::Violation;
use crate::spec::file::ExperimentSpec;
use crate::spec::layer::{Layer, Said};
use crate::spec::place::{Lines, Part, Place};

/// Keys at the top of an experiment file that are no settings.
pub const STRUCTURE: [&str; 8] = ["name", "title", "seeds", "method", "grid", "zip", "exclude", "include"];

/// Parts that are lists of tables.
const LISTS: [&str; 4] = ["method", "zip", "exclude", "include"];

/// The layers below methods and axes.
pub struct Lower {
    base: Layer,
    file: Layer,
    environment: Vec<Layer>,
    /// What `--set` says of settings.
    pub command_line: Layer,
}

impl Lower {
    /// The lowest first.
    pub fn in_order(&self) -> impl Iterator<Item = &Layer> {
        [&self.base, &self.file].into_iter().chain(&self.environment).chain([&self.command_line])
    }
}

/// An experiment taken apart.
pub struct Structure {
    /// `name`, `title` and `seeds`.
    pub head: Head,
    /// Settings outside of methods and axes.
    pub lower: Lower,
    /// One layer a `[[method]]`, its `name` among the keys.
    pub methods: Vec<Layer>,
    /// The axes of `[grid]`.
    pub grid: Layer,
    /// One layer a `[[zip]]`.
    pub zips: Vec<Layer>,
    /// One layer an `[[exclude]]`.
    pub excludes: Vec<Layer>,
    /// One layer an `[[include]]`.
    pub includes: Vec<Layer>,
    /// What the command line and the environment change.
    pub changed: Changed,
}

/// What the command line and the environment change about an experiment.
pub struct Changed {
    /// Whether methods or axes.
    axes: bool,
    /// Which settings.
    keys: BTreeSet<String>,
}

impl Changed {
    /// Whether cells may have other values of `keys` than the file means.
    pub fn concerns<'a>(&self, mut keys: impl Iterator<Item = &'a String>) -> bool {
        self.axes || keys.any(|key| self.keys.contains(key))
    }
}

impl Structure {
    /// Takes an experiment apart.
    pub fn new(spec: &ExperimentSpec, mistakes: &mut Mistakes) -> Self {
        mistakes.extend(spec.violations.iter().cloned());
        let mut parts = Parts { table: spec.table.clone(), spec, replaced: BTreeSet::new() };
        let mut command_line = toml::Table::new();
        let mut axes: Vec<(String, Said)> = Vec::new();
        let place = Place::outside("--set");
        for (path, value) in &spec.sets {
            match path.as_slice() {
                [head] if STRUCTURE.contains(&head.as_str()) => parts.replace(head, value),
                // Below `grid`, the rest of the path is one dotted key, whatever its spelling in the file.
                [head, rest @ ..] if head == "grid" => {
                    let place = Place { part: Part::Grid, ..place.clone() };
                    axes.push((rest.join("."), Said { value: value.clone(), place }));
                }
                [head, ..] if STRUCTURE.contains(&head.as_str()) => mistakes.push(below(head, path)),
                _ => {
                    command_line.insert(path.join("."), value.clone());
                }
            }
        }
        let command_line = Layer::new(&command_line, Part::Top, "--set", &Lines::default(), "");
        let replaced = |part: &str| parts.replaced.contains(part);
        let axes_changed = !axes.is_empty() || ["method", "grid", "zip"].into_iter().any(replaced);
        let mut grid = parts.grid(mistakes);
        grid.said.extend(axes);
        let lower = Lower {
            base: parts.base(mistakes),
            file: parts.settings(),
            environment: spec.environment.clone(),
            command_line,
        };
        mistakes.extend(lower.in_order().flat_map(Layer::violations));
        let outside = lower.environment.iter().chain([&lower.command_line]);
        let keys = outside.flat_map(|layer| layer.said.keys().cloned()).collect();
        let changed = Changed { axes: axes_changed, keys };
        let [methods, zips, excludes, includes] = LISTS.map(|part| parts.list(part, mistakes));
        Self { head: parts.head(), lower, methods, grid, zips, excludes, includes, changed }
    }
}

fn below(head: &str, path: &[String]) -> Violation {
    let violation = Violation::new("--set", path.join("."), "names a part of what has no parts");
    violation.help(match head {
        "name" | "title" => format!("write --set '{head}=...'"),
        "seeds" => "write --set 'seeds=[1, 2]'".to_owned(),
        "method" => "set the whole list: --set 'method=[{name = \"...\", \"key\" = ...}]'; to run only some methods, \
                     --set 'grid.method=[\"...\"]'"
            .to_owned(),
        "zip" => "a zip is set as a whole: --set 'zip=[{\"key\" = [a, b], \"other.key\" = [c, d]}]'".to_owned(),
        list => format!("set the whole list: --set '{list}=[{{\"key\" = value}}]', or {list}=[] for none"),
    })
}

/// The file's table, with what `--set` replaces.
struct Parts<'a> {
    table: toml::Table,
    spec: &'a ExperimentSpec,
    replaced: BTreeSet<String>,
}

impl Parts<'_> {
    fn replace(&mut self, part: &str, value: &toml::Value) {
        self.table.insert(part.to_owned(), value.clone());
        self.replaced.insert(part.to_owned());
    }

    /// Where a part is said, and the lines that are known of it.
    fn source(&self, part: &str) -> (&str, Lines) {
        match self.replaced.contains(part) {
            true => ("--set", Lines::default()),
            false => (&self.spec.origin, self.spec.lines.clone()),
        }
    }

    fn place(&self, part: &str) -> Place {
        let (origin, lines) = self.source(part);
        Place { origin: origin.to_owned(), line: lines.get(part), part: Part::Top }
    }

    fn head(&self) -> Head {
        let of = |part: &str| {
            let value = self.table.get(part)?.clone();
            Some(Said { value, place: self.place(part) })
        };
        Head { name: of("name"), title: of("title"), seeds: of("seeds"), origin: self.spec.origin.clone() }
    }

    fn base(&self, mistakes: &mut Mistakes) -> Layer {
        let mut base = self.spec.base.clone();
        base.said.retain(|key, said| {
            let head = key.split(['.', '[']).next().unwrap_or_default();
            let foreign = STRUCTURE.contains(&head) || head == "extends";
            if foreign {
                let violation = said.place.violation(key, "belongs to an experiment, not to a base file");
                mistakes.push(violation.help("move it to the experiment that extends this file"));
            }
            !foreign
        });
        base
    }

    fn settings(&self) -> Layer {
        let mut settings = self.table.clone();
        settings.retain(|key, _| !STRUCTURE.contains(&key));
        Layer::new(&settings, Part::Top, &self.spec.origin, &self.spec.lines, "")
    }

    fn grid(&self, mistakes: &mut Mistakes) -> Layer {
        let (origin, lines) = self.source("grid");
        match self.table.get("grid") {
            None => Layer::default(),
            Some(toml::Value::Table(grid)) => Layer::new(grid, Part::Grid, origin, &lines, "grid"),
            Some(other) => {
                let problem = format!("holds {}, but must be a table", other.type_str());
                let violation = self.place("grid").violation("grid", problem);
                mistakes.push(violation.help("write [grid] and one list of values a line"));
                Layer::default()
            }
        }
    }

    fn list(&self, part: &str, mistakes: &mut Mistakes) -> Vec<Layer> {
        let (origin, lines) = self.source(part);
        let kind = match part {
            "zip" => Part::Zip,
            "exclude" => Part::Exclude,
            "include" => Part::Include,
            _ => Part::Method(String::new()),
        };
        let Some(listed) = self.table.get(part) else { return Vec::new() };
        let tables = listed.as_array().and_then(|list| list.iter().map(toml::Value::as_table).collect());
        let Some(tables): Option<Vec<&toml::Table>> = tables else {
            let violation = self.place(part).violation(part, "is no list of tables");
            mistakes.push(violation.help(format!("start each one with [[{part}]]")));
            return Vec::new();
        };
        let tables = tables.into_iter().enumerate();
        tables.map(|(i, table)| Layer::new(table, kind.clone(), origin, &lines, &format!("{part}[{i}]"))).collect()
    }
}

//! The sections of an experiment, flattened to dotted keys, after the changes of `--set`.

use std::collections::BTreeSet;

use super::header::Header;
use super::violations::Violations;
use crate::spec::Violation;
use crate::spec::file::ExperimentSpec;
use crate::spec::layer::{Entry, Layer};
use crate::spec::location::{Lines, Location, Section};

/// Keys at the top level of an experiment that are not settings.
pub const SECTION_KEYS: [&str; 8] = ["name", "title", "seeds", "method", "grid", "zip", "exclude", "include"];

/// Sections that are lists of tables.
const LISTS: [&str; 4] = ["method", "zip", "exclude", "include"];

/// The layers of settings outside of methods and axes.
pub struct SettingLayers {
    base: Layer,
    file: Layer,
    environment: Vec<Layer>,
    /// The settings of `--set`.
    pub command_line: Layer,
}

impl SettingLayers {
    /// The layers, lowest precedence first.
    pub fn in_order(&self) -> impl Iterator<Item = &Layer> {
        [&self.base, &self.file].into_iter().chain(&self.environment).chain([&self.command_line])
    }
}

/// The sections of an experiment.
pub struct Sections {
    /// `name`, `title` and `seeds`.
    pub header: Header,
    /// Settings outside of methods and axes.
    pub settings: SettingLayers,
    /// One layer per `[[method]]`, with the key `name`.
    pub methods: Vec<Layer>,
    /// The axes of `[grid]`.
    pub grid: Layer,
    /// One layer per `[[zip]]`.
    pub zips: Vec<Layer>,
    /// One layer per `[[exclude]]`.
    pub excludes: Vec<Layer>,
    /// One layer per `[[include]]`.
    pub includes: Vec<Layer>,
    /// The changes by the command line and the environment.
    pub overrides: Overrides,
}

/// The changes to an experiment by the command line and the environment.
pub struct Overrides {
    /// Whether methods or axes are changed.
    axes: bool,
    /// The settings that are changed.
    keys: BTreeSet<String>,
}

impl Overrides {
    /// Whether cells may have other values of `keys` than in the file.
    pub fn concern<'a>(&self, mut keys: impl Iterator<Item = &'a String>) -> bool {
        self.axes || keys.any(|key| self.keys.contains(key))
    }
}

impl Sections {
    /// Separates the sections of an experiment.
    pub fn new(spec: &ExperimentSpec, violations: &mut Violations) -> Self {
        violations.extend(spec.violations.iter().cloned());
        let mut tables = Tables { table: spec.table.clone(), spec, replaced: BTreeSet::new() };
        let mut command_line = toml::Table::new();
        let mut axes: Vec<(String, Entry)> = Vec::new();
        let location = Location::outside("--set");
        for (path, value) in &spec.sets {
            match path.as_slice() {
                [head] if SECTION_KEYS.contains(&head.as_str()) => tables.replace(head, value),
                // In `grid`, the rest of the path is one dotted key in any spelling.
                [head, rest @ ..] if head == "grid" => {
                    let location = Location { section: Section::Grid, ..location.clone() };
                    axes.push((rest.join("."), Entry { value: value.clone(), location }));
                }
                [head, ..] if SECTION_KEYS.contains(&head.as_str()) => violations.push(nested_key(head, path)),
                _ => {
                    command_line.insert(path.join("."), value.clone());
                }
            }
        }
        let command_line = Layer::new(&command_line, Section::Top, "--set", &Lines::default(), "");
        let replaced = |section: &str| tables.replaced.contains(section);
        let axes_changed = !axes.is_empty() || ["method", "grid", "zip"].into_iter().any(replaced);
        let mut grid = tables.grid(violations);
        grid.entries.extend(axes);
        let settings = SettingLayers {
            base: tables.base(violations),
            file: tables.settings(),
            environment: spec.environment.clone(),
            command_line,
        };
        violations.extend(settings.in_order().flat_map(Layer::violations));
        let outside = settings.environment.iter().chain([&settings.command_line]);
        let keys = outside.flat_map(|layer| layer.entries.keys().cloned()).collect();
        let overrides = Overrides { axes: axes_changed, keys };
        let [methods, zips, excludes, includes] = LISTS.map(|section| tables.list(section, violations));
        Self { header: tables.header(), settings, methods, grid, zips, excludes, includes, overrides }
    }
}

fn nested_key(head: &str, path: &[String]) -> Violation {
    let violation =
        Violation::new("--set", path.join("."), format!("cannot be set: `{head}` can only be set as a whole"));
    violation.help(match head {
        "name" | "title" => format!("write --set '{head}=...'"),
        "seeds" => "write --set 'seeds=[1, 2]'".to_owned(),
        "method" => "set the whole list: --set 'method=[{name = \"...\", \"key\" = ...}]'; to run only some methods, \
                     --set 'grid.method=[\"...\"]'"
            .to_owned(),
        "zip" => "set the whole list: --set 'zip=[{\"key\" = [a, b], \"other.key\" = [c, d]}]'".to_owned(),
        list => format!("set the whole list: --set '{list}=[{{\"key\" = value}}]', or {list}=[] for an empty one"),
    })
}

/// The file's table with the sections that `--set` replaces.
struct Tables<'a> {
    table: toml::Table,
    spec: &'a ExperimentSpec,
    replaced: BTreeSet<String>,
}

impl Tables<'_> {
    fn replace(&mut self, section: &str, value: &toml::Value) {
        self.table.insert(section.to_owned(), value.clone());
        self.replaced.insert(section.to_owned());
    }

    /// The origin of a section and the lines of its keys.
    fn source(&self, section: &str) -> (&str, Lines) {
        match self.replaced.contains(section) {
            true => ("--set", Lines::default()),
            false => (&self.spec.origin, self.spec.lines.clone()),
        }
    }

    fn location(&self, section: &str) -> Location {
        let (origin, lines) = self.source(section);
        Location { origin: origin.to_owned(), line: lines.get(section), section: Section::Top }
    }

    fn header(&self) -> Header {
        let entry = |key: &str| {
            let value = self.table.get(key)?.clone();
            Some(Entry { value, location: self.location(key) })
        };
        Header { name: entry("name"), title: entry("title"), seeds: entry("seeds"), origin: self.spec.origin.clone() }
    }

    fn base(&self, violations: &mut Violations) -> Layer {
        let mut base = self.spec.base.clone();
        base.entries.retain(|key, entry| {
            let head = key.split(['.', '[']).next().unwrap_or_default();
            let misplaced = SECTION_KEYS.contains(&head) || head == "extends";
            if misplaced {
                let violation = entry.location.violation(key, "is allowed in an experiment, but not in a base file");
                violations.push(violation.help("move it to the experiment that extends this file"));
            }
            !misplaced
        });
        base
    }

    fn settings(&self) -> Layer {
        let mut settings = self.table.clone();
        settings.retain(|key, _| !SECTION_KEYS.contains(&key));
        Layer::new(&settings, Section::Top, &self.spec.origin, &self.spec.lines, "")
    }

    fn grid(&self, violations: &mut Violations) -> Layer {
        let (origin, lines) = self.source("grid");
        match self.table.get("grid") {
            None => Layer::default(),
            Some(toml::Value::Table(grid)) => Layer::new(grid, Section::Grid, origin, &lines, "grid"),
            Some(other) => {
                let problem = format!("has the type {}, but must be a table", other.type_str());
                let violation = self.location("grid").violation("grid", problem);
                violations.push(violation.help("write [grid] and one list of values per line"));
                Layer::default()
            }
        }
    }

    fn list(&self, section: &str, violations: &mut Violations) -> Vec<Layer> {
        let (origin, lines) = self.source(section);
        let kind = match section {
            "zip" => Section::Zip,
            "exclude" => Section::Exclude,
            "include" => Section::Include,
            _ => Section::Method(String::new()),
        };
        let Some(listed) = self.table.get(section) else { return Vec::new() };
        let tables = listed.as_array().and_then(|list| list.iter().map(toml::Value::as_table).collect());
        let Some(tables): Option<Vec<&toml::Table>> = tables else {
            let violation = self.location(section).violation(section, "is not a list of tables");
            violations.push(violation.help(format!("start each one with [[{section}]]")));
            return Vec::new();
        };
        let tables = tables.into_iter().enumerate();
        tables.map(|(i, table)| Layer::new(table, kind.clone(), origin, &lines, &format!("{section}[{i}]"))).collect()
    }
}

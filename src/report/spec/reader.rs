//! Reads the tables of a report file, and collects all mistakes.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::check::{Problem, shown, similar};
use super::language::{Allowed, CONDITIONS, FILTER, Key};
use super::{CellSelector, FilterSpec};
use crate::spec::{Lines, Violation, condition};
use crate::store::RunState;

/// The values of a table by key, each of which is allowed.
pub(super) type Values<'a> = BTreeMap<&'static str, &'a Value>;

/// The mistakes of one file.
pub(super) struct Reader<'a> {
    origin: &'a str,
    lines: Lines,
    violations: Vec<Violation>,
}

impl<'a> Reader<'a> {
    /// A reader of the file `origin` with this text.
    pub(super) fn new(origin: &'a str, text: &str) -> Self {
        Self { origin, lines: Lines::of(text), violations: Vec::new() }
    }

    /// Adds a mistake in the value at `path`.
    pub(super) fn mistake(&mut self, path: &str, problem: impl Into<String>, help: Option<String>) {
        // A key that is missing has the line of its table.
        let table = path.rsplit_once('.').map_or("", |(table, _)| table);
        let line = self.lines.get(path).or_else(|| self.lines.get(table));
        self.violations.push(Violation { line, help, ..Violation::new(self.origin, path, problem) });
    }

    /// Whether there is a mistake at `path` or below it.
    pub(super) fn has_mistake(&self, path: &str) -> bool {
        self.violations.iter().any(|mistake| mistake.key.starts_with(path))
    }

    /// `value`, or all mistakes by line.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, Vec<Violation>> {
        self.violations.sort_by(|a, b| (a.line, a).cmp(&(b.line, b)));
        if self.violations.is_empty() { Ok(value) } else { Err(self.violations) }
    }

    /// The values of a table at `path` whose keys are `keys`. Mistakes are collected and left out.
    pub(super) fn values<'t>(&mut self, table: &'t Table, keys: &'static [Key], path: &str) -> Values<'t> {
        let mut values = Values::new();
        self.flatten(table, keys, path, "", &mut values);
        values
    }

    fn flatten<'t>(
        &mut self,
        table: &'t Table,
        keys: &'static [Key],
        path: &str,
        prefix: &str,
        values: &mut Values<'t>,
    ) {
        for (name, value) in table {
            let key = join(prefix, name);
            let full = join(path, &key);
            let is_group = || keys.iter().any(|known| known.name.starts_with(&format!("{key}.")));
            match (keys.iter().find(|known| known.name == key), value) {
                (Some(known), value) => {
                    if let Err(problem) = check_form(known.allowed, value) {
                        self.mistake(&full, problem.text, problem.help);
                    } else if values.insert(known.name, value).is_some() {
                        self.twice(&full);
                    }
                }
                (None, Value::Table(inner)) if is_group() => self.flatten(inner, keys, path, &key, values),
                (None, other) if is_group() => {
                    let help = format!("its keys are {}", list(keys.iter().filter(|k| k.name.starts_with(&key))));
                    self.mistake(&full, format!("is {}, but must be a table", shown(other)), Some(help));
                }
                _ => self.unknown(&full, &key, keys),
            }
        }
    }

    fn twice(&mut self, path: &str) {
        let help = "a dotted key has the same meaning with and without quotes; remove one of the two";
        let violation = Violation::new(self.origin, path, "is set twice, in two spellings").help(help);
        self.violations.push(Violation { line: self.lines.last(path), ..violation });
    }

    fn unknown(&mut self, path: &str, key: &str, keys: &'static [Key]) {
        let (table, word) = key.rsplit_once('.').unwrap_or(("", key));
        // The keys of the same table by their last words; at the top level, also the names of tables.
        let sibling = |known: &'static str| match table {
            "" => Some(known.split_once('.').map_or(known, |(table, _)| table)),
            _ => known.strip_prefix(table)?.strip_prefix('.'),
        };
        let mut known: Vec<&str> = keys.iter().filter_map(|key| sibling(key.name)).collect();
        known.dedup();
        let help = similar(word, known.iter().copied()).unwrap_or_else(|| {
            let known: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
            format!("its keys are {}", known.join(", "))
        });
        self.mistake(path, "is not a key of report files", Some(help));
    }

    /// The conditions for cells in the table at `path`.
    pub(super) fn conditions(&mut self, value: &Value, path: &str) -> CellSelector {
        let selector = self.filter_with(value, path, CONDITIONS).cells;
        if selector.is_empty() && !self.has_mistake(path) {
            let help = "write a condition, such as { method = \"JEM-VGG\" }";
            self.mistake(path, "has no conditions, and would match every cell", Some(help.to_owned()));
        }
        selector
    }

    /// The conditions for runs in the table at `path`.
    pub(super) fn filter(&mut self, value: &Value, path: &str) -> FilterSpec {
        self.filter_with(value, path, FILTER)
    }

    fn filter_with(&mut self, value: &Value, path: &str, keys: &'static [Key]) -> FilterSpec {
        let mut entries = BTreeMap::new();
        if let Value::Table(table) = value {
            self.flatten_conditions(table, keys, path, "", &mut entries);
        }
        let mut filter = FilterSpec::default();
        let mut cells = BTreeMap::new();
        for (key, value) in entries {
            let full = join(path, &key);
            let known = keys.iter().find(|known| known.name == key);
            match known.map(|known| (known.name, check_form(known.allowed, value))) {
                Some((_, Err(problem))) => self.mistake(&full, problem.text, problem.help),
                Some(("state", Ok(()))) => {
                    filter.states = items(value).filter_map(|item| item.as_str()?.parse::<RunState>().ok()).collect();
                }
                Some(("seed", Ok(()))) => {
                    filter.seeds = items(value).filter_map(|item| u64::try_from(item.as_integer()?).ok()).collect();
                }
                Some((_, Ok(()))) => {
                    let words: Vec<_> = items(value).filter_map(crate::spec::Value::from_toml).collect();
                    // An empty list is no condition.
                    if !words.is_empty() {
                        cells.insert(key, words);
                    }
                }
                None => match condition(&key, value, self.origin, self.lines.get(&full), &full) {
                    Ok(values) => {
                        cells.insert(key, values);
                    }
                    Err(violations) => self.violations.extend(violations),
                },
            }
        }
        filter.cells = CellSelector::new(cells);
        filter
    }

    fn flatten_conditions<'t>(
        &mut self,
        table: &'t Table,
        keys: &'static [Key],
        path: &str,
        prefix: &str,
        entries: &mut BTreeMap<String, &'t Value>,
    ) {
        for (name, value) in table {
            let key = join(prefix, name);
            match value {
                Value::Table(inner) if !keys.iter().any(|known| known.name == key) => {
                    self.flatten_conditions(inner, keys, path, &key, entries);
                }
                _ => {
                    let full = join(path, &key);
                    if entries.insert(key, value).is_some() {
                        self.twice(&full);
                    }
                }
            }
        }
    }
}

/// Checks a value, and only the type of tables, whose content is read later.
fn check_form(allowed: Allowed, value: &Value) -> Result<(), Problem> {
    let is_table = |value: &Value| matches!(value, Value::Table(_));
    match (allowed, value) {
        (Allowed::Conditions | Allowed::Filter, Value::Table(_)) => Ok(()),
        (Allowed::Tables(_), Value::Array(list)) if list.iter().all(is_table) => Ok(()),
        _ => allowed.check(value),
    }
}

/// The items of a list, or the one value.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(list) => list.iter(),
        other => std::slice::from_ref(other).iter(),
    }
}

fn list<'k>(keys: impl Iterator<Item = &'k Key>) -> String {
    keys.map(|key| format!("`{}`", key.name)).collect::<Vec<_>>().join(", ")
}

/// Joins two parts of a dotted key; an empty prefix adds nothing.
pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

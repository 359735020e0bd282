//! Locations in experiment files, for errors and for the recorded origin of every value.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Violation;

/// A section of an experiment.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// The settings at the top level, or a source without sections.
    #[default]
    Top,
    /// A `[[method]]` and its name.
    Method(String),
    /// `[grid]`.
    Grid,
    /// A `[[zip]]`.
    Zip,
    /// An `[[exclude]]`.
    Exclude,
    /// An `[[include]]`.
    Include,
}

/// The source of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The file, environment variable or option.
    pub origin: String,
    /// The line in the file, from 1, if it is known.
    pub line: Option<usize>,
    /// The section of the experiment.
    pub section: Section,
}

impl Location {
    /// A source without lines and sections, such as `--set`.
    pub fn outside(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), line: None, section: Section::Top }
    }

    /// The origin that is recorded with a value. It has no line, since lines change with every edit.
    pub fn source(&self) -> String {
        let Location { origin, section, .. } = self;
        match section {
            Section::Top => origin.clone(),
            Section::Method(name) => format!("{origin}, method {name:?}"),
            Section::Grid => format!("{origin}, [grid]"),
            Section::Zip => format!("{origin}, [[zip]]"),
            Section::Exclude => format!("{origin}, [[exclude]]"),
            Section::Include => format!("{origin}, [[include]]"),
        }
    }

    /// A violation of `key` at this location. The section's name is put before the key.
    pub fn violation(&self, key: &str, problem: impl Into<String>) -> Violation {
        let section = match &self.section {
            Section::Top => "",
            Section::Method(_) => "method",
            Section::Grid => "grid",
            Section::Zip => "zip",
            Section::Exclude => "exclude",
            Section::Include => "include",
        };
        let key = match (section, key) {
            ("", key) => key.to_owned(),
            (section, "") => section.to_owned(),
            (section, key) => format!("{section}.{key}"),
        };
        Violation { line: self.line, ..Violation::new(&self.origin, key, problem) }
    }
}

/// The line of each key in a TOML text, by dotted path: `train.batch`, `zip[0].image.resolution`.
#[derive(Clone, Debug, Default)]
pub struct Lines(BTreeMap<String, Vec<usize>>);

impl Lines {
    /// The lines of the keys in `text`; none if it is not valid TOML.
    pub fn of(text: &str) -> Self {
        let mut lines = Lines::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.table("", table.get_ref(), text);
        }
        lines
    }

    /// The first line with the key at `path`.
    pub fn get(&self, path: &str) -> Option<usize> {
        self.0.get(path)?.first().copied()
    }

    /// The last line with the key at `path`, for a key that is in the text in two spellings.
    pub fn last(&self, path: &str) -> Option<usize> {
        self.0.get(path)?.iter().max().copied()
    }

    fn insert(&mut self, path: &str, line: usize) {
        self.0.entry(path.to_owned()).or_default().push(line);
    }

    fn table(&mut self, prefix: &str, table: &DeTable, text: &str) {
        for (key, value) in table {
            let path = join(prefix, key.get_ref());
            self.insert(&path, line(text, key.span().start));
            self.value(&path, value, text);
        }
    }

    fn value(&mut self, path: &str, value: &Spanned<DeValue>, text: &str) {
        match value.get_ref() {
            DeValue::Table(inner) => self.table(path, inner, text),
            DeValue::Array(list) => {
                for (i, item) in list.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    self.insert(&path, line(text, item.span().start));
                    self.value(&path, item, text);
                }
            }
            _ => {}
        }
    }
}

/// Joins two parts of a dotted key; an empty prefix adds nothing.
pub fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_line_in_every_spelling() {
        let lines = Lines::of("a = 1\n[b]\nc.d = 2\n\"e.f\" = [1,\n 2]\n[[zip]]\nx = 1\n[[zip]]\n\"y.z\" = 1\n");
        for (path, line) in [("a", 1), ("b.c.d", 3), ("b.e.f", 4), ("b.e.f[1]", 5), ("zip[1]", 8), ("zip[1].y.z", 9)] {
            assert_eq!(lines.get(path), Some(line), "{path}");
        }
        assert_eq!(lines.get("b.g"), None);
    }
}

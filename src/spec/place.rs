//! Where something is said: for errors, and for the origin that every value keeps.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Violation;

/// Which part of an experiment says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The settings at the top, or something outside of any file.
    #[default]
    Top,
    /// A `[[method]]`, by its name.
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

/// Where something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, environment variable or flag.
    pub origin: String,
    /// The line in it, from 1, where it is known.
    pub line: Option<usize>,
    /// The part of the experiment.
    pub part: Part,
}

impl Place {
    /// Somewhere without lines and parts, such as `--set`.
    pub fn outside(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), line: None, part: Part::Top }
    }

    /// The origin that a value from here keeps: without the line, which changes with every edit.
    pub fn provenance(&self) -> String {
        let Place { origin, part, .. } = self;
        match part {
            Part::Top => origin.clone(),
            Part::Method(name) => format!("{origin}, method {name:?}"),
            Part::Grid => format!("{origin}, [grid]"),
            Part::Zip => format!("{origin}, [[zip]]"),
            Part::Exclude => format!("{origin}, [[exclude]]"),
            Part::Include => format!("{origin}, [[include]]"),
        }
    }

    /// A violation of `key` here, under the name of the part that it stands in.
    pub fn violation(&self, key: &str, problem: impl Into<String>) -> Violation {
        let part = match &self.part {
            Part::Top => "",
            Part::Method(_) => "method",
            Part::Grid => "grid",
            Part::Zip => "zip",
            Part::Exclude => "exclude",
            Part::Include => "include",
        };
        let key = match (part, key) {
            ("", key) => key.to_owned(),
            (part, "") => part.to_owned(),
            (part, key) => format!("{part}.{key}"),
        };
        Violation { line: self.line, ..Violation::new(&self.origin, key, problem) }
    }
}

/// The lines of a TOML text on which its keys stand, by dotted path: `train.batch`, `zip[0].image.resolution`.
#[derive(Clone, Debug, Default)]
pub struct Lines(BTreeMap<String, Vec<usize>>);

impl Lines {
    /// The lines of `text`; none if it is no TOML.
    pub fn of(text: &str) -> Self {
        let mut lines = Lines::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.table("", table.get_ref(), text);
        }
        lines
    }

    /// The line of the key at `path`, if the text holds it.
    pub fn get(&self, path: &str) -> Option<usize> {
        self.0.get(path)?.first().copied()
    }

    /// The line of its last one, where the text holds it in two spellings.
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

/// `a.b` of `a` and `b`; `b` of nothing and `b`.
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
    fn every_key_has_its_line_whatever_its_spelling() {
        let lines = Lines::of("a = 1\n[b]\nc.d = 2\n\"e.f\" = [1,\n 2]\n[[zip]]\nx = 1\n[[zip]]\n\"y.z\" = 1\n");
        for (path, line) in [("a", 1), ("b.c.d", 3), ("b.e.f", 4), ("b.e.f[1]", 5), ("zip[1]", 8), ("zip[1].y.z", 9)] {
            assert_eq!(lines.get(path), Some(line), "{path}");
        }
        assert_eq!(lines.get("b.g"), None);
    }
}

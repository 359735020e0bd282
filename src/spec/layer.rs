//! Layers of dotted keys, merged with figment. A later layer has precedence. Every value keeps its origin.

use std::collections::BTreeMap;

use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};

use super::catalogue::SETTINGS;
use super::kind::Kind;
use super::location::{Lines, Location, Section, join};
use super::setting::Setting;
use super::{Value, Violation};

/// A value in TOML, before it is checked, and its location.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The TOML value.
    pub value: toml::Value,
    /// Its location.
    pub location: Location,
}

/// A source of settings, such as a file or a method, flattened to dotted keys.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// The location of the table.
    pub location: Location,
    /// The entries, by dotted key.
    pub entries: BTreeMap<String, Entry>,
    /// Keys that are set twice in different spellings, with the location of the second one.
    pub duplicates: Vec<(String, Location)>,
}

/// The active settings of a cell: their values and the origins of these values.
pub type Resolved = BTreeMap<&'static str, (Value, String)>;

impl Layer {
    /// Flattens a table. `a.b = 1`, `"a.b" = 1` and `[a] b = 1` have the same meaning.
    ///
    /// `path` is the path of the table in `lines`.
    pub fn new(table: &toml::Table, section: Section, origin: &str, lines: &Lines, path: &str) -> Self {
        let location = Location { origin: origin.to_owned(), line: lines.get(path), section };
        let mut layer = Self { location: location.clone(), ..Self::default() };
        layer.flatten("", table, &|key| Location {
            line: lines.get(&join(path, key)).or(location.line),
            ..location.clone()
        });
        for (key, location) in &mut layer.duplicates {
            location.line = lines.last(&join(path, key)).or(location.line);
        }
        layer
    }

    /// A layer with one key.
    pub fn one(key: &str, value: toml::Value, location: Location) -> Self {
        let mut layer = Self { location: location.clone(), ..Self::default() };
        layer.insert(key.to_owned(), value, location);
        layer
    }

    fn flatten(&mut self, prefix: &str, table: &toml::Table, location: &dyn Fn(&str) -> Location) {
        for (name, value) in table {
            let key = join(prefix, name);
            match value {
                // An empty table sets nothing. It is an error only if no setting is in a table of this name.
                toml::Value::Table(inner) if !inner.is_empty() || is_group(&key) => self.flatten(&key, inner, location),
                leaf => self.insert(key.clone(), leaf.clone(), location(&key)),
            }
        }
    }

    fn insert(&mut self, key: String, value: toml::Value, location: Location) {
        match self.entries.contains_key(&key) {
            true => self.duplicates.push((key, location)),
            false => {
                self.entries.insert(key, Entry { value, location });
            }
        }
    }

    /// The violations in this layer: unknown settings, values that are not allowed, and duplicate keys.
    pub fn violations(&self) -> Vec<Violation> {
        let wrong = self.entries.iter().filter_map(|(key, entry)| check(key, entry).err());
        wrong.chain(self.duplicate_violations()).collect()
    }

    /// The violations for duplicate keys.
    pub fn duplicate_violations(&self) -> impl Iterator<Item = Violation> + '_ {
        self.duplicates.iter().map(|(key, location)| {
            let problem = "is set twice, in two spellings";
            location
                .violation(key, problem)
                .help("a dotted key has the same meaning with and without quotes; remove one of the two")
        })
    }
}

/// Whether `key` is a proper prefix of a setting's key, as `optimizer.generator` is.
fn is_group(key: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// Checks an entry and returns the setting with its canonical value.
pub fn check(key: &str, entry: &Entry) -> Result<(&'static Setting, Value), Violation> {
    let setting = find_setting(key, &entry.location)?;
    let words = matches!(setting.kind, Kind::Subset(_));
    let value = Value::from_toml(&entry.value).filter(|value| words || !matches!(value, Value::List(_)));
    let Some(value) = value else {
        let found = entry.value.type_str();
        let violation = entry.location.violation(key, format!("has the type {found}, but must be {}", setting.kind));
        return Err(match (&entry.location.section, found) {
            (Section::Top | Section::Method(_), "array") => {
                violation.help(format!("to compare several values, list them in [grid]: \"{key}\" = [...]"))
            }
            _ => violation.help(setting.remedy(None)),
        });
    };
    match setting.kind.check(value.clone()) {
        Ok(value) => Ok((setting, value)),
        Err(problem) => Err(entry.location.violation(key, problem).help(setting.remedy(Some(&value)))),
    }
}

/// Finds the setting with this key.
pub fn find_setting(key: &str, location: &Location) -> Result<&'static Setting, Violation> {
    Setting::find(key).ok_or_else(|| {
        let help = match Setting::suggest(key) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "`experiments/base/jem.toml` lists every setting".to_owned(),
        };
        location.violation(key, "is not a setting").help(help)
    })
}

/// The alternative values of a condition: the items of a list, unless the value of the setting is itself a list.
pub fn alternatives(key: &str, entry: &Entry) -> Vec<toml::Value> {
    let words = Setting::find(key).is_some_and(|setting| matches!(setting.kind, Kind::Subset(_)));
    match &entry.value {
        toml::Value::Array(values) if !words && !values.is_empty() => values.clone(),
        value => vec![value.clone()],
    }
}

/// Layers in order of precedence.
#[derive(Clone)]
pub struct Stack(Figment);

impl Stack {
    /// All settings with their built-in defaults.
    pub fn new() -> Self {
        let defaults = SETTINGS.iter().map(|setting| (setting.key, setting.default_value())).collect();
        Self(Figment::from(FlatLayer { name: BUILT_IN.to_owned(), values: defaults }))
    }

    /// Adds `entries` with precedence over the existing layers.
    ///
    /// Invalid entries are left out: [`Layer::violations`] reports them.
    pub fn with<'a>(self, entries: impl IntoIterator<Item = (&'a String, &'a Entry)>) -> Self {
        let mut by_origin: BTreeMap<String, BTreeMap<&'static str, Value>> = BTreeMap::new();
        for (key, entry) in entries {
            if let Ok((setting, value)) = check(key, entry) {
                by_origin.entry(entry.location.source()).or_default().insert(setting.key, value);
            }
        }
        let merge = |figment: Figment, (name, values)| figment.merge(FlatLayer { name, values });
        Self(by_origin.into_iter().fold(self.0, merge))
    }

    /// The active settings and the origins of their values.
    pub fn resolve(&self) -> Resolved {
        let mut resolved = Resolved::new();
        for setting in SETTINGS {
            let found = self.0.find_value(setting.key).ok();
            let origin = found.as_ref().and_then(|value| self.0.get_metadata(value.tag()));
            let value = found.as_ref().and_then(|value| value.deserialize::<Value>().ok());
            let (value, origin) = match (value, origin) {
                (Some(value), Some(origin)) => (value, origin.name.to_string()),
                _ => (setting.default_value(), BUILT_IN.to_owned()),
            };
            resolved.insert(setting.key, (value, origin));
        }
        let values = resolved.iter().map(|(key, (value, _))| (*key, value.clone())).collect();
        resolved.retain(|key, _| Setting::find(key).is_some_and(|setting| setting.is_active(&values)));
        resolved
    }
}

const BUILT_IN: &str = "built-in default";

/// A flat layer of one origin, as a figment provider.
struct FlatLayer {
    name: String,
    values: BTreeMap<&'static str, Value>,
}

impl Provider for FlatLayer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut dict = Dict::new();
        for (key, value) in &self.values {
            insert(&mut dict, key, figment::value::Value::serialize(value)?);
        }
        Ok(Profile::Default.collect(dict))
    }
}

fn insert(dict: &mut Dict, key: &str, value: figment::value::Value) {
    match key.split_once('.') {
        None => {
            dict.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let empty = || figment::value::Value::from(Dict::new());
            let entry = dict.entry(head.to_owned()).or_insert_with(empty);
            if let figment::value::Value::Dict(_, inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(origin: &str, text: &str) -> Layer {
        Layer::new(&text.parse().unwrap(), Section::Top, origin, &Lines::of(text), "")
    }

    fn resolve(layers: &[Layer]) -> Resolved {
        layers.iter().fold(Stack::new(), |stack, layer| stack.with(&layer.entries)).resolve()
    }

    #[test]
    fn a_later_layer_has_precedence_and_every_value_keeps_its_origin() {
        let base = layer("base", "train.batch = 32\ngenerator.width = 16");
        let file = layer("file", "[train]\nbatch = 8");
        let resolved = resolve(&[base, file]);
        assert_eq!(resolved["train.batch"], (Value::Integer(8), "file".to_owned()));
        assert_eq!(resolved["generator.width"], (Value::Integer(16), "base".to_owned()));
        assert_eq!(resolved["eval.every"], (Value::Integer(10), "built-in default".to_owned()));
    }

    #[test]
    fn a_key_in_two_spellings_is_a_duplicate() {
        let quoted = layer("a", "\"train.batch\" = 8");
        assert_eq!(quoted.entries["train.batch"].value, layer("a", "train.batch = 8").entries["train.batch"].value);
        let found = layer("a", "train.batch = 8\n\"train.batch\" = 16").violations();
        assert_eq!((found.len(), found[0].line, found[0].key.as_str()), (1, Some(2), "train.batch"));
    }

    #[test]
    fn an_empty_table_is_an_error_unless_settings_are_in_a_table_of_its_name() {
        assert!(layer("a", "[train]\n[optimizer.generator]").violations().is_empty());
        assert_eq!(layer("a", "[train]\nbatch = {}\n[trian]").violations().len(), 2);
    }

    #[test]
    fn inactive_settings_are_removed() {
        let off = resolve(&[layer("file", "guide.width = 0.5")]);
        assert!(!off.contains_key("guide.width"));
        assert!(!off.contains_key("objective.int_beta"));
        let on = resolve(&[layer("file", "guide.network = \"vgg16\"\nobjective.kind = \"gan-int\"")]);
        assert!(on.contains_key("guide.width"));
        assert!(on.contains_key("objective.int_beta"));
    }

    #[test]
    fn large_integers_are_exact_after_merging() {
        let resolved = resolve(&[layer("file", "data.seed = 9223372036854775807")]);
        assert_eq!(resolved["data.seed"].0, Value::Integer(i64::MAX));
    }
}

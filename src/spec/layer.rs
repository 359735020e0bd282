//! Layers of dotted keys, merged by figment with the later one winning, and where each value came from.

use std::collections::BTreeMap;

use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};

use super::catalogue::SETTINGS;
use super::kind::Kind;
use super::place::{Lines, Part, Place, join};
use super::setting::Setting;
use super::{Value, Violation};

/// A raw value, and where it is said.
#[derive(Clone, Debug)]
pub struct Said {
    /// As TOML holds it.
    pub value: toml::Value,
    /// Where.
    pub place: Place,
}

/// One source of settings, such as a file or a method, flattened to dotted keys.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Where the whole of it stands.
    pub place: Place,
    /// What is said, by dotted key.
    pub said: BTreeMap<String, Said>,
    /// Keys that are said twice in different spellings, with where the second one stands.
    pub twice: Vec<(String, Place)>,
}

/// The settings of one cell: each active one, and where its value came from.
pub type Resolved = BTreeMap<&'static str, (Value, String)>;

impl Layer {
    /// A layer from a table; `a.b = 1`, `"a.b" = 1` and `[a] b = 1` mean the same.
    ///
    /// `path` is where the table stands among `lines`.
    pub fn new(table: &toml::Table, part: Part, origin: &str, lines: &Lines, path: &str) -> Self {
        let place = Place { origin: origin.to_owned(), line: lines.get(path), part };
        let mut layer = Self { place: place.clone(), ..Self::default() };
        layer.flatten("", table, &|key| Place { line: lines.get(&join(path, key)).or(place.line), ..place.clone() });
        for (key, place) in &mut layer.twice {
            place.line = lines.last(&join(path, key)).or(place.line);
        }
        layer
    }

    /// A layer of one key.
    pub fn one(key: &str, value: toml::Value, place: Place) -> Self {
        let mut layer = Self { place: place.clone(), ..Self::default() };
        layer.insert(key.to_owned(), value, place);
        layer
    }

    fn flatten(&mut self, prefix: &str, table: &toml::Table, place: &dyn Fn(&str) -> Place) {
        for (name, value) in table {
            let key = join(prefix, name);
            match value {
                // An empty table says nothing, unless its name is no group of settings.
                toml::Value::Table(inner) if !inner.is_empty() || is_group(&key) => self.flatten(&key, inner, place),
                leaf => self.insert(key.clone(), leaf.clone(), place(&key)),
            }
        }
    }

    fn insert(&mut self, key: String, value: toml::Value, place: Place) {
        match self.said.contains_key(&key) {
            true => self.twice.push((key, place)),
            false => {
                self.said.insert(key, Said { value, place });
            }
        }
    }

    /// What of this layer is no setting, no allowed value of one, or said twice.
    pub fn violations(&self) -> Vec<Violation> {
        let wrong = self.said.iter().filter_map(|(key, said)| checked(key, said).err());
        wrong.chain(self.doubled()).collect()
    }

    /// What is said twice.
    pub fn doubled(&self) -> impl Iterator<Item = Violation> + '_ {
        self.twice.iter().map(|(key, place)| {
            let problem = "is given twice, in two spellings of one key";
            place.violation(key, problem).help("a dotted key means the same quoted or not; keep one of the two")
        })
    }
}

/// Whether `key` stands before other parts of a setting's key, as `optimizer.generator` does.
fn is_group(key: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// The canonical value of `key`, or what is wrong with it.
pub fn checked(key: &str, said: &Said) -> Result<(&'static Setting, Value), Violation> {
    let setting = known(key, &said.place)?;
    let words = matches!(setting.kind, Kind::Subset(_));
    let value = Value::from_toml(&said.value).filter(|value| words || !matches!(value, Value::List(_)));
    let Some(value) = value else {
        let holds = said.value.type_str();
        let violation = said.place.violation(key, format!("holds {holds}, but must be {}", setting.kind));
        return Err(match (&said.place.part, holds) {
            (Part::Top | Part::Method(_), "array") => {
                violation.help(format!("to sweep it, list its values under [grid]: \"{key}\" = [...]"))
            }
            _ => violation.help(setting.remedy(None)),
        });
    };
    match setting.kind.check(value.clone()) {
        Ok(value) => Ok((setting, value)),
        Err(problem) => Err(said.place.violation(key, problem).help(setting.remedy(Some(&value)))),
    }
}

/// The setting called `key`.
pub fn known(key: &str, place: &Place) -> Result<&'static Setting, Violation> {
    Setting::find(key).ok_or_else(|| {
        let help = match Setting::suggest(key) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`experiments/base/jem.toml` lists every setting".to_owned(),
        };
        place.violation(key, "is no setting").help(help)
    })
}

/// What layers come to, one put over another.
#[derive(Clone)]
pub struct Stack(Figment);

impl Stack {
    /// Every setting with its built-in default.
    pub fn new() -> Self {
        let defaults = SETTINGS.iter().map(|setting| (setting.key, setting.default_value())).collect();
        Self(Figment::from(Provided { name: BUILT_IN.to_owned(), values: defaults }))
    }

    /// With what is `said` over it.
    ///
    /// What is no allowed value of a setting is left out: its violation must have been looked for.
    pub fn with<'a>(self, said: impl IntoIterator<Item = (&'a String, &'a Said)>) -> Self {
        let mut by_origin: BTreeMap<String, BTreeMap<&'static str, Value>> = BTreeMap::new();
        for (key, said) in said {
            if let Ok((setting, value)) = checked(key, said) {
                by_origin.entry(said.place.provenance()).or_default().insert(setting.key, value);
            }
        }
        let merge = |figment: Figment, (name, values)| figment.merge(Provided { name, values });
        Self(by_origin.into_iter().fold(self.0, merge))
    }

    /// The settings that count, and where each came from.
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

/// A flat layer of one origin as figment takes it.
struct Provided {
    name: String,
    values: BTreeMap<&'static str, Value>,
}

impl Provider for Provided {
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
        Layer::new(&text.parse().unwrap(), Part::Top, origin, &Lines::of(text), "")
    }

    fn resolve(layers: &[Layer]) -> Resolved {
        layers.iter().fold(Stack::new(), |stack, layer| stack.with(&layer.said)).resolve()
    }

    #[test]
    fn the_later_layer_wins_and_every_value_says_where_it_came_from() {
        let base = layer("base", "train.batch = 32\ngenerator.width = 16");
        let file = layer("file", "[train]\nbatch = 8");
        let resolved = resolve(&[base, file]);
        assert_eq!(resolved["train.batch"], (Value::Integer(8), "file".to_owned()));
        assert_eq!(resolved["generator.width"], (Value::Integer(16), "base".to_owned()));
        assert_eq!(resolved["eval.every"], (Value::Integer(10), "built-in default".to_owned()));
    }

    #[test]
    fn a_key_in_two_spellings_is_one_key_said_twice() {
        let quoted = layer("a", "\"train.batch\" = 8");
        assert_eq!(quoted.said["train.batch"].value, layer("a", "train.batch = 8").said["train.batch"].value);
        let twice = layer("a", "train.batch = 8\n\"train.batch\" = 16").violations();
        assert_eq!((twice.len(), twice[0].line, twice[0].key.as_str()), (1, Some(2), "train.batch"));
    }

    #[test]
    fn an_empty_table_is_a_group_of_settings_or_a_mistake() {
        assert!(layer("a", "[train]\n[optimizer.generator]").violations().is_empty());
        assert_eq!(layer("a", "[train]\nbatch = {}\n[trian]").violations().len(), 2);
    }

    #[test]
    fn settings_that_do_not_count_are_dropped() {
        let off = resolve(&[layer("file", "guide.width = 0.5")]);
        assert!(!off.contains_key("guide.width"));
        assert!(!off.contains_key("objective.int_beta"));
        let on = resolve(&[layer("file", "guide.network = \"vgg16\"\nobjective.kind = \"gan-int\"")]);
        assert!(on.contains_key("guide.width"));
        assert!(on.contains_key("objective.int_beta"));
    }

    #[test]
    fn integers_keep_their_width_through_figment() {
        let resolved = resolve(&[layer("file", "data.seed = 9223372036854775807")]);
        assert_eq!(resolved["data.seed"].0, Value::Integer(i64::MAX));
    }
}

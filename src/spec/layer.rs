//! Where values come from: layers of dotted keys, merged by figment with the later one winning.

use std::collections::BTreeMap;

use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};

use super::setting::{Kind, SETTINGS, Setting};
use super::{Value, Violation};

/// One source of settings, such as a file, flattened to dotted keys.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What errors and provenance call it.
    pub origin: String,
    /// Raw TOML by dotted key.
    pub values: BTreeMap<String, toml::Value>,
}

/// The settings of one cell: each active one, and where its value came from.
pub type Resolved = BTreeMap<&'static str, (Value, String)>;

impl Layer {
    /// A layer from a TOML table; `a.b = 1`, `"a.b" = 1` and `[a] b = 1` mean the same.
    pub fn new(origin: impl Into<String>, table: &toml::Table) -> Self {
        let mut values = BTreeMap::new();
        flatten("", table, &mut values);
        Self { origin: origin.into(), values }
    }

    /// What of this layer is no setting, or no allowed value of one.
    pub fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        for (key, raw) in &self.values {
            if let Err(violation) = checked(&self.origin, key, raw) {
                violations.push(violation);
            }
        }
        violations
    }
}

/// The canonical value of `key`, or what is wrong with it.
pub fn checked(origin: &str, key: &str, raw: &toml::Value) -> Result<(&'static Setting, Value), Violation> {
    let Some(setting) = Setting::find(key) else {
        let violation = Violation::new(origin, key, "is no setting");
        return Err(match Setting::suggest(key) {
            Some(near) => violation.help(format!("did you mean `{near}`?")),
            None => violation.help("`experiments/base/jem.toml` lists every setting"),
        });
    };
    let list = matches!(setting.kind, Kind::Subset(_));
    let Some(value) = Value::from_toml(raw).filter(|value| list || !matches!(value, Value::List(_))) else {
        let violation = Violation::new(origin, key, format!("holds {}, but must be {}", raw.type_str(), setting.kind));
        return Err(violation.help(format!("to sweep it, list its values under [grid]: \"{key}\" = [...]")));
    };
    match setting.kind.check(value) {
        Ok(value) => Ok((setting, value)),
        Err(problem) => Err(Violation::new(origin, key, problem)),
    }
}

/// The dotted keys of a table, at any depth.
pub fn flatten(prefix: &str, table: &toml::Table, into: &mut BTreeMap<String, toml::Value>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, into),
            leaf => {
                into.insert(key, leaf.clone());
            }
        }
    }
}

/// Merges layers, later ones winning, over the built-in defaults, and drops what is inactive.
///
/// The layers' own violations must have been looked for: a value that is not allowed is left out here.
pub fn resolve(layers: &[Layer]) -> Resolved {
    let defaults = Provided {
        name: "built-in default".to_owned(),
        values: SETTINGS.iter().map(|setting| (setting.key, setting.default_value())).collect(),
    };
    let mut figment = Figment::from(defaults);
    for layer in layers {
        let values = layer.values.iter().filter_map(|(key, raw)| checked(&layer.origin, key, raw).ok());
        figment = figment.merge(Provided {
            name: layer.origin.clone(),
            values: values.map(|(setting, value)| (setting.key, value)).collect(),
        });
    }
    let mut resolved = Resolved::new();
    for setting in SETTINGS {
        let found = figment.find_value(setting.key).ok();
        let origin = found.as_ref().and_then(|value| figment.get_metadata(value.tag()));
        let value = found.as_ref().and_then(|value| value.deserialize::<Value>().ok());
        let (value, origin) = match (value, origin) {
            (Some(value), Some(origin)) => (value, origin.name.to_string()),
            _ => (setting.default_value(), "built-in default".to_owned()),
        };
        resolved.insert(setting.key, (value, origin));
    }
    let values: BTreeMap<&'static str, Value> =
        resolved.iter().map(|(key, (value, _))| (*key, value.clone())).collect();
    resolved.retain(|key, _| Setting::find(key).is_some_and(|setting| setting.is_active(&values)));
    resolved
}

/// A flat layer as figment takes it.
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
            let value = figment::value::Value::serialize(value)?;
            insert(&mut dict, key, value);
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
        Layer::new(origin, &text.parse::<toml::Table>().unwrap())
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
    fn a_quoted_dotted_key_is_the_same_key() {
        assert_eq!(layer("a", "\"train.batch\" = 8").values, layer("a", "train.batch = 8").values);
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

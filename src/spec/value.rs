use std::fmt;

use serde::{Deserialize, Serialize};

/// The value of one setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A finite number. Serialised by the shortest text that reads back as the same number.
    Number(f64),
    /// Text, a choice or a path.
    Text(String),
    /// Words, for a setting that takes several.
    List(Vec<String>),
}

impl Value {
    /// The value of a TOML scalar or of a list of texts; `None` for other arrays, tables and dates.
    pub fn from_toml(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::Boolean(flag) => Some(Value::Flag(*flag)),
            toml::Value::Integer(integer) => Some(Value::Integer(*integer)),
            toml::Value::Float(number) => Some(Value::Number(*number)),
            toml::Value::String(text) => Some(Value::Text(text.clone())),
            toml::Value::Array(list) => {
                let words: Option<Vec<String>> = list.iter().map(|word| word.as_str().map(str::to_owned)).collect();
                words.map(Value::List)
            }
            toml::Value::Table(_) | toml::Value::Datetime(_) => None,
        }
    }

    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// As a person would write it, without quotes around text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(flag) => flag.fmt(f),
            Value::Integer(integer) => integer.fmt(f),
            Value::Number(number) => write!(f, "{number:?}"),
            Value::Text(text) => f.write_str(text),
            Value::List(words) => f.write_str(&words.join(", ")),
        }
    }
}

//! The value of a setting.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The value of one setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Flag(bool),
    /// An integer.
    Integer(i64),
    /// A finite float. Serialized as the shortest text that parses to the same value.
    Number(f64),
    /// A string, a choice or a path.
    Text(String),
    /// A list of strings, for a setting with several choices.
    List(Vec<String>),
}

impl Value {
    /// Converts a TOML scalar or a list of strings; `None` for other arrays, tables and dates.
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

    /// The string of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer of an integer value.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// Writes the value without quotes around text.
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

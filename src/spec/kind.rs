//! The kinds of settings: the values that each allows, and their text form.

use std::fmt;

use super::{Classes, Value};

/// The values that a setting allows.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// An integer from `.0` to `.1`, both included.
    Integer(i64, i64),
    /// A power of two from `.0` to `.1`, both included.
    PowerOfTwo(i64, i64),
    /// A number above `.0` up to and including `.1`.
    Above(f64, f64),
    /// A number from `.0` up to but not including `.1`.
    Below(f64, f64),
    /// A number from `.0` to `.1`, both included.
    Within(f64, f64),
    /// One of a list of words.
    Choice(&'static [&'static str]),
    /// A list of at least one of these words, each at most once, in any order.
    Subset(&'static [&'static str]),
    /// A file or folder, relative to the working directory.
    Path,
    /// `random:<seed>`, or the path of a file of weights.
    Weights,
    /// `random:<seed>`, `fit`, or the path of a file of weights.
    FittedWeights,
    /// A path, or `fit`.
    FittedPath,
    /// See [`Classes`].
    Classes,
}

impl Kind {
    /// Converts `value` to its canonical form: an integer becomes a float where a float is required, and the words of a
    /// list get the order of the catalogue.
    ///
    /// # Errors
    ///
    /// If the value is not allowed. The text is the end of a sentence that starts with the key.
    pub fn check(&self, value: Value) -> Result<Value, String> {
        let value = match (self, value) {
            (Kind::Above(..) | Kind::Below(..) | Kind::Within(..), Value::Integer(integer)) => {
                Value::Number(integer as f64)
            }
            (Kind::Subset(words), Value::List(mut list)) => {
                list.sort_by_key(|word| words.iter().position(|known| known == word));
                Value::List(list)
            }
            // A single class may be an integer.
            (Kind::Classes, value @ (Value::Text(_) | Value::Integer(_))) => {
                value.to_string().parse().map_or(value, |classes: Classes| Value::Text(classes.to_string()))
            }
            (_, value) => value,
        };
        let allowed = match (self, &value) {
            (Kind::Flag, Value::Flag(_)) | (Kind::Path, Value::Text(_)) => true,
            (Kind::Integer(low, high), Value::Integer(n)) => (low..=high).contains(&n),
            (Kind::PowerOfTwo(low, high), Value::Integer(n)) => (low..=high).contains(&n) && n.count_ones() == 1,
            (Kind::Above(low, high), Value::Number(x)) => x > low && x <= high,
            (Kind::Below(low, high), Value::Number(x)) => x >= low && x < high,
            (Kind::Within(low, high), Value::Number(x)) => x >= low && x <= high,
            (Kind::Choice(words), Value::Text(text)) => words.contains(&text.as_str()),
            (Kind::Subset(words), Value::List(list)) => {
                let distinct = list.windows(2).all(|pair| pair[0] != pair[1]);
                !list.is_empty() && distinct && list.iter().all(|word| words.contains(&word.as_str()))
            }
            (Kind::Weights, Value::Text(text)) if text == "fit" => false,
            (Kind::Weights | Kind::FittedWeights, Value::Text(text)) => match text.strip_prefix("random:") {
                Some(seed) => seed.parse::<u64>().is_ok(),
                None => !text.is_empty(),
            },
            (Kind::FittedPath, Value::Text(text)) => !text.is_empty(),
            (Kind::Classes, Value::Text(text)) => text.parse::<Classes>().is_ok(),
            _ => false,
        };
        if allowed { Ok(value) } else { Err(format!("is {}, but must be {self}", describe(&value))) }
    }
}

/// A value as in an experiment file.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::List(words) => format!("{words:?}"),
        other => other.to_string(),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Flag => f.write_str("true or false"),
            Kind::Integer(low, high) if *high == i64::MAX => write!(f, "an integer from {low}"),
            Kind::Integer(low, high) => write!(f, "an integer from {low} to {high}"),
            Kind::PowerOfTwo(low, high) => write!(f, "a power of two from {low} to {high}"),
            Kind::Above(low, high) => write!(f, "a number in ({low}, {high}]"),
            Kind::Below(low, high) => write!(f, "a number in [{low}, {high})"),
            Kind::Within(low, high) => write!(f, "a number in [{low}, {high}]"),
            Kind::Choice(words) => write!(f, "one of {}", quoted(words)),
            Kind::Subset(words) => write!(f, "a list of one or more of {}, without duplicates", quoted(words)),
            Kind::Path => f.write_str("a path"),
            Kind::Weights => f.write_str("\"random:<seed>\" or the path of a .pth or .safetensors file"),
            Kind::FittedWeights => f.write_str("\"random:<seed>\", \"fit\" or the path of a .pth or .safetensors file"),
            Kind::FittedPath => f.write_str("\"fit\" or a path"),
            Kind::Classes => write!(f, "\"all\", or classes from 1 to {} such as \"1-20, 41\"", Classes::COUNT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_for_a_float_setting_is_the_same_value() {
        let kind = Kind::Within(0.0, 100.0);
        assert_eq!(kind.check(Value::Integer(1)), kind.check(Value::Number(1.0)));
    }

    #[test]
    fn an_error_states_the_value_and_the_allowed_values() {
        let rate = Kind::Above(0.0, 0.1);
        assert_eq!(rate.check(Value::Number(2.0)), Err("is 2.0, but must be a number in (0, 0.1]".to_owned()));
        assert_eq!(
            rate.check(Value::Text("fast".into())),
            Err("is \"fast\", but must be a number in (0, 0.1]".to_owned())
        );
        assert!(Kind::PowerOfTwo(32, 256).check(Value::Integer(96)).is_err());
        assert!(Kind::Weights.check(Value::Text("random:x".into())).is_err());
        assert!(Kind::Weights.check(Value::Text("fit".into())).is_err());
        assert!(Kind::FittedWeights.check(Value::Text("fit".into())).is_ok());
        assert!(rate.check(Value::Number(f64::NAN)).is_err());
    }

    #[test]
    fn classes_have_a_canonical_form_and_a_single_class_may_be_an_integer() {
        let classes = |value| Kind::Classes.check(value);
        assert_eq!(classes(Value::Text("41, 1-20".into())), Ok(Value::Text("1-20,41".into())));
        assert_eq!(classes(Value::Integer(7)), Ok(Value::Text("7".into())));
        assert!(classes(Value::Integer(200)).unwrap_err().starts_with("is 200, but must be"));
    }

    #[test]
    fn a_list_has_a_canonical_order_and_no_duplicates() {
        let kind = Kind::Subset(&["a", "b", "c"]);
        let list = |words: &[&str]| Value::List(words.iter().map(|&word| word.to_owned()).collect());
        assert_eq!(kind.check(list(&["c", "a"])), Ok(list(&["a", "c"])));
        for wrong in [list(&[]), list(&["a", "c", "a"]), list(&["a", "d"]), Value::Text("a".into())] {
            assert!(kind.check(wrong.clone()).is_err(), "{wrong:?}");
        }
    }
}

//! A condition for a setting outside of experiments, such as in a report file: one value, or a list of alternatives.

use super::layer::{Entry, alternatives, check};
use super::location::{Location, Section};
use super::{Value, Violation};

/// The canonical values that a condition for the setting `key` allows.
///
/// # Errors
///
/// A violation for each value that the setting cannot have, and for an unknown setting. Their line is `line` and their
/// key is `path`.
pub fn condition(
    key: &str,
    value: &toml::Value,
    origin: &str,
    line: Option<usize>,
    path: &str,
) -> Result<Vec<Value>, Vec<Violation>> {
    // The section decides only about the advice for a list, which is allowed here.
    let location = Location { origin: origin.to_owned(), line, section: Section::Exclude };
    let entry = Entry { value: value.clone(), location: location.clone() };
    let mut values = Vec::new();
    let mut violations: Vec<Violation> = Vec::new();
    for value in alternatives(key, &entry) {
        match check(key, &Entry { value, location: location.clone() }) {
            Ok((_, value)) => values.push(value),
            Err(violation) => violations.push(Violation { key: path.to_owned(), ..violation }),
        }
    }
    // An unknown setting is one mistake, with any number of values.
    violations.dedup();
    if violations.is_empty() { Ok(values) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(key: &str, value: &str) -> Result<Vec<Value>, Vec<String>> {
        let table: toml::Table = format!("value = {value}").parse().unwrap();
        condition(key, &table["value"], "r.toml", Some(2), &format!("filter.{key}"))
            .map_err(|violations| violations.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_condition_is_a_value_or_a_list_of_alternatives() {
        assert_eq!(values("image.resolution", "64"), Ok(vec![Value::Integer(64)]));
        assert_eq!(values("image.resolution", "[64, 128]"), Ok(vec![Value::Integer(64), Value::Integer(128)]));
        // An integer for a float setting has the canonical form of stored settings.
        assert_eq!(values("guide.width", "1"), Ok(vec![Value::Number(1.0)]));
        assert_eq!(values("eval.measures", "[\"ssim\"]"), Ok(vec![Value::List(vec!["ssim".into()])]));
    }

    #[test]
    fn a_value_that_no_cell_can_have_is_an_error() {
        let errors = values("guide.network", "[\"vgg16\", \"resnet\"]").unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0].starts_with("r.toml:2: `filter.guide.network` is \"resnet\", but must be one of"),
            "{errors:?}"
        );
        assert_eq!(
            values("guide.net", "[\"a\", \"b\"]").unwrap_err(),
            ["r.toml:2: `filter.guide.net` is not a setting"]
        );
    }
}

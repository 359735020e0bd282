//! The JSON Schema of experiment files, generated from the catalogue of settings, for editors.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::embedded::embedded;
use super::manual::comments;
use super::{Kind, SETTINGS, Setting};
use crate::label::MAX_LENGTH;

/// The form of a value, which depends on the section.
#[derive(Clone, Copy)]
enum Form {
    /// A value: at the top level and in methods and includes.
    Single,
    /// A list of values: in `[grid]` and `[[zip]]`.
    Axis,
    /// A value or a list of alternatives: in `[[exclude]]`.
    Any,
}

/// The schema (draft 2020-12). It accepts every TOML spelling of a dotted key: nested tables, quoted, or mixed.
pub fn schema() -> Json {
    let mut properties = settings("", Form::Single);
    for (key, value) in sections() {
        properties.insert(key, value);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An experiment or a base file of jem",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": setting_definitions(),
    })
}

/// The schema of each setting by its key, for `$defs`.
pub fn setting_definitions() -> Map<String, Json> {
    let mut definitions = Map::new();
    let comments = embedded("base/jem.toml").map(|file| comments(file.text)).unwrap_or_default();
    for setting in SETTINGS {
        let mut value = allowed(&setting.kind);
        value["default"] = json!(setting.default_value());
        if let Some(comment) = comments.get(setting.key) {
            value["description"] = json!(comment);
        }
        definitions.insert(setting.key.to_owned(), value);
    }
    definitions
}

/// The schema of a table of conditions for settings, each with one value or a list of alternatives, and of the keys
/// `others`. It refers to [`setting_definitions`].
pub fn condition_schema(others: Map<String, Json>) -> Json {
    let mut properties = settings("", Form::Any);
    properties.extend(others);
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The keys of an experiment that are not settings.
fn sections() -> Vec<(String, Json)> {
    let name = json!({ "type": "string", "minLength": 1, "maxLength": MAX_LENGTH });
    let seeds = json!({
        "description": "The seeds. Every cell is trained once with each seed.",
        "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1, "uniqueItems": true,
    });
    let text = |about: &str| json!({ "description": about, "type": "string" });
    let identifier = json!({
        "description": "The name of the experiment. The default is the name of the file.",
        "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": MAX_LENGTH,
    });
    let list = |about: &str, item: Json| json!({ "description": about, "type": "array", "items": item });
    vec![
        ("extends".to_owned(), text("The base file, whose settings this file changes, such as base/jem.toml.")),
        ("name".to_owned(), identifier),
        ("title".to_owned(), text("The title of the experiment in reports.")),
        ("seeds".to_owned(), seeds),
        (
            "method".to_owned(),
            list("A method: a name and its settings.", table(Form::Single, "name", name.clone(), &["name"])),
        ),
        ("grid".to_owned(), {
            let mut grid = table(Form::Axis, "method", axis(name.clone()), &[]);
            grid["description"] = json!("Lists of values. Every combination of them is a cell.");
            grid
        }),
        (
            "zip".to_owned(),
            list(
                "Lists of values that are combined position by position.",
                table(Form::Axis, "method", axis(name.clone()), &[]),
            ),
        ),
        (
            "exclude".to_owned(),
            list(
                "Removes the cells that match all of these values. A list matches any of its values.",
                table(Form::Any, "method", any(name.clone()), &[]),
            ),
        ),
        ("include".to_owned(), list("Adds one cell.", table(Form::Single, "method", name, &[]))),
    ]
}

/// A table of settings with an additional key.
fn table(form: Form, key: &str, value: Json, required: &[&str]) -> Json {
    let mut properties = settings("", form);
    properties.insert(key.to_owned(), value);
    json!({ "type": "object", "properties": properties, "additionalProperties": false, "required": required })
}

/// The settings below `prefix`, in every spelling: `a.b.c` as one key, and each part of it as a nested table.
fn settings(prefix: &str, form: Form) -> Map<String, Json> {
    let mut properties = Map::new();
    for setting in SETTINGS {
        let Some(rest) = setting.key.strip_prefix(prefix) else { continue };
        properties.insert(rest.to_owned(), value(setting, form));
        let heads: BTreeSet<&str> = rest.match_indices('.').map(|(dot, _)| &rest[..dot]).collect();
        for head in heads {
            let inner = || {
                let properties = settings(&format!("{prefix}{head}."), form);
                json!({ "type": "object", "properties": properties, "additionalProperties": false })
            };
            properties.entry(head.to_owned()).or_insert_with(inner);
        }
    }
    properties
}

fn value(setting: &Setting, form: Form) -> Json {
    let single = json!({ "$ref": format!("#/$defs/{}", setting.key) });
    match form {
        Form::Single => single,
        Form::Axis => axis(single),
        Form::Any => any(single),
    }
}

fn axis(item: Json) -> Json {
    json!({ "type": "array", "items": item, "minItems": 1 })
}

fn any(item: Json) -> Json {
    json!({ "anyOf": [item.clone(), axis(item)] })
}

/// The allowed values of a kind of setting.
fn allowed(kind: &Kind) -> Json {
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Integer(low, i64::MAX) => json!({ "type": "integer", "minimum": low }),
        Kind::Integer(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::PowerOfTwo(low, high) => {
            let powers: Vec<i64> = (0..63).map(|power| 1 << power).filter(|n| (low..=high).contains(&n)).collect();
            json!({ "enum": powers })
        }
        Kind::Above(low, high) => json!({ "type": "number", "exclusiveMinimum": low, "maximum": high }),
        Kind::Below(low, high) => json!({ "type": "number", "minimum": low, "exclusiveMaximum": high }),
        Kind::Within(low, high) => json!({ "type": "number", "minimum": low, "maximum": high }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Subset(words) => {
            json!({ "type": "array", "items": { "enum": words }, "minItems": 1, "uniqueItems": true })
        }
        Kind::Path => json!({ "type": "string" }),
        Kind::Classes => {
            json!({ "type": ["string", "integer"], "minimum": 1, "maximum": 102, "pattern": "^ *(all|[0-9]+( *- *[0-9]+)?( *, *[0-9]+( *- *[0-9]+)?)*) *$" })
        }
        Kind::Weights => json!({ "type": "string", "pattern": "^(random:[0-9]+$|(?!random:|fit$).)" }),
        Kind::FittedPath => json!({ "type": "string", "minLength": 1 }),
        Kind::FittedWeights => json!({ "type": "string", "pattern": "^(random:[0-9]+$|(?!random:).)" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_dotted_key_has_the_same_schema() {
        let grid = &schema()["properties"]["grid"]["properties"];
        let value = json!({ "$ref": "#/$defs/optimizer.generator.rate" });
        let nested = &grid["optimizer"]["properties"]["generator"]["properties"]["rate"]["items"];
        let quoted = &grid["optimizer.generator.rate"]["items"];
        let mixed = &grid["optimizer"]["properties"]["generator.rate"]["items"];
        let quoted_table = &grid["optimizer.generator"]["properties"]["rate"]["items"];
        assert_eq!([nested, quoted, mixed, quoted_table], [&value; 4]);
    }

    #[test]
    fn descriptions_are_the_comments_of_the_base_file() {
        let schema = schema();
        let batch = &schema["$defs"]["train.batch"];
        assert_eq!((&batch["default"], &batch["maximum"]), (&json!(64), &json!(4096)));
        assert!(batch["description"].as_str().unwrap().starts_with("Images per step"));
    }

    #[test]
    fn every_default_is_in_the_allowed_range() {
        for setting in SETTINGS {
            let allowed = allowed(&setting.kind);
            let default = json!(setting.default_value());
            if let Some(words) = allowed["enum"].as_array() {
                assert!(words.contains(&default), "{}", setting.key);
            }
            for (bound, satisfies) in [("minimum", f64::ge as fn(&f64, &f64) -> bool), ("maximum", f64::le)] {
                if let (Some(bound), Some(default)) = (allowed[bound].as_f64(), default.as_f64()) {
                    assert!(satisfies(&default, &bound), "{}", setting.key);
                }
            }
        }
    }
}

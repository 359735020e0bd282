//! A JSON Schema of experiment files, made from the catalogue of settings, for editors that know TOML by schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::embedded::embedded;
use super::manual::comments;
use super::{Kind, SETTINGS, Setting};
use crate::label::LONGEST;

/// What a key may hold, by where it stands.
#[derive(Clone, Copy)]
enum Form {
    /// A value, at the top and in methods and includes.
    One,
    /// A list of values, in `[grid]` and `[[zip]]`.
    Axis,
    /// A value, or a list of which any will do, in `[[exclude]]`.
    Any,
}

/// The schema (draft 2020-12). A dotted key may be written in any of TOML's ways: as nested tables, quoted, or mixed.
pub fn schema() -> Json {
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
    let mut properties = group("", Form::One);
    for (key, value) in top() {
        properties.insert(key, value);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An experiment of jem, or a base file",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// What stands at the top of an experiment beside settings.
fn top() -> Vec<(String, Json)> {
    let name = json!({ "type": "string", "minLength": 1, "maxLength": LONGEST });
    let seeds = json!({
        "description": "The seeds: every cell is trained once with each.",
        "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1, "uniqueItems": true,
    });
    let text = |about: &str| json!({ "description": about, "type": "string" });
    let identifier = json!({
        "description": "The experiment's name; the file's unless said.", "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": LONGEST,
    });
    let list = |about: &str, item: Json| json!({ "description": about, "type": "array", "items": item });
    vec![
        ("extends".to_owned(), text("The base file that this one adds to, such as base/jem.toml.")),
        ("name".to_owned(), identifier),
        ("title".to_owned(), text("The title that reports carry.")),
        ("seeds".to_owned(), seeds),
        (
            "method".to_owned(),
            list("A named bundle of settings.", part("", Form::One, "name", name.clone(), &["name"])),
        ),
        ("grid".to_owned(), {
            let mut grid = part("", Form::Axis, "method", axis(name.clone()), &[]);
            grid["description"] = json!("Axes: every combination of their values is a cell.");
            grid
        }),
        (
            "zip".to_owned(),
            list("Keys that move together: one axis.", part("", Form::Axis, "method", axis(name.clone()), &[])),
        ),
        (
            "exclude".to_owned(),
            list("A cell that matches all of it is dropped.", part("", Form::Any, "method", any(name.clone()), &[])),
        ),
        ("include".to_owned(), list("One cell more.", part("", Form::One, "method", name, &[]))),
    ]
}

/// A table of settings with one key more.
fn part(prefix: &str, form: Form, key: &str, value: Json, required: &[&str]) -> Json {
    let mut properties = group(prefix, form);
    properties.insert(key.to_owned(), value);
    json!({ "type": "object", "properties": properties, "additionalProperties": false, "required": required })
}

/// The keys below `prefix`, in every spelling: `a.b.c` as one key, and each part of it as a table of its own.
fn group(prefix: &str, form: Form) -> Map<String, Json> {
    let mut properties = Map::new();
    for setting in SETTINGS {
        let Some(rest) = setting.key.strip_prefix(prefix) else { continue };
        properties.insert(rest.to_owned(), value(setting, form));
        let heads: BTreeSet<&str> = rest.match_indices('.').map(|(dot, _)| &rest[..dot]).collect();
        for head in heads {
            let inner = || {
                let properties = group(&format!("{prefix}{head}."), form);
                json!({ "type": "object", "properties": properties, "additionalProperties": false })
            };
            properties.entry(head.to_owned()).or_insert_with(inner);
        }
    }
    properties
}

fn value(setting: &Setting, form: Form) -> Json {
    let one = json!({ "$ref": format!("#/$defs/{}", setting.key) });
    match form {
        Form::One => one,
        Form::Axis => axis(one),
        Form::Any => any(one),
    }
}

fn axis(one: Json) -> Json {
    json!({ "type": "array", "items": one, "minItems": 1 })
}

fn any(one: Json) -> Json {
    json!({ "anyOf": [one.clone(), axis(one)] })
}

/// The values that a setting may take.
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
    fn a_dotted_key_may_be_written_in_every_way() {
        let grid = &schema()["properties"]["grid"]["properties"];
        let value = json!({ "$ref": "#/$defs/optimizer.generator.rate" });
        let nested = &grid["optimizer"]["properties"]["generator"]["properties"]["rate"]["items"];
        let quoted = &grid["optimizer.generator.rate"]["items"];
        let mixed = &grid["optimizer"]["properties"]["generator.rate"]["items"];
        let other = &grid["optimizer.generator"]["properties"]["rate"]["items"];
        assert_eq!([nested, quoted, mixed, other], [&value; 4]);
    }

    #[test]
    fn an_editor_is_told_what_the_base_file_says() {
        let schema = schema();
        let batch = &schema["$defs"]["train.batch"];
        assert_eq!((&batch["default"], &batch["maximum"]), (&json!(64), &json!(4096)));
        assert!(batch["description"].as_str().unwrap().starts_with("Images in a step"));
    }

    #[test]
    fn every_default_lies_within_its_own_range() {
        for setting in SETTINGS {
            let allowed = allowed(&setting.kind);
            let default = json!(setting.default_value());
            if let Some(words) = allowed["enum"].as_array() {
                assert!(words.contains(&default), "{}", setting.key);
            }
            for (bound, holds) in [("minimum", f64::ge as fn(&f64, &f64) -> bool), ("maximum", f64::le)] {
                if let (Some(bound), Some(default)) = (allowed[bound].as_f64(), default.as_f64()) {
                    assert!(holds(&default, &bound), "{}", setting.key);
                }
            }
        }
    }
}

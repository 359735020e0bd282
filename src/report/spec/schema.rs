//! The JSON Schema of report files, for editors.

use serde_json::{Map, Value as Json, json};

use super::language::{Allowed, CONDITIONS, FILTER, KEYS, Key};
use crate::label::MAX_LENGTH;
use crate::measure::{Direction, METRICS};
use crate::report::BASE_REPORT;
use crate::spec::{comments, condition_schema, setting_definitions};

/// The schema (draft 2020-12). The descriptions are the comments of the base file.
pub fn schema() -> Json {
    let comments = comments(BASE_REPORT);
    let mut properties = Map::new();
    for key in KEYS {
        let mut value = value(key.allowed);
        if let Some(comment) = comments.get(key.name) {
            value["description"] = json!(comment);
        }
        insert(&mut properties, key.name, value);
    }
    let mut definitions = setting_definitions();
    definitions.insert("conditions".to_owned(), condition_schema(object(CONDITIONS)));
    definitions.insert("filter".to_owned(), condition_schema(object(FILTER)));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A report of jem",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// Inserts a key in both spellings: as a nested table, and quoted.
fn insert(properties: &mut Map<String, Json>, name: &str, value: Json) {
    if let Some((table, key)) = name.split_once('.') {
        let empty = || json!({ "type": "object", "properties": {}, "additionalProperties": false });
        properties.entry(table.to_owned()).or_insert_with(empty)["properties"][key] = value.clone();
    }
    properties.insert(name.to_owned(), value);
}

fn value(allowed: Allowed) -> Json {
    let text = || json!({ "type": "string" });
    let metrics = |ranked: bool| -> Vec<&str> {
        METRICS.iter().filter(|m| !ranked || m.direction != Direction::Neutral).map(|metric| metric.name).collect()
    };
    let measures = || [vec!["convergence"], metrics(true)].concat();
    match allowed {
        Allowed::Text(least) => json!({ "type": "string", "minLength": least }),
        // Without `\p{L}`, which not every validator knows: no spaces and no other ASCII punctuation than `-`, `_` and `.`.
        Allowed::FolderName => json!({
            "type": "string",
            "pattern": "^ *([^\\s!-/:-@\\[-^`{-~][^\\s!-,/:-@\\[-^`{-~]*)? *$",
            "maxLength": MAX_LENGTH,
        }),
        Allowed::Texts => list(text()),
        Allowed::TextOrTexts => json!({ "anyOf": [text(), list(text())] }),
        Allowed::Metrics => list(json!({ "enum": metrics(false) })),
        Allowed::RankedMetric => json!({ "enum": metrics(true) }),
        Allowed::Measure => json!({ "enum": measures() }),
        Allowed::Measures => list(json!({ "enum": measures() })),
        Allowed::Choice(words) => json!({ "enum": words }),
        Allowed::Words(words) => list(json!({ "enum": words })),
        Allowed::WordOrWords(words) => json!({ "anyOf": [{ "enum": words }, list(json!({ "enum": words }))] }),
        Allowed::Between(low, high) => json!({ "type": "number", "exclusiveMinimum": low, "exclusiveMaximum": high }),
        Allowed::AtLeast(low) => json!({ "type": "number", "minimum": low }),
        Allowed::NumberOr(word) => json!({ "anyOf": [{ "type": "number" }, { "enum": [word] }] }),
        Allowed::Integer(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Allowed::IntegerOr(_, word) => json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "enum": [word] }] }),
        Allowed::IntegerOrIntegers => {
            let integer = json!({ "type": "integer", "minimum": 0 });
            json!({ "anyOf": [integer.clone(), list(integer)] })
        }
        Allowed::Smoothing => json!({ "anyOf": [
            { "enum": [1, 3, 5, 7, 9, 11, 13, 15] },
            { "type": "string", "pattern": "^(none|median:[0-9]+|ema:[0-9.e-]+)$" },
        ] }),
        Allowed::Conditions => json!({ "$ref": "#/$defs/conditions" }),
        Allowed::Filter => json!({ "$ref": "#/$defs/filter" }),
        Allowed::Tables(keys) => json!({
            "type": "array",
            "items": { "type": "object", "properties": object(keys), "additionalProperties": false },
        }),
    }
}

fn list(item: Json) -> Json {
    json!({ "type": "array", "items": item, "uniqueItems": true })
}

fn object(keys: &[Key]) -> Map<String, Json> {
    keys.iter().map(|key| (key.name.to_owned(), value(key.allowed))).collect()
}

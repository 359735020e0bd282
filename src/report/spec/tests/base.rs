//! The base file, and the schema.

use std::collections::BTreeSet;

use crate::report::spec::ReportSpec;
use crate::report::spec::language::{Allowed, FILTER, KEYS};
use crate::report::{BASE_REPORT, schema};
use crate::spec::comments;

/// The keys of the base file: those of the language, with the keys of `[filter]` that are no settings.
fn documented() -> BTreeSet<String> {
    let filter = FILTER.iter().map(|key| format!("filter.{}", key.name));
    let keys = KEYS.iter().filter(|key| !matches!(key.allowed, Allowed::Filter)).map(|key| key.name.to_owned());
    keys.chain(filter).collect()
}

#[test]
fn the_base_file_contains_every_key_with_a_comment() {
    let comments = comments(BASE_REPORT);
    // A comment above a table or before a closing bracket belongs to no key.
    let keys: BTreeSet<String> =
        comments.keys().filter(|key| !key.starts_with("line ") && *key != "the end").cloned().collect();
    assert_eq!(keys, documented());
    let uncommented: Vec<&String> = comments.iter().filter(|(_, text)| text.is_empty()).map(|(key, _)| key).collect();
    assert!(uncommented.is_empty(), "no comment above {uncommented:?}");
    for key in KEYS {
        let Allowed::Tables(inner) = key.allowed else { continue };
        for inner in inner {
            let text = &comments[key.name];
            assert!(text.contains(&format!("`{}`", inner.name)), "the comment of {} lacks `{}`", key.name, inner.name);
        }
    }
}

#[test]
fn the_base_file_contains_every_word_that_a_key_allows() {
    let comments = comments(BASE_REPORT);
    for key in KEYS {
        if let Allowed::Choice(words) | Allowed::Words(words) = key.allowed {
            for word in words {
                assert!(comments[key.name].contains(word), "the comment of {} lacks {word}", key.name);
            }
        }
    }
}

#[test]
fn the_values_of_the_base_file_are_the_defaults() {
    assert_eq!(ReportSpec::parse(BASE_REPORT, "x.toml").unwrap(), ReportSpec::parse("", "x.toml").unwrap());
}

#[test]
fn the_schema_contains_every_key_with_the_comment_of_the_base_file() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for key in KEYS {
        let quoted = &schema["properties"][key.name];
        if !matches!(key.allowed, Allowed::Filter) {
            assert!(quoted["description"].is_string(), "{}", key.name);
        }
        if let Some((table, name)) = key.name.split_once('.') {
            assert_eq!(&schema["properties"][table]["properties"][name], quoted, "{}", key.name);
        }
    }
    assert_eq!(schema["properties"]["claims"]["items"]["properties"]["a"]["$ref"], "#/$defs/conditions");
    assert!(schema["$defs"]["filter"]["properties"]["state"].is_object());
    assert!(schema["$defs"]["conditions"]["properties"]["guide"]["properties"]["segmentation"].is_object());
}

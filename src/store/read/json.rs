//! JSON in the database: the settings of runs, and many rows or parameters as one text.

use std::collections::BTreeMap;

use crate::spec::Value;
use crate::store::RunId;

/// The stored form of a setting: its value and its origin. Only the value is read.
#[derive(serde::Deserialize)]
struct Setting {
    value: Value,
}

/// The settings of a run, as queued, by dotted key.
pub(in crate::store) fn settings(json: &str) -> Result<BTreeMap<String, Value>, serde_json::Error> {
    let stored: BTreeMap<String, Setting> = serde_json::from_str(json)?;
    Ok(stored.into_iter().map(|(key, setting)| (key, setting.value)).collect())
}

/// Run numbers as a JSON array: SQLite binds a list to a parameter in this form.
pub(super) fn numbers(runs: &[RunId]) -> String {
    serde_json::to_string(&runs.iter().map(|run| run.0).collect::<Vec<_>>()).expect("integers can be written as JSON")
}

/// Reads rows that a query returned as one JSON text. The driver passes every row between threads and allocates every
/// value; for ten thousand rows that takes several times as long as the query. JSON keeps integers and text exactly,
/// and rounds other numbers to 15 digits.
pub(super) fn unpack<'a, T: serde::Deserialize<'a>>(packed: &'a str) -> Result<Vec<T>, sqlx::Error> {
    serde_json::from_str(packed).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

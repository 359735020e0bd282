//! The output of `jem eval`: values, how they were computed, and notes.

use serde_json::{Map, Value as Json, json};

use crate::evaluate::{SourceInfo, short_digest};
use crate::metric::FeatureOrigin;

use super::super::CliError;
use super::super::format::{Field, Format, Records, print, print_json};
use super::{image_count, other_files};

/// With fewer images than this, a distance depends strongly on their number.
const FEW: usize = 10_000;

/// A second table beside the values.
pub struct Details {
    /// Its key in JSON.
    pub key: &'static str,
    /// The table.
    pub records: Records,
    /// Whether the text output has it too.
    pub in_text: bool,
    /// Whether the CSV output has it instead of the values.
    pub in_csv: bool,
}

/// The result of one measure or several.
pub struct EvalResult {
    values: Vec<(String, f64, Option<f64>, &'static str)>,
    /// The key, text and JSON of everything that the values follow from.
    protocol: Vec<(&'static str, String, Json)>,
    settings: Map<String, Json>,
    notes: Vec<String>,
    details: Option<Details>,
}

impl EvalResult {
    /// Of features that were extracted as `origin` says.
    pub fn new(origin: Option<&FeatureOrigin>) -> Self {
        let text = match origin {
            Some(origin) => format!(
                "{}, layer {}, weights {}, input {side}×{side}, resizer {}, width {}",
                origin.network,
                origin.layer,
                short_digest(&origin.weights, 12),
                origin.resizer,
                origin.width,
                side = origin.input,
            ),
            None => "of unknown origin".to_owned(),
        };
        Self::with_features(text, json!(origin))
    }

    /// Of features that are described by a text and by JSON.
    pub fn with_features(text: String, json: Json) -> Self {
        let protocol = vec![("features", text, json)];
        Self { values: Vec::new(), protocol, settings: Map::new(), notes: Vec::new(), details: None }
    }

    /// Adds a value.
    pub fn value(&mut self, measure: impl Into<String>, value: f64) {
        self.values.push((measure.into(), value, None, ""));
    }

    /// Adds a value with its uncertainty, and what kind of uncertainty it is.
    pub fn uncertain_value(&mut self, measure: impl Into<String>, value: f64, uncertainty: f64, kind: &'static str) {
        self.values.push((measure.into(), value, Some(uncertainty), kind));
    }

    /// Adds a description of a source under its key in JSON.
    pub fn source(&mut self, key: &'static str, source: &SourceInfo) {
        self.protocol.push((key, text(source), json(source)));
    }

    /// Adds the generated images, and the real images if there are any, of a measure that depends on the number of
    /// images.
    pub fn sources(&mut self, generated: &SourceInfo, real: Option<&SourceInfo>) {
        let sources = [("generated", Some(generated)), ("real", real)];
        for (key, source) in sources.into_iter().filter_map(|(key, source)| Some((key, source?))) {
            self.source(key, source);
        }
        for (key, source) in sources.into_iter().filter_map(|(key, source)| Some((key, source?))) {
            let what = match source.count {
                None => format!("the number of {key} images is not known"),
                Some(count) if count < FEW => format!("the {key} set has {}, fewer than {FEW}", image_count(count)),
                Some(_) => continue,
            };
            self.note(format!("{what}: the value depends on the number of images"));
        }
    }

    /// Adds a setting of the measure.
    pub fn setting(&mut self, name: &str, value: impl Into<Json>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    /// Adds a note for the reader.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Sets the second table.
    pub fn details(&mut self, details: Details) {
        self.details = Some(details);
    }

    /// Prints the result.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub fn print(&self, format: Format) -> Result<(), CliError> {
        match format {
            Format::Table => print(&self.text()),
            Format::Json => print_json(&self.json()),
            Format::Csv => match &self.details {
                Some(details) if details.in_csv => details.records.print(Format::Csv),
                _ => self.records().print(Format::Csv),
            },
        }
    }

    fn records(&self) -> Records {
        let mut records = Records::new(&["measure", "value"]);
        records.add_column("uncertainty", "±");
        records.add_column("uncertainty_is", "± is the");
        for (measure, value, uncertainty, kind) in &self.values {
            let (measure, uncertainty) = (Field::text(measure), Field::number(*uncertainty));
            records.push(vec![measure, Field::Number(*value), uncertainty, Field::text(*kind)]);
        }
        records.hide_if_empty("uncertainty");
        records.hide_if_empty("uncertainty_is");
        records
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.records().table());
        if let Some(Details { records, .. }) = self.details.as_ref().filter(|details| details.in_text) {
            text.push_str(&format!("{}\n\n", records.table()));
        }
        for (key, description, _) in &self.protocol {
            text.push_str(&format!("{key}: {description}\n"));
        }
        if !self.settings.is_empty() {
            let each = self.settings.iter().map(|(name, value)| format!("{} {value}", name.replace('_', " ")));
            text.push_str(&format!("settings: {}\n", each.collect::<Vec<_>>().join(", ")));
        }
        self.notes.iter().for_each(|note| text.push_str(&format!("note: {note}\n")));
        text
    }

    fn json(&self) -> Json {
        let mut all = Map::new();
        all.insert("values".into(), self.records().json());
        all.extend(self.protocol.iter().map(|(key, _, json)| ((*key).to_owned(), json.clone())));
        all.insert("settings".into(), self.settings.clone().into());
        if let Some(details) = &self.details {
            all.insert(details.key.into(), details.records.json());
        }
        all.insert("notes".into(), json!(self.notes));
        all.into()
    }
}

fn text(source: &SourceInfo) -> String {
    let SourceInfo { path, kind, count, skipped, other_files: others, cached } = source;
    let mut parts = vec![count.map_or("unknown number of images".to_owned(), image_count)];
    parts.push(match *kind {
        "features" => format!("features in {path}"),
        "moments" => format!("mean and covariance in {path}"),
        "samples" => format!("samples of {path}"),
        "photos" => format!("held-out images {path}"),
        kind => format!("{kind} {path}"),
    });
    if *skipped > 0 {
        parts.push(format!("{skipped} unreadable skipped"));
    }
    parts.extend(other_files(others));
    if *cached {
        parts.push("moments from the cache".to_owned());
    }
    parts.join(", ")
}

fn json(source: &SourceInfo) -> Json {
    let SourceInfo { path, kind, count, skipped, other_files, cached } = source;
    json!({
        "path": path, "kind": kind, "pictures": count, "skipped": skipped, "passed_over": other_files, "cached": cached,
    })
}

//! What a comparison comes to, and how it was made.

use serde_json::{Map, Value as Json, json};

use crate::metric::FeatureOrigin;

use super::super::CliError;
use super::super::format::{Field, Format, Sheet, print, print_json};
use super::name::digits;
use super::pictures;
use super::pictures::{PictureFolder, Pictures as _, passed_over};
use super::source::Source;

/// One side, as an answer tells of it.
pub struct Party {
    /// Where it is.
    pub path: String,
    /// folder, features, moments, samples or photos.
    pub kind: &'static str,
    /// How many pictures count, where that is known.
    pub count: Option<usize>,
    /// How many could not be read.
    pub skipped: usize,
    /// The names of files beside the pictures that are not looked at.
    pub passed_over: Vec<String>,
    /// Whether its moments were in the cache.
    pub cached: bool,
}

impl Party {
    /// A side as it was given.
    pub fn of(source: &Source) -> Self {
        let path = source.path().display().to_string();
        let passed_over = source.beside().to_vec();
        Self { path, kind: source.kind(), count: source.count(), skipped: 0, passed_over, cached: false }
    }

    /// A folder, all of whose pictures count.
    pub fn of_folder(folder: &PictureFolder) -> Self {
        let path = folder.path().display().to_string();
        Self {
            path,
            kind: "folder",
            count: Some(folder.count()),
            skipped: 0,
            passed_over: folder.passed_over().to_vec(),
            cached: false,
        }
    }

    fn words(&self) -> String {
        let skipped = if self.skipped > 0 { format!(", {} unreadable left out", self.skipped) } else { String::new() };
        let cached = if self.cached { ", moments from the cache" } else { "" };
        let lie = if ["samples", "photos"].contains(&self.kind) { "of" } else { "in" };
        let count = self.count.map_or("pictures of unknown number".to_owned(), pictures);
        let beside = passed_over(&self.passed_over).map_or_else(String::new, |words| format!(", {words}"));
        format!("{count}, {} {lie} {}{skipped}{beside}{cached}", self.kind, self.path)
    }

    fn json(&self) -> Json {
        let Self { path, kind, count, skipped, passed_over, cached } = self;
        json!({
            "path": path, "kind": kind, "pictures": count, "skipped": skipped, "passed_over": passed_over, "cached": cached,
        })
    }
}

/// More rows than the values.
pub struct Details {
    /// What they are called in JSON.
    pub key: &'static str,
    /// The rows.
    pub sheet: Sheet,
    /// Whether people are shown them too.
    pub for_people: bool,
    /// Whether they are what CSV has, in place of the values.
    pub for_csv: bool,
}

/// An answer of one measure or several.
pub struct Answer {
    values: Vec<(String, f64, Option<f64>, &'static str)>,
    protocol: Vec<(&'static str, String, Json)>,
    settings: Map<String, Json>,
    notes: Vec<String>,
    details: Option<Details>,
}

impl Answer {
    /// Of features that were made so.
    pub fn new(origin: Option<&FeatureOrigin>) -> Self {
        let words = match origin {
            Some(origin) => format!(
                "{}, layer {}, weights {}, pictures at {side}×{side} by the {} resizer, width {}",
                origin.network,
                origin.layer,
                digits(&origin.weights, 12),
                origin.resizer,
                origin.width,
                side = origin.input,
            ),
            None => "of unknown origin".to_owned(),
        };
        Self::by(words, json!(origin))
    }

    /// Of features in these words.
    pub fn by(words: String, json: Json) -> Self {
        let protocol = vec![("features", words, json)];
        Self { values: Vec::new(), protocol, settings: Map::new(), notes: Vec::new(), details: None }
    }

    /// A value.
    pub fn value(&mut self, measure: impl Into<String>, value: f64) {
        self.values.push((measure.into(), value, None, ""));
    }

    /// A value and how far it may be off, which is `what`.
    pub fn spread(&mut self, measure: impl Into<String>, value: f64, off: f64, what: &'static str) {
        self.values.push((measure.into(), value, Some(off), what));
    }

    /// A side, named as JSON has it.
    pub fn party(&mut self, name: &'static str, party: &Party) {
        self.protocol.push((name, party.words(), party.json()));
    }

    /// The side of what was generated, and that of what is real where there is one, of a measure that depends on how many
    /// pictures each has.
    pub fn sides(&mut self, generated: &Party, real: Option<&Party>) {
        self.party("generated", generated);
        real.into_iter().for_each(|real| self.party("real", real));
        let sides = [("generated", Some(generated)), ("real", real)];
        for (name, party) in sides.into_iter().filter_map(|(name, party)| Some((name, party?))) {
            match party.count {
                None => self.note(format!(
                    "how many pictures the {name} side has is not known: the value depends on their number"
                )),
                Some(count) if count < FEW => {
                    let count = pictures(count);
                    self.note(format!(
                        "the {name} side has {count}, fewer than {FEW}: the value depends on their number"
                    ));
                }
                Some(_) => {}
            }
        }
    }

    /// A setting of the measure.
    pub fn setting(&mut self, name: &str, value: impl Into<Json>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    /// Something that a reader has to know.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// More rows.
    pub fn details(&mut self, details: Details) {
        self.details = Some(details);
    }

    /// Prints it.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub fn print(&self, format: Format) -> Result<(), CliError> {
        match format {
            Format::Table => print(&self.text()),
            Format::Json => print_json(&self.json()),
            Format::Csv => match &self.details {
                Some(details) if details.for_csv => details.sheet.print(Format::Csv),
                _ => self.sheet().print(Format::Csv),
            },
        }
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&["measure", "value"]);
        sheet.show("uncertainty", "±");
        sheet.show("uncertainty_is", "which is the");
        for (measure, value, off, what) in &self.values {
            let (measure, off) = (Field::text(measure), Field::number(*off));
            sheet.push(vec![measure, Field::Number(*value), off, Field::text(*what)]);
        }
        sheet.hide_if_empty("uncertainty");
        sheet.hide_if_empty("uncertainty_is");
        sheet
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.sheet().table());
        if let Some(Details { sheet, .. }) = self.details.as_ref().filter(|details| details.for_people) {
            text.push_str(&format!("{}\n\n", sheet.table()));
        }
        for (name, words, _) in &self.protocol {
            text.push_str(&format!("{name}: {words}\n"));
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
        all.insert("values".into(), self.sheet().json());
        all.extend(self.protocol.iter().map(|(name, _, json)| ((*name).to_owned(), json.clone())));
        all.insert("settings".into(), self.settings.clone().into());
        if let Some(details) = &self.details {
            all.insert(details.key.into(), details.sheet.json());
        }
        all.insert("notes".into(), json!(self.notes));
        all.into()
    }
}

/// Below this many pictures, a distance says much about their number.
const FEW: usize = 10_000;

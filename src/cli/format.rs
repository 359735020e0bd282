//! How answers are printed: a table for people, JSON and CSV with every digit for programs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value as Json;

use super::CliError;
use super::table::table;
use crate::screen;

/// How to print an answer.
#[derive(Args, Clone, Copy)]
pub struct FormatArgs {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people; numbers are rounded
    Table,
    /// An array of objects; every digit
    Json,
    /// RFC 4180, with a head; every digit
    Csv,
}

/// One field of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// Nothing is known.
    None,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number, which may be non-finite.
    Number(f64),
    /// Minutes, shown to a tenth.
    Minutes(f64),
    /// Words that hold no comma.
    List(Vec<String>),
}

impl Field {
    /// Text, or nothing where it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        Field::Text(text.into())
    }

    /// A number that may be missing.
    pub fn number(number: Option<f64>) -> Self {
        number.map_or(Field::None, Field::Number)
    }

    /// A whole number that may be missing.
    pub fn integer(integer: Option<impl Into<i64>>) -> Self {
        integer.map_or(Field::None, |integer| Field::Integer(integer.into()))
    }

    /// As a table shows it.
    pub fn for_people(&self) -> String {
        match self {
            Field::None => "-".to_owned(),
            Field::Text(text) if text.is_empty() => "-".to_owned(),
            Field::Text(text) => text.clone(),
            Field::Integer(integer) => integer.to_string(),
            Field::Number(number) => rounded(*number),
            Field::Minutes(minutes) => format!("{minutes:.1}"),
            Field::List(words) => words.join(","),
        }
    }

    fn for_csv(&self) -> Cow<'_, str> {
        match self {
            Field::None => Cow::Borrowed(""),
            Field::Text(text) => Cow::Borrowed(text),
            Field::Integer(integer) => Cow::Owned(integer.to_string()),
            Field::Number(number) | Field::Minutes(number) => match nonfinite(*number) {
                Some(word) => Cow::Borrowed(word),
                None => Cow::Owned(format!("{number:?}")),
            },
            Field::List(words) => Cow::Owned(words.join(",")),
        }
    }
}

/// JSON has no word for a non-finite number: it is null, and the object's `nonfinite` says which it was.
impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Field::None => serializer.serialize_none(),
            Field::Text(text) => serializer.serialize_str(text),
            Field::Integer(integer) => serializer.serialize_i64(*integer),
            Field::Number(number) | Field::Minutes(number) if number.is_finite() => serializer.serialize_f64(*number),
            Field::Number(_) | Field::Minutes(_) => serializer.serialize_none(),
            Field::List(words) => words.serialize(serializer),
        }
    }
}

/// Four decimals, or four digits where these would not show it.
fn rounded(number: f64) -> String {
    let size = number.abs();
    match nonfinite(number) {
        Some(word) => word.to_owned(),
        None if size != 0.0 && !(1e-3..1e6).contains(&size) => format!("{number:.3e}"),
        None => {
            // By whole numbers, which takes a tenth of the time of exact formatting; a long listing is full of these.
            let sign = if number < 0.0 { "-" } else { "" };
            let scaled = (size * 1e4).round() as u64;
            format!("{sign}{}.{:04}", scaled / 10_000, scaled % 10_000)
        }
    }
}

fn nonfinite(number: f64) -> Option<&'static str> {
    match number {
        _ if number.is_finite() => None,
        f64::INFINITY => Some("inf"),
        f64::NEG_INFINITY => Some("-inf"),
        _ => Some("nan"),
    }
}

/// A column: its key in JSON and CSV, and whether a table shows it.
#[derive(Clone, Debug)]
pub struct Column {
    key: String,
    title: Option<String>,
}

/// An answer in rows. Every format has the same rows; JSON and CSV also have the columns that a table leaves out.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    columns: Vec<Column>,
    rows: Vec<Vec<Field>>,
}

impl Sheet {
    /// A sheet with these columns, all shown under their keys.
    pub fn new(keys: &[&str]) -> Self {
        let mut sheet = Self::default();
        for key in keys {
            sheet.show(*key, *key);
        }
        sheet
    }

    /// Adds a column that a table shows under `title`.
    pub fn show(&mut self, key: impl Into<String>, title: impl Into<String>) {
        self.columns.push(Column { key: key.into(), title: Some(title.into()) });
    }

    /// Adds a column for JSON and CSV alone.
    pub fn keep(&mut self, key: impl Into<String>) {
        self.columns.push(Column { key: key.into(), title: None });
    }

    /// Adds a row, a field a column.
    pub fn push(&mut self, row: Vec<Field>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a field for every column");
        self.rows.push(row);
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hides a column from the table when no row has anything in it.
    pub fn hide_if_empty(&mut self, key: &str) {
        let Some(at) = self.columns.iter().position(|column| column.key == key) else { return };
        let empty = |field: &Field| match field {
            Field::None => true,
            Field::Text(text) => text.is_empty(),
            Field::List(words) => words.is_empty(),
            Field::Integer(_) | Field::Number(_) | Field::Minutes(_) => false,
        };
        if self.rows.iter().all(|row| empty(&row[at])) {
            self.columns[at].title = None;
        }
    }

    /// The rows as JSON values, to stand in a larger one.
    pub fn json(&self) -> Json {
        serde_json::to_value(self).expect("keys are text and numbers finite")
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let shown: Vec<(usize, &str)> = self.shown().collect();
        let head: Vec<&str> = shown.iter().map(|(_, title)| *title).collect();
        let fields = |row: &Vec<Field>| shown.iter().map(|(at, _)| row[*at].for_people()).collect();
        table(&head, self.rows.iter().map(fields).collect()).for_output()
    }

    /// The table for people with rows and columns changed over: for few rows of many columns.
    pub fn turned(&self) -> String {
        let Some((first, title)) = self.shown().next() else { return String::new() };
        let names: Vec<String> = self.rows.iter().map(|row| row[first].for_people()).collect();
        let mut head = vec![title];
        head.extend(names.iter().map(String::as_str));
        let rows = self.shown().skip(1).map(|(at, title)| {
            let mut row = vec![title.to_owned()];
            row.extend(self.rows.iter().map(|fields| fields[at].for_people()));
            row
        });
        table(&head, rows.collect()).for_output()
    }

    fn shown(&self) -> impl Iterator<Item = (usize, &str)> {
        self.columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.title.as_deref()?)))
    }

    /// Prints the sheet.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub fn print(&self, format: Format) -> Result<(), CliError> {
        match format {
            Format::Table => print(&format!("{}\n", self.table())),
            Format::Json => print_json(self),
            Format::Csv => print_data(&self.csv()?),
        }
    }

    /// The sheet as RFC 4180 writes it, with a head.
    ///
    /// # Errors
    ///
    /// None in practice: it is written to memory.
    pub fn csv(&self) -> Result<String, CliError> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let failed = |error: csv::Error| CliError::Output(error.into());
        writer.write_record(self.columns.iter().map(|column| &column.key)).map_err(failed)?;
        for row in &self.rows {
            for field in row {
                writer.write_field(field.for_csv().as_bytes()).map_err(failed)?;
            }
            writer.write_record(None::<&[u8]>).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| CliError::Output(error.into_error()))?;
        Ok(String::from_utf8(bytes).expect("fields are text, and so is what joins them"))
    }
}

/// An array of objects. Keys are the same in every row; `nonfinite` maps the keys of numbers that JSON cannot hold to
/// `nan`, `inf` or `-inf`.
impl Serialize for Sheet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|fields| Row { columns: &self.columns, fields }))
    }
}

struct Row<'a> {
    columns: &'a [Column],
    fields: &'a [Field],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len() + 1))?;
        let mut lost = BTreeMap::new();
        for (column, field) in self.columns.iter().zip(self.fields) {
            map.serialize_entry(&column.key, field)?;
            if let Field::Number(number) | Field::Minutes(number) = field
                && let Some(word) = nonfinite(*number)
            {
                lost.insert(&column.key, word);
            }
        }
        map.serialize_entry("nonfinite", &lost)?;
        map.end()
    }
}

/// Prints a JSON value with a line a member.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    let mut text = serde_json::to_string_pretty(value).expect("keys are text and numbers finite");
    text.push('\n');
    print_data(&text)
}

/// Prints text for people: characters that cannot be seen are written out.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print(text: &str) -> Result<(), CliError> {
    screen::write(text).map_err(CliError::Output)
}

/// Prints text for programs as it is.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print_data(text: &str) -> Result<(), CliError> {
    screen::write_raw(text.as_bytes()).map_err(CliError::Output)
}

#[cfg(test)]
mod tests;

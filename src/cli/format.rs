//! The output formats: a table for people, and JSON and CSV with all digits for programs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value as Json;

use super::CliError;
use super::table::table;
use crate::screen;

/// The output format of a command.
#[derive(Args, Clone, Copy)]
pub struct FormatArgs {
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns with rounded numbers
    Table,
    /// An array of objects, with all digits
    Json,
    /// RFC 4180 with a header, with all digits
    Csv,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A missing value.
    None,
    /// Text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A number, which may be infinite or NaN.
    Number(f64),
    /// Minutes, rounded to a tenth in a table.
    Minutes(f64),
    /// Words without commas.
    List(Vec<String>),
}

impl Field {
    /// Text; a table shows empty text as missing.
    pub fn text(text: impl Into<String>) -> Self {
        Field::Text(text.into())
    }

    /// A number that may be missing.
    pub fn number(number: Option<f64>) -> Self {
        number.map_or(Field::None, Field::Number)
    }

    /// An integer that may be missing.
    pub fn integer(integer: Option<impl Into<i64>>) -> Self {
        integer.map_or(Field::None, |integer| Field::Integer(integer.into()))
    }

    /// The text in a table.
    pub fn to_display(&self) -> String {
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

/// JSON has no infinity and no NaN. They are null, and the key `nonfinite` of the object has their names.
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

/// Four decimals, or four significant digits for very small and very large numbers.
fn rounded(number: f64) -> String {
    let size = number.abs();
    match nonfinite(number) {
        Some(word) => word.to_owned(),
        None if size != 0.0 && !(1e-3..1e6).contains(&size) => format!("{number:.3e}"),
        None => {
            // Integer arithmetic takes a tenth of the time of exact formatting, and long lists have many numbers.
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

/// A column: its key in JSON and CSV, and its title if the table has it.
#[derive(Clone, Debug)]
pub struct Column {
    key: String,
    title: Option<String>,
}

/// Records with named fields. All formats have the same rows; JSON and CSV also have the columns that the table omits.
#[derive(Clone, Debug, Default)]
pub struct Records {
    columns: Vec<Column>,
    rows: Vec<Vec<Field>>,
}

impl Records {
    /// No records yet. The table has all columns, with the keys as titles.
    pub fn new(keys: &[&str]) -> Self {
        let mut records = Self::default();
        for key in keys {
            records.add_column(*key, *key);
        }
        records
    }

    /// Adds a column, which has the title `title` in a table.
    pub fn add_column(&mut self, key: impl Into<String>, title: impl Into<String>) {
        self.columns.push(Column { key: key.into(), title: Some(title.into()) });
    }

    /// Adds a column for JSON and CSV only.
    pub fn add_data_column(&mut self, key: impl Into<String>) {
        self.columns.push(Column { key: key.into(), title: None });
    }

    /// Adds a row with one field for each column.
    pub fn push(&mut self, row: Vec<Field>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a field for every column");
        self.rows.push(row);
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Omits a column from the table if it is empty in all rows.
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

    /// The rows as JSON, to be part of a larger value.
    pub fn json(&self) -> Json {
        serde_json::to_value(self).expect("keys are text and numbers finite")
    }

    /// The table.
    pub fn table(&self) -> String {
        let shown: Vec<(usize, &str)> = self.shown().collect();
        let head: Vec<&str> = shown.iter().map(|(_, title)| *title).collect();
        let fields = |row: &Vec<Field>| shown.iter().map(|(at, _)| row[*at].to_display()).collect();
        table(&head, self.rows.iter().map(fields).collect()).for_output()
    }

    /// The table with rows and columns exchanged, for few rows and many columns.
    pub fn transposed(&self) -> String {
        let Some((first, title)) = self.shown().next() else { return String::new() };
        let names: Vec<String> = self.rows.iter().map(|row| row[first].to_display()).collect();
        let mut header = vec![title];
        header.extend(names.iter().map(String::as_str));
        let rows = self.shown().skip(1).map(|(at, title)| {
            let mut row = vec![title.to_owned()];
            row.extend(self.rows.iter().map(|fields| fields[at].to_display()));
            row
        });
        table(&header, rows.collect()).for_output()
    }

    fn shown(&self) -> impl Iterator<Item = (usize, &str)> {
        self.columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.title.as_deref()?)))
    }

    /// Prints the records.
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

    /// The records as CSV (RFC 4180) with a header.
    ///
    /// # Errors
    ///
    /// None in practice, since it is written to memory.
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
        Ok(String::from_utf8(bytes).expect("fields and separators are UTF-8"))
    }
}

/// An array of objects with equal keys. `nonfinite` maps the keys of numbers that JSON cannot represent to `nan`, `inf`
/// or `-inf`.
impl Serialize for Records {
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
        let mut nonfinite_fields = BTreeMap::new();
        for (column, field) in self.columns.iter().zip(self.fields) {
            map.serialize_entry(&column.key, field)?;
            if let Field::Number(number) | Field::Minutes(number) = field
                && let Some(word) = nonfinite(*number)
            {
                nonfinite_fields.insert(&column.key, word);
            }
        }
        map.serialize_entry("nonfinite", &nonfinite_fields)?;
        map.end()
    }
}

/// Prints a JSON value, indented.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    let mut text = serde_json::to_string_pretty(value).expect("keys are text and numbers finite");
    text.push('\n');
    print_data(&text)
}

/// Prints text for people, with hidden characters escaped.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print(text: &str) -> Result<(), CliError> {
    screen::write(text).map_err(CliError::Output)
}

/// Prints text for programs, unchanged.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print_data(text: &str) -> Result<(), CliError> {
    screen::write_raw(text.as_bytes()).map_err(CliError::Output)
}

#[cfg(test)]
mod tests;

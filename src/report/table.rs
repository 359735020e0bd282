//! Tables: rows of text under heads, as Markdown for people and CSV for programs.

mod convergence;
mod curves;
mod fits;
mod runs;
mod summary;

pub use convergence::convergence_csv;
pub use curves::curves_csv;
pub use fits::fits_csv;
pub use runs::{runs, runs_csv};
pub use summary::{summary, summary_csv};

use super::format;
use crate::stats::Convergence;

/// Rows of text under heads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    head: String,
    is_number: bool,
}

impl Table {
    /// Adds a column of words.
    pub fn words(mut self, head: impl Into<String>) -> Self {
        self.columns.push(Column { head: head.into(), is_number: false });
        self
    }

    /// Adds a column of numbers, set flush right.
    pub fn numbers(mut self, head: impl Into<String>) -> Self {
        self.columns.push(Column { head: head.into(), is_number: true });
        self
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// If it has not one cell for each column.
    pub fn push(&mut self, row: Vec<String>) {
        assert_eq!(row.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(row);
    }

    /// As Markdown, its columns aligned in the source too. Text cannot break out of its cell.
    pub fn markdown(&self) -> String {
        let heads: Vec<String> = self.columns.iter().map(|column| format::markdown(&column.head)).collect();
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| format::markdown(cell)).collect()).collect();
        let width = |i: usize| {
            let cells = rows.iter().map(|row: &Vec<String>| &row[i]).chain([&heads[i]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(3)
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        let mut lines = vec![self.line(&heads, &widths)];
        let rule = self.columns.iter().zip(&widths).map(|(column, &width)| match column.is_number {
            true => format!("{}:", "-".repeat(width - 1)),
            false => "-".repeat(width),
        });
        lines.push(format!("| {} |\n", rule.collect::<Vec<_>>().join(" | ")));
        lines.extend(rows.iter().map(|row| self.line(row, &widths)));
        lines.concat()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let padded = cells.iter().zip(widths).zip(&self.columns).map(|((cell, &width), column)| {
            if column.is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    }

    /// As CSV (RFC 4180): a head, CRLF line ends, quotes where they are needed.
    pub fn csv(&self) -> String {
        let heads = self.columns.iter().map(|column| column.head.clone()).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            cells.join(",") + "\r\n"
        };
        std::iter::once(&heads).chain(&self.rows).map(line).collect()
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// An outcome for people: `(10, 15]`, or `> 60 (unconfirmed)`.
fn outcome(convergence: Convergence) -> String {
    match convergence {
        Convergence::Reached { epoch, after } if epoch == after => epoch.to_string(),
        Convergence::Reached { epoch, after } => format!("({after}, {epoch}]"),
        Convergence::Censored { at, why } => format!("> {at} ({why})"),
    }
}

/// What stands where there is no value, for people.
const NOTHING: &str = "–";

#[cfg(test)]
mod tests;

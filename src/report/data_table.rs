//! A table of text, which all formats of a report can show.

use serde::Serialize;

use super::format;

/// A table with a header and rows of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Column {
    header: String,
    is_number: bool,
}

impl Table {
    /// Adds a column of text.
    pub fn text_column(mut self, header: impl Into<String>) -> Self {
        self.columns.push(Column { header: header.into(), is_number: false });
        self
    }

    /// Adds a column of right-aligned numbers.
    pub fn number_column(mut self, header: impl Into<String>) -> Self {
        self.columns.push(Column { header: header.into(), is_number: true });
        self
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// If the number of cells differs from the number of columns.
    pub fn push(&mut self, row: Vec<String>) {
        assert_eq!(row.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(row);
    }

    /// The headers of the columns, and whether each contains numbers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, bool)> {
        self.columns.iter().map(|column| (column.header.as_str(), column.is_number))
    }

    /// The rows, with a cell for each column.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The table as Markdown. Columns are aligned in the source, and special characters are escaped.
    pub fn markdown(&self) -> String {
        let headers: Vec<String> = self.columns.iter().map(|column| format::markdown(&column.header)).collect();
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| format::markdown(cell)).collect()).collect();
        let width = |i: usize| {
            let cells = rows.iter().map(|row: &Vec<String>| &row[i]).chain([&headers[i]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(3)
        };
        let widths: Vec<usize> = (0..headers.len()).map(width).collect();
        let mut lines = vec![self.line(&headers, &widths)];
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

    /// The table as CSV (RFC 4180) with a header, CRLF line ends and quotes where necessary.
    pub fn csv(&self) -> String {
        let headers = self.columns.iter().map(|column| column.header.clone()).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            cells.join(",") + "\r\n"
        };
        std::iter::once(&headers).chain(&self.rows).map(line).collect()
    }
}

/// A cell in CSV, in quotes where necessary.
pub fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

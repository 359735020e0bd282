//! Tables of text.

use std::borrow::Cow;
use std::fmt;
use std::io::IsTerminal as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::screen::on_one_line;

/// The minimum width of a truncated column, in terminal columns.
const MIN_WIDTH: usize = 8;

/// A table of a header and rows, without lines.
pub struct Table {
    rows: Vec<Vec<String>>,
}

/// A table with a header and rows of equal length. Line breaks and control characters in fields are replaced.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let header = header.iter().map(|title| (*title).to_owned()).collect();
    let safe = |field: String| match on_one_line(&field) {
        Cow::Borrowed(_) => field,
        Cow::Owned(shown) => shown,
    };
    let rows = std::iter::once(header).chain(rows);
    Table { rows: rows.map(|row: Vec<String>| row.into_iter().map(safe).collect()).collect() }
}

impl Table {
    /// The printed table. On a terminal, fields are truncated so that rows fit its width.
    pub fn for_output(&self) -> String {
        match terminal_width() {
            Some(width) => self.fitted(width),
            None => self.to_string(),
        }
    }

    /// The table in `limit` terminal columns, if the minimum widths allow it. The widest columns of text are truncated
    /// first, columns of numbers and ids last.
    fn fitted(&self, limit: usize) -> String {
        let mut widths = self.widths();
        let budget = limit.saturating_sub(2 * widths.len());
        let is_text: Vec<bool> = (0..widths.len()).map(|at| self.has_text(at)).collect();
        narrow(&mut widths, budget, |at| is_text[at]);
        narrow(&mut widths, budget, |at| !is_text[at]);
        self.with_widths(&widths)
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = vec![0; self.rows.first().map_or(0, Vec::len)];
        for row in &self.rows {
            for (widest, field) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(field));
            }
        }
        widths
    }

    /// Whether a column contains something other than numbers and ids.
    fn has_text(&self, at: usize) -> bool {
        let is_exact = |field: &String| {
            field == "-" || field.parse::<f64>().is_ok() || field.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        self.rows.iter().skip(1).filter_map(|row| row.get(at)).any(|field| !is_exact(field))
    }

    /// The table with these column widths and a space on both sides of every field.
    fn with_widths(&self, widths: &[usize]) -> String {
        let mut text = String::with_capacity(self.rows.len() * (widths.iter().sum::<usize>() + 2 * widths.len() + 1));
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            for (widest, field) in widths.iter().zip(row) {
                let field = truncated(field, *widest);
                text.push(' ');
                text.push_str(&field);
                text.extend(std::iter::repeat_n(' ', widest.saturating_sub(width(&field)) + 1));
            }
        }
        text
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_widths(&self.widths()))
    }
}

/// Narrows the widest columns that `may` be narrowed until the sum of all widths is at most `budget`.
fn narrow(widths: &mut [usize], budget: usize, may: impl Fn(usize) -> bool) {
    let sum = |widths: &[usize], level: usize| -> usize {
        widths.iter().enumerate().map(|(at, &width)| if may(at) { width.min(level) } else { width }).sum()
    };
    let widest = widths.iter().copied().max().unwrap_or_default();
    let level = (MIN_WIDTH..widest).rev().find(|&level| sum(widths, level) <= budget).unwrap_or(MIN_WIDTH);
    if sum(widths, usize::MAX) > budget {
        widths.iter_mut().enumerate().filter(|(at, _)| may(*at)).for_each(|(_, width)| *width = (*width).min(level));
    }
}

/// `field` in at most `limit` terminal columns. An ellipsis replaces the end of a longer field.
fn truncated(field: &str, limit: usize) -> Cow<'_, str> {
    if width(field) <= limit {
        return Cow::Borrowed(field);
    }
    let mut used = 1;
    let fits = |&(_, c): &(usize, char)| {
        used += c.width().unwrap_or(0);
        used > limit
    };
    let end = field.char_indices().find(fits).map_or(field.len(), |(at, _)| at);
    Cow::Owned(format!("{}…", &field[..end]))
}

/// The width of a field in terminal columns.
fn width(field: &str) -> usize {
    if field.is_ascii() { field.len() } else { field.width() }
}

/// The width of the terminal on standard output, or the value of `COLUMNS`; `None` if it is not a terminal.
fn terminal_width() -> Option<usize> {
    let out = std::io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let variable =
        std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|&columns| columns > 0);
    variable.or_else(|| terminal_size::terminal_size_of(out).map(|(width, _)| usize::from(width.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[&str]]) -> Table {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|field| (*field).to_owned()).collect()).collect();
        let header: Vec<&str> = rows[0].iter().map(String::as_str).collect();
        table(&header, rows[1..].to_vec())
    }

    #[test]
    fn text_columns_are_truncated_before_numbers_and_ids() {
        let long = "y".repeat(60);
        let table = of(&[&["run", "method", "tags", "cell"], &["12", "JEM-AlexNet", &long, "0123456789abcdef"]]);
        let fitted = table.fitted(60);
        assert!(fitted.lines().all(|line| width(line) <= 60), "{fitted}");
        assert!(
            fitted.contains("JEM-AlexNet") && fitted.contains(" 0123456789abcdef ") && fitted.contains("y…"),
            "{fitted}"
        );
        let narrow = table.fitted(35);
        assert!(narrow.contains("JEM-Ale…") && narrow.contains(" 0123456…") && narrow.contains(" 12 "), "{narrow}");
        assert_eq!(table.fitted(500), table.to_string(), "a table that fits is not truncated");
        assert!(table.to_string().contains(&long));
    }

    #[test]
    fn widths_are_in_terminal_columns() {
        let table = of(&[&["method", "n"], &["花の敵対の花の敵対", "3"]]);
        let fitted = table.fitted(16);
        assert!(fitted.lines().all(|line| width(line) <= 16), "{fitted}");
        assert_eq!(truncated("花の敵対", 5), "花の…");
        assert_eq!(truncated("花の敵対", 8), "花の敵対");
    }

    #[test]
    fn line_breaks_and_control_characters_in_fields_are_replaced() {
        let shown = of(&[&["note", "n"], &["one\ntwo\tthree\x1b[2J", "3"]]).to_string();
        assert_eq!(shown.lines().count(), 2);
        assert!(shown.contains("one two three\\x1b[2J "), "{shown}");
    }
}

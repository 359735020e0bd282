//! Tables in LaTeX that fit the width of the page.

use super::escape::{escaped, replaced};
use crate::report::data_table::Table;

/// A table with more rows than this breaks across pages.
const MAX_ROWS: usize = 40;

/// The font sizes to try, largest first, and the width of a line in each, in em. An em of a small font is wider than its
/// size.
const SIZES: [(&str, f64); 4] = [("small", 50.0), ("footnotesize", 54.5), ("scriptsize", 58.0), ("tiny", 68.0)];

/// The space between columns, in em.
const GAP: f64 = 0.8;

/// Columns of text that are wider than this, in em, are wrapped if necessary.
const WRAPPED: f64 = 12.0;

/// Whether a table breaks across pages.
pub fn is_long(table: &Table) -> bool {
    table.rows().len() > MAX_ROWS
}

/// The environment `tabular`, or `longtable` for many rows.
pub fn tabular(table: &Table) -> String {
    let (size, widths) = layout(table);
    let columns: String =
        table.headers().zip(&widths).map(|((_, is_number), width)| column(is_number, *width)).collect();
    let headers: Vec<String> = table.headers().map(|(header, _)| escaped(header)).collect();
    let header = format!("{} \\\\\n", headers.join(" & "));
    let rows: String = table.rows().iter().map(|row| line(row)).collect();
    let (name, head) = match is_long(table) {
        true => ("longtable", format!("\\toprule\n{header}\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n")),
        false => ("tabular", format!("\\toprule\n{header}\\midrule\n")),
    };
    let end = if is_long(table) { "" } else { "\\bottomrule\n" };
    format!(
        "{{\\{size}\\setlength{{\\tabcolsep}}{{{}em}}%\n\\begin{{{name}}}{{@{{}}{columns}@{{}}}}\n{head}{rows}{end}\
         \\end{{{name}}}}}\n",
        GAP / 2.0
    )
}

fn line(row: &[String]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
    format!("{} \\\\\n", cells.join(" & "))
}

/// A column of a fixed width; numbers are aligned right.
fn column(is_number: bool, width: f64) -> String {
    let align = if is_number { "\\raggedleft" } else { "\\raggedright" };
    format!(">{{{align}\\arraybackslash}}p{{{width:.2}em}}")
}

/// The largest size in which the table fits, and the widths of its columns in em.
fn layout(table: &Table) -> (&'static str, Vec<f64>) {
    let natural: Vec<f64> = (0..table.headers().count()).map(|at| natural_width(table, at)).collect();
    let is_number: Vec<bool> = table.headers().map(|(_, is_number)| is_number).collect();
    let gaps = GAP * natural.len().saturating_sub(1) as f64;
    let fitted = |room: f64| {
        let is_wrapped = |at: usize| !is_number[at] && natural[at] > WRAPPED;
        let (wrapped, fixed): (Vec<usize>, Vec<usize>) = (0..natural.len()).partition(|at| is_wrapped(*at));
        let fixed: f64 = fixed.into_iter().map(|at| natural[at]).sum();
        let wide: f64 = wrapped.iter().map(|at| natural[*at]).sum();
        let left = room - gaps - fixed;
        if wide <= left {
            return Some(natural.clone());
        }
        // Wide columns share what is left, in proportion to the square root of their widths, so that a long text does
        // not squeeze the others.
        let roots: f64 = wrapped.iter().map(|at| natural[*at].sqrt()).sum();
        let share = |at: usize| (left * natural[at].sqrt() / roots).min(natural[at]);
        let fits = !wrapped.is_empty() && wrapped.iter().all(|at| share(*at) >= WRAPPED);
        fits.then(|| (0..natural.len()).map(|at| if is_wrapped(at) { share(at) } else { natural[at] }).collect())
    };
    let found = SIZES.into_iter().find_map(|(size, room)| Some((size, fitted(room)?)));
    found.unwrap_or_else(|| {
        // Too many columns: all are squeezed, and their cells wrapped.
        let (size, room) = SIZES[SIZES.len() - 1];
        let scale = ((room - gaps) / natural.iter().sum::<f64>()).min(1.0);
        (size, natural.iter().map(|width| width * scale).collect())
    })
}

/// The width of a column in which no cell and no word of the header is wrapped, in em.
fn natural_width(table: &Table, at: usize) -> f64 {
    let header = table.headers().nth(at).map(|(header, _)| header).unwrap_or_default();
    let words = header.split(' ').map(width);
    // A header is wrapped to about three lines.
    let third = width(header) / 3.0;
    let cells = table.rows().iter().map(|row| width(&row[at]));
    words.chain(cells).chain([third]).fold(1.0, f64::max) + 0.3
}

/// The approximate width of a text in em, with Computer Modern; rather too wide than too narrow.
fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '[' | ']' | '(' | ')' | 'I' => 0.36,
        ' ' | '-' | 'f' | 't' | 'r' | 's' => 0.42,
        'm' | 'w' | 'M' | 'W' | '±' | '≥' | '≤' | '<' | '>' | '=' | '@' | '%' | '–' => 0.88,
        'A'..='Z' => 0.76,
        _ => 0.56,
    };
    replaced(text).chars().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: usize, cell: &str, rows: usize) -> Table {
        let mut table = Table::default();
        for _ in 0..columns {
            table = table.text_column("Header");
        }
        (0..rows).for_each(|_| table.push(vec![cell.to_owned(); columns]));
        table
    }

    #[test]
    fn a_table_is_no_wider_than_the_page() {
        for (columns, cell) in [(3, "short"), (6, "a long text that must be wrapped at some point"), (40, "0.1234")] {
            let (size, widths) = layout(&table(columns, cell, 2));
            let room = SIZES.iter().find(|(name, _)| *name == size).unwrap().1;
            let total = widths.iter().sum::<f64>() + GAP * (columns - 1) as f64;
            assert!(total <= room + 1e-9, "{columns} columns take {total} of {room} em in {size}");
        }
        assert_eq!(layout(&table(3, "short", 2)).0, "small");
    }

    #[test]
    fn a_table_of_many_rows_breaks_across_pages() {
        let short = tabular(&table(2, "a & b", 2));
        assert!(short.contains("\\begin{tabular}") && short.contains("a \\& b & a \\& b \\\\"), "{short}");
        assert!(short.contains("\\toprule") && short.contains("\\bottomrule"), "{short}");
        let long = tabular(&table(2, "x", 41));
        assert!(long.contains("\\begin{longtable}") && long.contains("\\endhead"), "{long}");
    }
}

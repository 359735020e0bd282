//! The names of the files of a report.

use crate::report::table::CURVES;
use crate::report::{FigureName, OutputFormat, TableName};

/// The text in each format.
pub const MARKDOWN: &str = "report.md";
/// See [`MARKDOWN`].
pub const LATEX: &str = "report.tex";
/// See [`MARKDOWN`].
pub const HTML: &str = "report.html";

/// The tables of all values, which every report with CSV has. A figure or table of the same name has a longer one.
pub const FULL: [&str; 3] = ["curves", "convergence", "fits"];

/// The stem of the CSV file of a figure.
pub fn figure_file(name: &str) -> String {
    if FULL.contains(&name) || TableName::find(name).is_some() { format!("{name}-figure") } else { name.to_owned() }
}

/// The stem of the files of a table.
pub fn table_file(name: &str) -> String {
    if FULL.contains(&name) { format!("{name}-table") } else { name.to_owned() }
}

/// Every name that a file of a report can have.
pub fn all() -> Vec<String> {
    let mut names: Vec<String> = [MARKDOWN, LATEX, HTML].into_iter().chain(CURVES).map(str::to_owned).collect();
    names.extend(FULL.map(|name| format!("{name}.csv")));
    for name in FigureName::WORDS {
        let formats = [OutputFormat::Svg, OutputFormat::Png, OutputFormat::Pdf];
        names.extend(formats.map(|format| format!("{name}.{}", format.as_str())));
        names.push(format!("{}.csv", figure_file(name)));
    }
    for name in TableName::WORDS {
        names.extend(["csv", "tex"].map(|ending| format!("{}.{ending}", table_file(name))));
    }
    names.sort();
    names.dedup();
    names
}

//! The files of a report and their bytes.

use super::draw::{Drawn, draw};
use crate::report::cells::replaced_labels;
use crate::report::comparison::Family;
use crate::report::document::{self, Block, Document, Items, names};
use crate::report::parallel::joined;
use crate::report::{
    Analysis, FigureItem, FigureName, OutputFormat, ReportError, Statement, TableItem, TableName, figure,
    missing_glyphs, overview, table, verdict,
};

/// The files of a report.
pub struct Contents {
    /// Their names and bytes. The text is last, after the files to which it refers.
    pub files: Vec<(String, Vec<u8>)>,
    /// The characters that the font of figures lacks.
    pub missing_glyphs: Vec<String>,
}

/// The files in all formats of the spec.
///
/// # Errors
///
/// If a stored image grid is damaged, or a figure cannot be drawn.
pub fn contents(analysis: &Analysis) -> Result<Contents, ReportError> {
    let spec = analysis.spec;
    let mut figures = figure::all(analysis)?;
    figures.retain(|item| FigureName::find(&item.name).is_none_or(|name| spec.shows_figure(name)));
    let (tables, statements) = tables_and_statements(analysis);
    // Figures and the long file of curves take most of the time.
    let (drawn, curves) = std::thread::scope(|scope| {
        let curves = scope.spawn(|| spec.writes(OutputFormat::Csv).then(|| table::curves_csv(analysis)));
        (draw(&figures, spec), joined(curves))
    });
    let drawn = drawn?;
    let mut files = Vec::new();
    for (item, drawn) in figures.iter_mut().zip(drawn) {
        let Drawn { png, pdf, outlined } = drawn;
        let svg = std::mem::replace(&mut item.svg, outlined);
        let svg = spec.writes(OutputFormat::Svg).then(|| svg.into_bytes());
        let formats = [(OutputFormat::Svg, svg), (OutputFormat::Png, png), (OutputFormat::Pdf, pdf)];
        let written = formats.into_iter().filter_map(|(format, bytes)| Some((format, bytes?)));
        files.extend(written.map(|(format, bytes)| (format!("{}.{}", item.name, format.as_str()), bytes)));
    }
    if let Some((name, points)) = curves {
        files.push((name.to_owned(), points));
        files.extend(csv(analysis, &figures, &tables));
    }
    files.extend(texts(analysis, Items { statements: &statements, figures: &figures, tables: &tables }));
    let replaced = replaced_labels(&analysis.cells);
    let labels = replaced.iter().map(|(_, label)| label.as_str());
    // A figure that replaces a caption has the caption in its text.
    let missing_glyphs = missing_glyphs(labels.chain(figures.iter().map(|item| item.text.as_str())));
    Ok(Contents { files, missing_glyphs })
}

/// The tables that the spec names and that have data, in the order of [`TableName::ALL`], and the answers to its claims.
fn tables_and_statements(analysis: &Analysis) -> (Vec<TableItem>, Vec<Statement>) {
    if analysis.cells.is_empty() {
        return Default::default();
    }
    let family = Family::new(analysis);
    let mut overview = overview::tables(analysis);
    let mut table = |&name: &TableName| {
        let place = overview.iter().position(|item| item.name == name.as_str());
        place.map(|place| overview.swap_remove(place)).or_else(|| table::statistics(analysis, &family, name))
    };
    let shown = TableName::ALL.iter().filter(|&&name| analysis.spec.shows_table(name));
    (shown.filter_map(&mut table).collect(), verdict::statements_in(analysis, &family))
}

/// The tables of cells and runs, then those of figures and tables.
fn csv(analysis: &Analysis, figures: &[FigureItem], tables: &[TableItem]) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: String, table: &table::Table| {
        let name = format!("{name}.csv");
        if !files.iter().any(|(known, _)| *known == name) {
            files.push((name, table.csv().into_bytes()));
        }
    };
    add("convergence".into(), &table::convergence_csv(analysis));
    if let Some(fits) = table::fits_csv(analysis) {
        add("fits".into(), &fits);
    }
    add("summary".into(), &table::summary_csv(analysis));
    add("runs".into(), &table::runs_csv(analysis));
    for (item, data) in figures.iter().filter_map(|item| Some((item, item.data.as_ref()?))) {
        add(names::figure_file(&item.name), data);
    }
    tables.iter().for_each(|item| add(names::table_file(&item.name), &item.data));
    files
}

/// The text in each format.
fn texts(analysis: &Analysis, items: Items) -> Vec<(String, Vec<u8>)> {
    let spec = analysis.spec;
    let document = document::build(analysis, items);
    let mut files = Vec::new();
    if spec.writes(OutputFormat::Latex) {
        files.extend(latex_tables(&document));
        files.push((names::LATEX.to_owned(), document::latex(&document, spec).into_bytes()));
    }
    if spec.writes(OutputFormat::Html) {
        files.push((names::HTML.to_owned(), document::html(&document).into_bytes()));
    }
    if spec.writes(OutputFormat::Markdown) {
        files.push((names::MARKDOWN.to_owned(), document::markdown(&document, spec).into_bytes()));
    }
    files
}

fn latex_tables(document: &Document) -> impl Iterator<Item = (String, Vec<u8>)> {
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    blocks.filter_map(|block| match block {
        Block::Table(table) => Some((format!("{}.tex", table.file), document::latex_table(table).into_bytes())),
        _ => None,
    })
}

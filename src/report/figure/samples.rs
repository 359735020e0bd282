//! Samples of held-out items: items in rows; original, guides and the samples of each method in columns.
//!
//! The drawing library cannot embed images, so this module writes the SVG.

use plotters::style::FontStyle;

use super::style::MARGIN;
use super::text::{self, FAMILY};
use super::tile::Tiles;
use crate::measure::{Protocol, ProtocolItem};
use crate::report::cells::Cell;
use crate::report::font::has_all_glyphs;
use crate::report::{Analysis, FigureError, RunData, format};
use crate::store::ImageGrid;

/// The texts and images of the figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplesFigure {
    /// The columns, from left to right.
    pub columns: Vec<Column>,
    /// The captions of the rows; `image <number>` if the font lacks glyphs for the caption.
    pub captions: Vec<String>,
    /// The replaced captions: (`image <number>`, caption).
    pub replaced_captions: Vec<(String, String)>,
    /// What is not shown; may be empty.
    pub note: String,
}

/// One column of tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its header.
    pub title: String,
    /// The text below the header.
    pub detail: String,
    /// Whether it shows samples, and not originals or guides.
    pub is_sample: bool,
    /// A `data:` URL for each row.
    pub tiles: Vec<String>,
}

/// A column before its image grid is split into tiles.
struct Source {
    title: String,
    detail: String,
    is_sample: bool,
    tiles: Tiles,
}

/// Selects the image grids and splits them; `None` if no included run has samples.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<SamplesFigure>, FigureError> {
    let Some(protocol) = protocol(analysis) else { return Ok(None) };
    let (cells, selection) = analysis.cells_in_figure(MAX_CELLS);
    let chosen: Vec<(&Cell, Option<(&RunData, &ImageGrid)>)> =
        cells.into_iter().map(|(_, cell)| (cell, samples(analysis, cell, protocol))).collect();
    let found: Vec<(&Cell, &RunData, &ImageGrid)> =
        chosen.iter().filter_map(|(cell, found)| found.map(|(run, grid)| (*cell, run, grid))).collect();
    let mut sources = inputs(&found)?;
    for (cell, run, grid) in &found {
        let detail = format!("seed {}, epoch {}", run.record.seed, grid.epoch);
        let tiles = Tiles::decode(run, grid)?;
        sources.push(Source { title: cell.figure_label.clone(), detail, is_sample: true, tiles });
    }
    // An image grid may contain fewer items than were evaluated. One without any is damaged: the first tile then gives
    // an error.
    let available = sources.iter().map(|source| source.tiles.count()).min().unwrap_or_default().max(1);
    let rows = analysis.spec.samples.items.min(protocol.items.len()).min(available);
    if found.is_empty() || rows == 0 {
        return Ok(None);
    }
    let column = |source: Source| {
        let tiles = (0..rows).map(|row| source.tiles.data_url(row)).collect::<Result<_, _>>()?;
        Ok(Column { title: source.title, detail: source.detail, is_sample: source.is_sample, tiles })
    };
    let missing: Vec<&str> =
        chosen.iter().filter(|(_, found)| found.is_none()).map(|(cell, _)| cell.figure_label.as_str()).collect();
    let mut notes: Vec<String> = selection.into_iter().map(|selection| format!("Shown: {selection}.")).collect();
    if !missing.is_empty() {
        notes.push(format!("No matching samples: {}.", missing.join("; ")));
    }
    Ok(Some(SamplesFigure {
        columns: sources.into_iter().map(column).collect::<Result<_, FigureError>>()?,
        captions: protocol.items.iter().take(rows).map(caption).collect(),
        replaced_captions: protocol.items.iter().take(rows).filter_map(replaced_caption).collect(),
        note: notes.join(" "),
    }))
}

/// The caption of a row.
fn caption(item: &ProtocolItem) -> String {
    replaced_caption(item).map_or_else(|| item.caption.clone(), |(number, _)| number)
}

fn replaced_caption(item: &ProtocolItem) -> Option<(String, String)> {
    (!has_all_glyphs(&item.caption)).then(|| (format!("image {}", item.image), item.caption.clone()))
}

/// The protocol whose items are shown: that of the convergence metric, otherwise the first one.
fn protocol<'a>(analysis: &Analysis<'a>) -> Option<&'a Protocol> {
    let id = analysis.convergence_metric.as_ref().map(|metric| &metric.protocol);
    id.and_then(|id| analysis.input.protocols.get(id)).or_else(|| analysis.input.protocols.values().next())
}

/// The run and image grid of a cell: those of its first seed with samples of the items of `protocol`.
fn samples<'a>(analysis: &Analysis<'a>, cell: &Cell<'a>, protocol: &Protocol) -> Option<(&'a RunData, &'a ImageGrid)> {
    let spec = analysis.spec.samples;
    let protocols = &analysis.input.protocols;
    let has_items = |run: &RunData| {
        run.series.iter().filter_map(|series| protocols.get(&series.protocol)).any(|p| p.items == protocol.items)
    };
    cell.included_runs()
        .filter(|run| spec.seed.is_none_or(|seed| seed == run.record.seed) && has_items(run))
        .find_map(|run| Some((run, image_grid(run, "samples", spec.epoch)?)))
}

/// The image grid of a run with this role, at `epoch` or at the last epoch.
fn image_grid<'a>(run: &'a RunData, role: &str, epoch: Option<u32>) -> Option<&'a ImageGrid> {
    let of_role = run.image_grids.iter().filter(|grid| grid.role == role);
    of_role.filter(|grid| epoch.is_none_or(|epoch| epoch == grid.epoch.0)).max_by_key(|grid| grid.epoch)
}

/// The inputs of the methods: the original images, and each distinct image grid of guides.
fn inputs(found: &[(&Cell, &RunData, &ImageGrid)]) -> Result<Vec<Source>, FigureError> {
    let mut sources = Vec::new();
    if let Some((run, grid)) = found.iter().find_map(|(_, run, _)| Some((run, image_grid(run, "originals", None)?))) {
        let tiles = Tiles::decode(run, grid)?;
        sources.push(Source { title: "Original".into(), detail: "held-out image".into(), is_sample: false, tiles });
    }
    let mut distinct: Vec<(&RunData, &ImageGrid)> = Vec::new();
    for (_, run, _) in found {
        if let Some(guides) = image_grid(run, "guides", None)
            && !distinct.iter().any(|(_, known)| known.picture == guides.picture)
        {
            distinct.push((run, guides));
        }
    }
    let segmentation = |run: &RunData| run.setting("guide.segmentation").unwrap_or_default();
    for (run, guides) in &distinct {
        let shown = segmentation(run);
        // The segmentation identifies the guides unless several grids have the same one; then the cells are named too.
        let detail = if distinct.iter().filter(|(other, _)| segmentation(other) == shown).count() > 1 {
            let uses = |run: &RunData| image_grid(run, "guides", None).is_some_and(|own| own.picture == guides.picture);
            let users: Vec<&str> =
                found.iter().filter(|(_, run, _)| uses(run)).map(|(cell, _, _)| cell.figure_label.as_str()).collect();
            format!("{shown} of {}", users.join(", "))
        } else {
            shown
        };
        let tiles = Tiles::decode(run, guides)?;
        sources.push(Source { title: "Guide".into(), detail: detail.trim().to_owned(), is_sample: false, tiles });
    }
    Ok(sources)
}

/// The number of best cells, and of worst cells, with a column if there are too many cells.
const MAX_CELLS: usize = 4;

const CAPTION: f64 = 190.0;
const TILE: f64 = 128.0;
const GAP: f64 = 8.0;
/// The space between inputs and samples.
const DIVIDE: f64 = 18.0;
const SIZE: f64 = 12.0;
const LEADING: f64 = 15.0;

impl SamplesFigure {
    /// Draws the figure as SVG.
    ///
    /// # Errors
    ///
    /// If the font does not load.
    pub fn draw(&self) -> Result<String, FigureError> {
        text::register()?;
        let headers = self.columns.iter().map(header).collect::<Result<Vec<_>, FigureError>>()?;
        let header_height = LEADING * headers.iter().map(Vec::len).max().unwrap_or_default() as f64;
        let top = MARGIN + header_height + 6.0;
        let bottom = top + (TILE + GAP) * self.captions.len() as f64;
        let has_divide = self.columns.iter().any(|column| !column.is_sample);
        let divide = if has_divide { DIVIDE } else { 0.0 };
        let left_of = |i: usize| {
            let shift = if self.columns[i].is_sample { divide } else { 0.0 };
            MARGIN + CAPTION + GAP + (TILE + GAP) * i as f64 + shift
        };
        let width = MARGIN + CAPTION + (TILE + GAP) * self.columns.len() as f64 + divide + MARGIN;
        let notes = text::wrap(&self.note, 11.0, FontStyle::Normal, width - 2.0 * MARGIN, 4)?;
        let height = bottom + LEADING * notes.len() as f64 + MARGIN - GAP;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{FAMILY}\" fill=\"#222222\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n"
        );
        for (i, (column, lines)) in self.columns.iter().zip(&headers).enumerate() {
            let first = top - 10.0 - LEADING * (lines.len() - 1) as f64;
            for (j, (line, is_bold)) in lines.iter().enumerate() {
                let style = if *is_bold { "font-weight=\"bold\"" } else { "fill=\"#666666\"" };
                svg +=
                    &line_of(line, (left_of(i), first + LEADING * j as f64), if *is_bold { SIZE } else { 11.0 }, style);
            }
            for (row, tile) in column.tiles.iter().enumerate() {
                let (x, y) = (left_of(i), top + (TILE + GAP) * row as f64);
                svg += &format!("<image x=\"{x}\" y=\"{y}\" width=\"{TILE}\" height=\"{TILE}\" href=\"{tile}\"/>\n");
            }
        }
        for (row, caption) in self.captions.iter().enumerate() {
            let lines = text::wrap(caption, SIZE, FontStyle::Normal, CAPTION - GAP, (TILE / LEADING) as usize)?;
            let middle = top + (TILE + GAP) * row as f64 + 0.5 * TILE;
            let first = middle - 0.5 * LEADING * lines.len() as f64 + 0.8 * SIZE;
            for (j, line) in lines.iter().enumerate() {
                svg += &line_of(line, (MARGIN, first + LEADING * j as f64), SIZE, "");
            }
        }
        for (j, line) in notes.iter().enumerate() {
            svg += &line_of(line, (MARGIN, bottom + SIZE + LEADING * j as f64), 11.0, "fill=\"#666666\"");
        }
        Ok(svg + "</svg>\n")
    }
}

/// The lines of the header of a column, and whether each is bold.
fn header(column: &Column) -> Result<Vec<(String, bool)>, FigureError> {
    let titles = text::wrap(&column.title, SIZE, FontStyle::Bold, TILE, 4)?;
    let details = text::wrap(&column.detail, 11.0, FontStyle::Normal, TILE, 4)?;
    let lines = titles.into_iter().map(|line| (line, true)).chain(details.into_iter().map(|line| (line, false)));
    let lines: Vec<_> = lines.collect();
    // An empty label still gives a line, so that headers and columns stay aligned.
    Ok(if lines.is_empty() { vec![(String::new(), true)] } else { lines })
}

fn line_of(text: &str, (x, baseline): (f64, f64), size: f64, attributes: &str) -> String {
    format!("<text x=\"{x}\" y=\"{baseline}\" font-size=\"{size}\" {attributes}>{}</text>\n", format::xml(text))
}

#[cfg(test)]
mod tests;

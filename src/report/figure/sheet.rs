//! The sample sheet: held-out items in rows; original, guides and each method's samples in columns.
//!
//! The drawing library cannot embed pictures, so this figure writes its SVG itself.

use plotters::style::FontStyle;

use super::text::{self, FAMILY};
use super::tile::Tiles;
use crate::measure::{Protocol, ProtocolItem};
use crate::report::cells::Cell;
use crate::report::glyphs::is_writable;
use crate::report::{Analysis, FigureError, RunData, format};
use crate::store::RunPicture;

/// The figure, as texts and pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The columns, from left to right.
    pub columns: Vec<Column>,
    /// The captions of the rows; the number of the image where the font lacks letters of its caption.
    pub captions: Vec<String>,
    /// Such numbers, and the captions that they stand for.
    pub unwritten: Vec<(String, String)>,
    /// What is left out, if anything.
    pub note: String,
}

/// One column of tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// The line below it.
    pub detail: String,
    /// Whether it shows what a method drew, and not what it was given.
    pub is_sample: bool,
    /// A `data:` URL for each row.
    pub tiles: Vec<String>,
}

/// What a column is made of, before it is cut.
struct Source {
    title: String,
    detail: String,
    is_sample: bool,
    tiles: Tiles,
}

/// Chooses and cuts the pictures; `None` if no counted run has samples.
///
/// # Errors
///
/// If a stored picture is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<Sheet>, FigureError> {
    let Some(protocol) = protocol(analysis) else { return Ok(None) };
    let (cells, words) = analysis.drawn(CELLS);
    let chosen: Vec<(&Cell, Option<(&RunData, &RunPicture)>)> =
        cells.into_iter().map(|(_, cell)| (cell, samples(analysis, cell, protocol))).collect();
    let found: Vec<(&Cell, &RunData, &RunPicture)> =
        chosen.iter().filter_map(|(cell, found)| found.map(|(run, picture)| (*cell, run, picture))).collect();
    let mut sources = given(&found)?;
    for (cell, run, picture) in &found {
        let detail = format!("seed {}, epoch {}", run.record.seed, picture.epoch);
        let tiles = Tiles::decode(run, picture)?;
        sources.push(Source { title: cell.drawn.clone(), detail, is_sample: true, tiles });
    }
    // A picture may hold fewer items than were evaluated; one without any is damaged, and cutting it says so.
    let room = sources.iter().map(|source| source.tiles.count()).min().unwrap_or_default().max(1);
    let rows = analysis.spec.sheet.items.min(protocol.items.len()).min(room);
    if found.is_empty() || rows == 0 {
        return Ok(None);
    }
    let cut = |source: Source| {
        let tiles = (0..rows).map(|row| source.tiles.url(row)).collect::<Result<_, _>>()?;
        Ok(Column { title: source.title, detail: source.detail, is_sample: source.is_sample, tiles })
    };
    let missing: Vec<&str> =
        chosen.iter().filter(|(_, found)| found.is_none()).map(|(cell, _)| cell.drawn.as_str()).collect();
    let mut notes: Vec<String> = words.into_iter().map(|words| format!("Shown: {words}.")).collect();
    if !missing.is_empty() {
        notes.push(format!("Without such samples: {}.", missing.join("; ")));
    }
    Ok(Some(Sheet {
        columns: sources.into_iter().map(cut).collect::<Result<_, FigureError>>()?,
        captions: protocol.items.iter().take(rows).map(caption).collect(),
        unwritten: protocol.items.iter().take(rows).filter_map(unwritten).collect(),
        note: notes.join(" "),
    }))
}

/// What stands beside a row.
fn caption(item: &ProtocolItem) -> String {
    unwritten(item).map_or_else(|| item.caption.clone(), |(number, _)| number)
}

fn unwritten(item: &ProtocolItem) -> Option<(String, String)> {
    (!is_writable(&item.caption)).then(|| (format!("image {}", item.image), item.caption.clone()))
}

/// The protocol whose items are shown: the one that convergence is judged under, else the first that is known.
fn protocol<'a>(analysis: &Analysis<'a>) -> Option<&'a Protocol> {
    let judged = analysis.judged.as_ref().map(|judged| &judged.protocol);
    judged.and_then(|id| analysis.input.protocols.get(id)).or_else(|| analysis.input.protocols.values().next())
}

/// The run and picture that stand for a cell: its first seed with samples of the same items.
fn samples<'a>(analysis: &Analysis<'a>, cell: &Cell<'a>, protocol: &Protocol) -> Option<(&'a RunData, &'a RunPicture)> {
    let spec = analysis.spec.sheet;
    let protocols = &analysis.input.protocols;
    let has_items = |run: &RunData| {
        run.series.iter().filter_map(|series| protocols.get(&series.protocol)).any(|p| p.items == protocol.items)
    };
    cell.counted()
        .filter(|run| spec.seed.is_none_or(|seed| seed == run.record.seed) && has_items(run))
        .find_map(|run| Some((run, picture(run, "samples", spec.epoch)?)))
}

/// The run's picture of this role, at `epoch` or at its last one.
fn picture<'a>(run: &'a RunData, role: &str, epoch: Option<u32>) -> Option<&'a RunPicture> {
    let of_role = run.pictures.iter().filter(|picture| picture.role == role);
    of_role.filter(|picture| epoch.is_none_or(|epoch| epoch == picture.epoch.0)).max_by_key(|picture| picture.epoch)
}

/// What the methods were given: the original photos, and each distinct picture of guides.
fn given(found: &[(&Cell, &RunData, &RunPicture)]) -> Result<Vec<Source>, FigureError> {
    let mut sources = Vec::new();
    if let Some((run, photos)) = found.iter().find_map(|(_, run, _)| Some((run, picture(run, "originals", None)?))) {
        let tiles = Tiles::decode(run, photos)?;
        sources.push(Source { title: "Original".into(), detail: "held-out image".into(), is_sample: false, tiles });
    }
    let mut distinct: Vec<(&RunData, &RunPicture)> = Vec::new();
    for (_, run, _) in found {
        if let Some(guides) = picture(run, "guides", None)
            && !distinct.iter().any(|(_, seen)| seen.png == guides.png)
        {
            distinct.push((run, guides));
        }
    }
    let segmentation = |run: &RunData| run.setting("guide.segmentation").unwrap_or_default();
    for (run, guides) in &distinct {
        let shown = segmentation(run);
        // The segmentation is name enough unless several pictures share it: then say whose each is.
        let detail = if distinct.iter().filter(|(other, _)| segmentation(other) == shown).count() > 1 {
            let uses = |run: &RunData| picture(run, "guides", None).is_some_and(|own| own.png == guides.png);
            let users: Vec<&str> =
                found.iter().filter(|(_, run, _)| uses(run)).map(|(cell, _, _)| cell.drawn.as_str()).collect();
            format!("{shown} of {}", users.join(", "))
        } else {
            shown
        };
        let tiles = Tiles::decode(run, guides)?;
        sources.push(Source { title: "Guide".into(), detail: detail.trim().to_owned(), is_sample: false, tiles });
    }
    Ok(sources)
}

/// So many of the best cells, and as many of the worst, have a column where there are too many to show all.
const CELLS: usize = 4;

const MARGIN: f64 = 16.0;
const CAPTION: f64 = 190.0;
const TILE: f64 = 128.0;
const GAP: f64 = 8.0;
/// Between what was given and what was drawn.
const DIVIDE: f64 = 18.0;
const SIZE: f64 = 12.0;
const LEADING: f64 = 15.0;

impl Sheet {
    /// Draws the figure as SVG.
    ///
    /// # Errors
    ///
    /// If the font does not load.
    pub fn draw(&self) -> Result<String, FigureError> {
        text::register()?;
        let heads = self.columns.iter().map(head).collect::<Result<Vec<_>, FigureError>>()?;
        let head_height = LEADING * heads.iter().map(Vec::len).max().unwrap_or_default() as f64;
        let top = MARGIN + head_height + 6.0;
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
        for (i, (column, lines)) in self.columns.iter().zip(&heads).enumerate() {
            let first = top - 10.0 - LEADING * (lines.len() - 1) as f64;
            for (j, (line, is_bold)) in lines.iter().enumerate() {
                let look = if *is_bold { "font-weight=\"bold\"" } else { "fill=\"#666666\"" };
                svg +=
                    &line_of(line, (left_of(i), first + LEADING * j as f64), if *is_bold { SIZE } else { 11.0 }, look);
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

/// The lines above a column, and whether each is bold.
fn head(column: &Column) -> Result<Vec<(String, bool)>, FigureError> {
    let titles = text::wrap(&column.title, SIZE, FontStyle::Bold, TILE, 4)?;
    let details = text::wrap(&column.detail, 11.0, FontStyle::Normal, TILE, 4)?;
    let lines = titles.into_iter().map(|line| (line, true)).chain(details.into_iter().map(|line| (line, false)));
    let lines: Vec<_> = lines.collect();
    // A column whose label is blank still has a head, so that the others stay aligned with theirs.
    Ok(if lines.is_empty() { vec![(String::new(), true)] } else { lines })
}

fn line_of(text: &str, (x, baseline): (f64, f64), size: f64, look: &str) -> String {
    format!("<text x=\"{x}\" y=\"{baseline}\" font-size=\"{size}\" {look}>{}</text>\n", format::xml(text))
}

#[cfg(test)]
mod tests;

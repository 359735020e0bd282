//! Interpolation strips: samples between the captions of two held-out items, with the same noise.

use super::canvas::{Canvas, Font, Rect};
use super::factors::main_cells;
use super::images::{common_items, items_of, last_grid, method_label};
use super::shown::MAX_CELLS;
use super::style::{LEADING, MARGIN, MUTED, SIZE, SMALL, WIDTH};
use super::text::{Weight, wrap};
use super::tile::Tiles;
use crate::measure::{Epoch, ProtocolItem};
use crate::report::cells::Cell;
use crate::report::font::has_all_glyphs;
use crate::report::item::FigureItem;
use crate::report::table::Table;
use crate::report::{Analysis, FigureError, RunData};
use crate::store::{ImageGrid, RunId};

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct StripsFigure {
    /// One for each pair of captions.
    pub pairs: Vec<Pair>,
    /// Captions that the figure replaces: (number, caption).
    pub replaced: Vec<(String, String)>,
    /// Seed and epoch, and cells without strips.
    pub note: String,
}

/// A pair of captions.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The first caption.
    pub from: String,
    /// The second one.
    pub to: String,
    /// One for each cell.
    pub strips: Vec<Strip>,
}

/// The samples of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The label of the method.
    pub label: String,
    /// The label of the cell.
    pub cell: String,
    /// The run.
    pub run: RunId,
    /// Its seed.
    pub seed: u64,
    /// The epoch of the samples.
    pub epoch: Epoch,
    /// A `data:` URL for each sample.
    pub tiles: Vec<String>,
}

/// The number of pairs with strips.
const PAIRS: usize = 2;

/// The seeds of the runs of a cell that have strips of these items, with the runs and the strips.
fn with_strips<'a>(
    analysis: &Analysis<'a>,
    cell: &Cell<'a>,
    items: &[ProtocolItem],
) -> Vec<(u64, &'a RunData, &'a ImageGrid)> {
    let spec = analysis.spec.samples;
    let runs = cell.included_runs().filter(|run| items_of(analysis.input, run) == Some(items));
    let runs = runs.filter(|run| spec.seed.is_none_or(|seed| seed == run.record.seed));
    runs.filter_map(|run| Some((run.record.seed, run, last_grid(run, "strips")?))).collect()
}

/// The strips of the main cell of each method; `None` if no run has any.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<StripsFigure>, FigureError> {
    let mut cells = main_cells(&analysis.cells);
    cells.truncate(MAX_CELLS);
    let Some(items) = common_items(analysis, &cells) else { return Ok(None) };
    let found: Vec<(&Cell, Vec<_>)> = cells.iter().map(|cell| (*cell, with_strips(analysis, cell, items))).collect();
    let is_common = |seed: &u64| {
        found.iter().filter(|(_, runs)| !runs.is_empty()).all(|(_, runs)| runs.iter().any(|(of, ..)| of == seed))
    };
    let seeds = found.iter().flat_map(|(_, runs)| runs.iter().map(|(seed, ..)| *seed));
    let seed = seeds.filter(is_common).min();
    let mut pairs: Vec<Pair> = Vec::new();
    let mut missing = Vec::new();
    for (cell, runs) in &found {
        let Some((_, run, grid)) = runs.iter().find(|(of, ..)| seed.is_none_or(|seed| seed == *of)) else {
            missing.push(cell.figure_label.as_str());
            continue;
        };
        let tiles = Tiles::decode(run, grid)?;
        let (columns, rows) = (grid.columns as usize, tiles.count() / (grid.columns.max(1) as usize));
        for (row, captions) in items.chunks_exact(2).take(rows.min(PAIRS)).enumerate() {
            if pairs.len() == row {
                pairs.push(Pair { from: shown(&captions[0]), to: shown(&captions[1]), strips: Vec::new() });
            }
            let tiles = (columns * row..columns * (row + 1)).map(|index| tiles.data_url(index));
            pairs[row].strips.push(Strip {
                label: method_label(cell).to_owned(),
                cell: cell.label.clone(),
                run: run.record.id,
                seed: run.record.seed,
                epoch: grid.epoch,
                tiles: tiles.collect::<Result<_, _>>()?,
            });
        }
    }
    let replaced = items.iter().take(2 * pairs.len()).filter(|item| shown(item) != item.caption);
    let replaced = replaced.map(|item| (shown(item), item.caption.clone())).collect();
    let note = note(&pairs, &missing);
    Ok((!pairs.is_empty()).then_some(StripsFigure { pairs, replaced, note }))
}

/// The caption of an item, or the number of its image if the font lacks glyphs for it.
fn shown(item: &ProtocolItem) -> String {
    if has_all_glyphs(&item.caption) { item.caption.clone() } else { format!("image {}", item.image) }
}

fn note(pairs: &[Pair], missing: &[&str]) -> String {
    let strips = || pairs.iter().flat_map(|pair| &pair.strips);
    let one = |values: Vec<u64>, what: &str| match values.as_slice() {
        [first, rest @ ..] if rest.iter().all(|value| value == first) => format!("{what} {first}"),
        _ => format!("different {what}s"),
    };
    let seeds = one(strips().map(|strip| strip.seed).collect(), "seed");
    let epochs = one(strips().map(|strip| u64::from(strip.epoch.0)).collect(), "epoch");
    let missing = if missing.is_empty() { String::new() } else { format!(" No strips: {}.", missing.join("; ")) };
    format!("The last samples of each run: {seeds}, {epochs}.{missing}")
}

const LABELS: f64 = 96.0;
const GAP: f64 = 2.0;
/// The space above a pair.
const PAIR_GAP: f64 = 12.0;

impl StripsFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let columns = self.pairs.iter().flat_map(|pair| &pair.strips).map(|strip| strip.tiles.len()).max();
        let columns = columns.unwrap_or(1).max(1) as f64;
        let room = WIDTH - 2.0 * MARGIN - LABELS;
        let tile = (room / columns - GAP).min(72.0);
        let width = (tile + GAP) * columns - GAP;
        let captions: Vec<[Vec<String>; 2]> = self
            .pairs
            .iter()
            .map(|pair| [&pair.from, &pair.to].map(|text| wrap(text, SMALL, Weight::Regular, 0.5 * width - 12.0, 3)))
            .collect();
        let heads: Vec<f64> =
            captions.iter().map(|both| LEADING * both.iter().map(Vec::len).max().unwrap_or(1) as f64 + 4.0).collect();
        let notes = wrap(&self.note, SMALL, Weight::Regular, WIDTH - 2.0 * MARGIN, 4);
        let blocks: f64 =
            self.pairs.iter().zip(&heads).map(|(pair, head)| head + (tile + GAP) * pair.strips.len() as f64).sum();
        let gaps = PAIR_GAP * self.pairs.len().saturating_sub(1) as f64;
        let height = 2.0 * MARGIN + blocks + gaps + LEADING * notes.len() as f64 + 4.0;
        let mut canvas = Canvas::new(WIDTH, height);
        let mut top = MARGIN;
        for ((pair, captions), head) in self.pairs.iter().zip(&captions).zip(&heads) {
            let left = MARGIN + LABELS;
            let middle = top + 0.5 * (head - 4.0);
            canvas.lines(&captions[0], (left, middle), LEADING, Font::new(SMALL));
            let end = Font::new(SMALL).anchor(super::canvas::Anchor::End);
            canvas.lines(&captions[1], (left + width, middle), LEADING, end);
            top += head;
            for strip in &pair.strips {
                let lines = wrap(&strip.label, SIZE, Weight::Bold, LABELS - 8.0, 4);
                canvas.lines(&lines, (MARGIN, top + 0.5 * tile), LEADING, Font::new(SIZE).bold());
                for (column, url) in strip.tiles.iter().enumerate() {
                    let left = left + (tile + GAP) * column as f64;
                    canvas.image(url, Rect { left, top, width: tile, height: tile });
                }
                top += tile + GAP;
            }
            top += PAIR_GAP;
        }
        top -= PAIR_GAP;
        for (i, line) in notes.iter().enumerate() {
            canvas.text(line, (MARGIN, top + 10.0 + LEADING * i as f64), Font::new(SMALL).color(MUTED));
        }
        canvas.finish()
    }

    /// A row for each strip.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("from").text_column("to").text_column("cell");
        table = table.number_column("run").number_column("seed").number_column("epoch").number_column("samples");
        for pair in &self.pairs {
            for strip in &pair.strips {
                let mut row = vec![pair.from.clone(), pair.to.clone(), strip.cell.clone(), strip.run.to_string()];
                row.extend([strip.seed.to_string(), strip.epoch.to_string(), strip.tiles.len().to_string()]);
                table.push(row);
            }
        }
        table
    }
}

/// The figure `strips`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis)? else { return Ok(None) };
    let mut runs: Vec<RunId> = figure.pairs.iter().flat_map(|pair| &pair.strips).map(|strip| strip.run).collect();
    runs.sort_unstable();
    runs.dedup();
    let labels: Vec<&str> =
        figure.pairs.iter().take(1).flat_map(|pair| &pair.strips).map(|strip| strip.label.as_str()).collect();
    let replaced: Vec<String> =
        figure.replaced.iter().map(|(number, caption)| format!("{number}: {caption}")).collect();
    let replaced = match replaced.is_empty() {
        true => String::new(),
        false => {
            format!(" The font lacks letters of some captions, which are numbers instead: {}.", replaced.join("; "))
        }
    };
    Ok(Some(FigureItem {
        name: "strips".into(),
        title: "Interpolation between captions".into(),
        text: format!(
            "From left to right, the sentence vector moves in equal steps from the caption on the left to the caption on \
             the right. Noise and guide are those of the left one. {}{replaced}",
            figure.note
        ),
        alt: format!("Rows of images between two captions, by {}", labels.join(", ")),
        runs,
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}

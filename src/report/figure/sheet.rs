//! Sheets of images: the same held-out items from several sources, with captions.

use super::canvas::{Anchor, Canvas, Font, Rect};
use super::style::{LEADING, MARGIN, MUTED, SIZE, SMALL, WIDTH};
use super::text::{Weight, wrap};
use crate::measure::Epoch;
use crate::report::data_table::Table;
use crate::report::format;
use crate::report::item::FigureItem;
use crate::store::RunId;

/// The images of a figure with their captions.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Whether items are columns, without their captions, and not rows.
    pub items_across: bool,
    /// The images of each source, in order.
    pub series: Vec<Series>,
    /// The items.
    pub items: Vec<Item>,
    /// What is shown, such as the seed and the epoch, and what is not.
    pub note: String,
}

/// Images of the items from one source: originals, guides or samples of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The title.
    pub title: String,
    /// The text below the title.
    pub detail: String,
    /// The role of the image grid: `samples`, `originals` or `guides`.
    pub role: String,
    /// The label of the cell.
    pub cell: String,
    /// The run whose image grid it is.
    pub run: RunId,
    /// The seed of the run.
    pub seed: u64,
    /// The epoch of the image grid.
    pub epoch: Epoch,
    /// The side of the stored images in pixels.
    pub side: u32,
    /// A `data:` URL for each item.
    pub tiles: Vec<String>,
}

/// A held-out item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The number of the image in the data set.
    pub image: u32,
    /// Its class.
    pub class: u16,
    /// The caption given to the generator.
    pub caption: String,
    /// The caption in the figure: the caption itself, or the number of the image if the font lacks glyphs for it.
    pub shown: String,
}

/// The widest and the narrowest tile in pixels.
const TILE: (f64, f64) = (92.0, 54.0);
const GAP: f64 = 4.0;
/// The space between inputs and samples.
const DIVIDE: f64 = 10.0;
/// The least and the greatest width of captions and of the titles of rows.
const LABELS: f64 = 118.0;
const MAX_LABELS: f64 = 230.0;
/// The space between blocks of columns.
const BLOCK_GAP: f64 = 14.0;

/// The height of a page of text without captions, in pixels.
const PAGE: f64 = 860.0;

/// The number of rows with which a sheet with this many columns fits on a page, at least 1.
pub fn rows_on_a_page(columns: usize) -> usize {
    let (blocks, tile) = layout(columns, true);
    let head = 6.0 * LEADING;
    ((PAGE / blocks as f64 - head) / (tile + GAP)).max(1.0) as usize
}

/// The number of blocks of columns, as few as possible and of about equal length, and the side of their tiles.
fn layout(columns: usize, has_divide: bool) -> (usize, f64) {
    let room = WIDTH - 2.0 * MARGIN - LABELS - if has_divide { DIVIDE } else { 0.0 };
    let most = (room / (TILE.1 + GAP)) as usize;
    let blocks = columns.div_ceil(most).max(1);
    let length = columns.div_ceil(blocks).max(1);
    (blocks, (room / length as f64 - GAP).min(TILE.0).floor())
}

impl Series {
    fn is_sample(&self) -> bool {
        self.role == "samples"
    }

    /// Title and detail in lines of at most `limit` pixels, and whether each is bold.
    fn heading(&self, limit: f64) -> Vec<(String, bool)> {
        let titles = wrap(&self.title, SIZE, Weight::Bold, limit, 6).into_iter().map(|line| (line, true));
        let details = wrap(&self.detail, SMALL, Weight::Regular, limit, 4).into_iter().map(|line| (line, false));
        titles.chain(details).collect()
    }
}

/// The columns from one index to another below their headings.
struct Block {
    from: usize,
    to: usize,
    tile: f64,
    /// The width of the captions.
    labels: f64,
}

impl Sheet {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        if self.items_across { self.draw_items_across() } else { self.draw_items_down() }
    }

    /// One row for each source, one column for each item.
    fn draw_items_across(&self) -> String {
        let room = WIDTH - 2.0 * MARGIN - LABELS;
        let tile = (room / self.items.len().max(1) as f64 - GAP).min(TILE.0);
        let notes = self.notes();
        let divides = self.divides() as f64 * DIVIDE;
        let height = 2.0 * MARGIN - GAP + (tile + GAP) * self.series.len() as f64 + divides + notes_height(&notes);
        let mut canvas = Canvas::new(WIDTH, height);
        let mut top = MARGIN;
        for (i, series) in self.series.iter().enumerate() {
            top += if i > 0 && series.is_sample() != self.series[i - 1].is_sample() { DIVIDE } else { 0.0 };
            draw_heading(&mut canvas, &series.heading(LABELS - GAP), (MARGIN, top + 0.5 * tile), Anchor::Start);
            for (column, url) in series.tiles.iter().enumerate() {
                let left = MARGIN + LABELS + (tile + GAP) * column as f64;
                canvas.image(url, Rect { left, top, width: tile, height: tile });
            }
            top += tile + GAP;
        }
        draw_notes(&mut canvas, &notes, top);
        canvas.finish()
    }

    /// One row for each item with its caption, one column for each source. Columns that do not fit beside each other
    /// are drawn in blocks below each other.
    fn draw_items_down(&self) -> String {
        let blocks = self.blocks();
        let heads: Vec<f64> = blocks.iter().map(|block| self.head_height(block)).collect();
        let rows = self.items.len() as f64;
        let block_height = |(block, head): (&Block, &f64)| head + (block.tile + GAP) * rows;
        let notes = self.notes();
        let content: f64 = blocks.iter().zip(&heads).map(block_height).sum();
        let gaps = BLOCK_GAP * blocks.len().saturating_sub(1) as f64;
        let mut canvas = Canvas::new(WIDTH, 2.0 * MARGIN - GAP + content + gaps + notes_height(&notes));
        let mut top = MARGIN;
        for (i, (block, head)) in blocks.iter().zip(&heads).enumerate() {
            top += if i > 0 { BLOCK_GAP } else { 0.0 };
            self.draw_block(&mut canvas, block, (top, *head));
            top += block_height((block, head));
        }
        draw_notes(&mut canvas, &notes, top);
        canvas.finish()
    }

    fn draw_block(&self, canvas: &mut Canvas, block: &Block, (top, head): (f64, f64)) {
        let mut left = MARGIN + block.labels;
        for column in block.from..block.to {
            let series = &self.series[column];
            if column > block.from && series.is_sample() && !self.series[column - 1].is_sample() {
                left += DIVIDE;
            }
            let lines = series.heading(block.tile);
            let first = top + head - 10.0 - LEADING * (lines.len() as f64 - 1.0) * 0.5;
            draw_heading(canvas, &lines, (left, first), Anchor::Start);
            for (row, url) in series.tiles.iter().enumerate() {
                let top = top + head + (block.tile + GAP) * row as f64;
                canvas.image(url, Rect { left, top, width: block.tile, height: block.tile });
            }
            left += block.tile + GAP;
        }
        let most = (block.tile / LEADING) as usize;
        for (row, item) in self.items.iter().enumerate() {
            let lines = wrap(&item.shown, SMALL, Weight::Regular, block.labels - 8.0, most.max(1));
            let middle = top + head + (block.tile + GAP) * row as f64 + 0.5 * block.tile;
            canvas.lines(&lines, (MARGIN, middle), LEADING - 1.0, Font::new(SMALL));
        }
    }

    fn head_height(&self, block: &Block) -> f64 {
        let series = &self.series[block.from..block.to];
        let lines = series.iter().map(|series| series.heading(block.tile).len()).max().unwrap_or_default();
        LEADING * lines as f64 + 6.0
    }

    /// The blocks of columns.
    fn blocks(&self) -> Vec<Block> {
        let (count, tile) = layout(self.series.len(), self.divides() > 0);
        let length = self.series.len().div_ceil(count).max(1);
        let divide = if self.divides() > 0 { DIVIDE } else { 0.0 };
        let labels = WIDTH - 2.0 * MARGIN - divide - (tile + GAP) * length as f64;
        let labels = labels.clamp(LABELS, MAX_LABELS);
        let starts = (0..self.series.len()).step_by(length);
        starts.map(|from| Block { from, to: (from + length).min(self.series.len()), tile, labels }).collect()
    }

    /// How often samples and other images are beside each other.
    fn divides(&self) -> usize {
        self.series.windows(2).filter(|pair| pair[0].is_sample() != pair[1].is_sample()).count()
    }

    fn notes(&self) -> Vec<String> {
        wrap(&self.note, SMALL, Weight::Regular, WIDTH - 2.0 * MARGIN, 6)
    }

    /// The figure with its data. Captions that it replaces are added to `text`.
    pub fn item(&self, name: &str, title: &str, text: &str, alt: &str) -> FigureItem {
        FigureItem {
            name: name.to_owned(),
            title: title.to_owned(),
            text: format!("{text}{}", self.replaced_captions()),
            alt: alt.to_owned(),
            runs: self.runs(),
            svg: self.draw(),
            data: Some(self.data()),
        }
    }

    /// The runs whose images are shown.
    fn runs(&self) -> Vec<RunId> {
        let mut runs: Vec<RunId> = self.series.iter().map(|series| series.run).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// The captions that the figure replaces by the number of their image, as a sentence; empty if there are none.
    fn replaced_captions(&self) -> String {
        let replaced = self.items.iter().filter(|item| item.shown != item.caption);
        let replaced: Vec<String> = replaced.map(|item| format!("{}: {}", item.shown, item.caption)).collect();
        if replaced.is_empty() {
            return String::new();
        }
        format!(" The font lacks letters of some captions, which are numbers instead: {}.", replaced.join("; "))
    }

    /// A row for each image.
    fn data(&self) -> Table {
        let mut table = Table::default();
        for header in ["shown", "detail", "role", "cell"] {
            table = table.text_column(header);
        }
        for header in ["run", "seed", "epoch", "side", "tile", "image", "class"] {
            table = table.number_column(header);
        }
        table = table.text_column("caption");
        for series in &self.series {
            for (tile, item) in self.items.iter().enumerate() {
                let mut row = vec![series.title.clone(), series.detail.clone(), series.role.clone()];
                row.extend([series.cell.clone(), series.run.to_string(), series.seed.to_string()]);
                row.extend([series.epoch.to_string(), series.side.to_string(), (tile + 1).to_string()]);
                row.extend([item.image.to_string(), item.class.to_string(), item.caption.clone()]);
                table.push(row);
            }
        }
        table
    }

    /// The number of items as words, such as `5 held-out images`.
    pub fn counted_items(&self) -> String {
        format::counted(self.items.len(), "held-out image")
    }
}

fn draw_heading(canvas: &mut Canvas, lines: &[(String, bool)], (x, y): (f64, f64), anchor: Anchor) {
    let first = y - 0.5 * LEADING * lines.len().saturating_sub(1) as f64;
    for (i, (line, is_bold)) in lines.iter().enumerate() {
        let font = if *is_bold { Font::new(SIZE).bold() } else { Font::new(SMALL).color(MUTED) };
        canvas.text(line, (x, first + LEADING * i as f64), font.anchor(anchor));
    }
}

fn notes_height(notes: &[String]) -> f64 {
    if notes.is_empty() { 0.0 } else { LEADING * notes.len() as f64 + 4.0 }
}

/// Draws the notes below the images, whose lower edge with a gap is at `top`.
fn draw_notes(canvas: &mut Canvas, notes: &[String], top: f64) {
    for (i, line) in notes.iter().enumerate() {
        let y = top + 8.0 + LEADING * i as f64;
        canvas.text(line, (MARGIN, y), Font::new(SMALL).color(MUTED));
    }
}

#[cfg(test)]
mod tests;

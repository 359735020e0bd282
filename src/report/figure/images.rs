//! The choice of stored image grids for figures of images: the same held-out items, and one seed and epoch if possible.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Item, Series, Sheet, rows_on_a_page};
use super::tile::Tiles;
use crate::measure::{Epoch, ProtocolItem};
use crate::report::cells::Cell;
use crate::report::font::has_all_glyphs;
use crate::report::{Analysis, FigureError, ReportInput, RunData};
use crate::store::ImageGrid;

/// The items of the tiles of a figure.
pub type Items<'a> = &'a [ProtocolItem];

/// An image grid of a run of a cell.
#[derive(Clone, Copy, Debug)]
pub struct Found<'s, 'a> {
    /// The cell.
    pub cell: &'s Cell<'a>,
    /// The run.
    pub run: &'a RunData,
    /// The grid.
    pub grid: &'a ImageGrid,
}

/// The chosen samples of several cells.
#[derive(Debug)]
pub struct Samples<'s, 'a> {
    /// One for each cell with samples of the items.
    pub found: Vec<Found<'s, 'a>>,
    /// The other cells.
    pub missing: Vec<&'s Cell<'a>>,
    /// The seed of all samples; `None` if they differ.
    pub seed: Option<u64>,
    /// The epoch of all samples; `None` if they differ.
    pub epoch: Option<Epoch>,
}

impl Samples<'_, '_> {
    /// What differs between the shown samples: resolution, seed and epoch.
    pub fn detail(&self, found: &Found) -> String {
        let sides = || self.found.iter().map(|found| found.grid.tile);
        let mut parts = Vec::new();
        if sides().min() != sides().max() {
            parts.push(format!("{} px", found.grid.tile));
        }
        if self.seed.is_none() {
            parts.push(format!("seed {}", found.run.record.seed));
        }
        if self.epoch.is_none() {
            parts.push(format!("epoch {}", found.grid.epoch));
        }
        parts.join(", ")
    }

    /// The seed and the epoch of all samples, and the cells without samples.
    pub fn note(&self) -> String {
        let seed = self.seed.map_or("Different seeds".to_owned(), |seed| format!("Seed {seed}"));
        let epoch = self.epoch.map_or("different epochs".to_owned(), |epoch| format!("epoch {epoch}"));
        let mut note = format!("{seed}, {epoch}.");
        if !self.missing.is_empty() {
            let labels: Vec<&str> = self.missing.iter().map(|cell| cell.figure_label.as_str()).collect();
            note += &format!(" No matching samples: {}.", labels.join("; "));
        }
        note
    }

    /// How seed and epoch were selected, in a sentence.
    pub fn selection(&self, analysis: &Analysis) -> String {
        let spec = analysis.spec.samples;
        let seed = match (spec.seed, self.seed) {
            (Some(seed), _) => format!("The report file selects seed {seed}"),
            (None, Some(seed)) => format!("Seed {seed} is the first one that all of them have"),
            (None, None) => "No seed has samples of all of them, so each column gives its own".to_owned(),
        };
        let epoch = match (spec.epoch, self.epoch) {
            (Some(epoch), _) => format!("the report file selects epoch {epoch}"),
            (None, Some(epoch)) => format!("epoch {epoch} is the last one that all of them have"),
            (None, None) => "no trained epoch has samples of all of them, so each column gives its own".to_owned(),
        };
        format!("{seed}; {epoch}. The items are the first ones of the evaluation; none was selected by its look.")
    }
}

/// The label of the method of a cell in figures.
pub fn method_label<'s>(cell: &'s Cell) -> &'s str {
    let rest = cell.label.strip_prefix(cell.method).unwrap_or_default();
    cell.figure_label.strip_suffix(rest).unwrap_or(&cell.figure_label)
}

/// The items of the image grids of a run: those of its evaluations on its part of the split.
pub fn items_of<'a>(input: &'a ReportInput, run: &RunData) -> Option<Items<'a>> {
    let split = run.setting("eval.split").unwrap_or_else(|| "val".to_owned());
    let protocols = run.series.iter().filter_map(|series| input.protocols.get(&series.protocol));
    let mut with_items = protocols.filter(|protocol| !protocol.items.is_empty() && protocol.split == split);
    with_items.next().map(|protocol| protocol.items.as_slice())
}

/// The items of the most runs of `cells`; those of the first run among equals.
pub fn common_items<'a>(analysis: &Analysis<'a>, cells: &[&Cell<'a>]) -> Option<Items<'a>> {
    let mut counts: Vec<(Items<'a>, usize)> = Vec::new();
    for run in cells.iter().flat_map(|cell| cell.included_runs()).filter(|run| !run.image_grids.is_empty()) {
        let Some(items) = items_of(analysis.input, run) else { continue };
        match counts.iter_mut().find(|(known, _)| *known == items) {
            Some((_, count)) => *count += 1,
            None => counts.push((items, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(items, _)| items)
}

/// The runs of a cell whose image grids show `items`.
fn runs_with<'a>(analysis: &Analysis<'a>, cell: &Cell<'a>, items: Items) -> Vec<&'a RunData> {
    cell.included_runs().filter(|run| items_of(analysis.input, run) == Some(items)).collect()
}

fn of_role<'a>(run: &'a RunData, role: &str) -> impl Iterator<Item = &'a ImageGrid> {
    run.image_grids.iter().filter(move |grid| grid.role == role)
}

/// The last image grid of a run with this role.
pub fn last_grid<'a>(run: &'a RunData, role: &str) -> Option<&'a ImageGrid> {
    of_role(run, role).max_by_key(|grid| grid.epoch)
}

/// The samples of `items` by each of `cells`: of one seed and one epoch if all cells have them, otherwise of the first
/// seed and the last epoch of each. The report file can fix the seed and the epoch.
pub fn samples<'s, 'a>(analysis: &Analysis<'a>, cells: &[&'s Cell<'a>], items: Items) -> Samples<'s, 'a> {
    let spec = analysis.spec.samples;
    let is_allowed = |grid: &&ImageGrid| spec.epoch.is_none_or(|epoch| epoch == grid.epoch.0);
    let has_samples = |run: &&RunData| of_role(run, "samples").any(|grid| is_allowed(&grid));
    let runs_of = |cell: &Cell<'a>| -> Vec<&'a RunData> {
        let mut runs = runs_with(analysis, cell, items);
        runs.retain(|run| spec.seed.is_none_or(|seed| seed == run.record.seed) && has_samples(run));
        runs
    };
    let (with, without): (Vec<_>, Vec<_>) =
        cells.iter().map(|cell| (*cell, runs_of(cell))).partition(|(_, runs)| !runs.is_empty());
    let seeds = with.iter().map(|(_, runs)| runs.iter().map(|run| run.record.seed).collect());
    let seed = common(seeds).and_then(|seeds: BTreeSet<u64>| seeds.first().copied());
    let chosen: Vec<(&Cell, &RunData)> = with
        .into_iter()
        .filter_map(|(cell, runs)| {
            let run = runs.iter().find(|run| seed.is_none_or(|seed| seed == run.record.seed))?;
            Some((cell, *run))
        })
        .collect();
    let epochs = |run: &RunData| of_role(run, "samples").filter(is_allowed).map(|grid| grid.epoch).collect();
    let shared: BTreeSet<Epoch> = common(chosen.iter().map(|(_, run)| epochs(run))).unwrap_or_default();
    // Samples before training show nothing, if others have trained.
    let untrained = chosen.iter().all(|(_, run)| epochs(run).last() == Some(&Epoch::ZERO));
    let epoch = shared.last().copied().filter(|&epoch| epoch > Epoch::ZERO || untrained);
    let grid = |run: &'a RunData| {
        let mut grids = of_role(run, "samples").filter(is_allowed);
        match epoch {
            Some(epoch) => grids.find(|grid| grid.epoch == epoch),
            None => grids.max_by_key(|grid| grid.epoch),
        }
    };
    let found = chosen.into_iter().filter_map(|(cell, run)| Some(Found { cell, run, grid: grid(run)? })).collect();
    Samples { found, missing: without.into_iter().map(|(cell, _)| cell).collect(), seed, epoch }
}

/// The values that all sets have; `None` for no sets.
fn common<T: Ord + Copy>(mut sets: impl Iterator<Item = BTreeSet<T>>) -> Option<BTreeSet<T>> {
    let first = sets.next()?;
    Some(sets.fold(first, |known, set| known.intersection(&set).copied().collect()))
}

/// The original images of `items` at the highest resolution that a run of `cells` has.
pub fn originals<'s, 'a>(analysis: &Analysis<'a>, cells: &[&'s Cell<'a>], items: Items) -> Option<Found<'s, 'a>> {
    let mut best: Option<Found> = None;
    for &cell in cells {
        for run in runs_with(analysis, cell, items) {
            let Some(grid) = last_grid(run, "originals") else { continue };
            if best.is_none_or(|best| best.grid.tile < grid.tile) {
                best = Some(Found { cell, run, grid });
            }
        }
    }
    best
}

/// The different guide images of `items` that runs of `cells` have, each by its content: the first at the highest
/// resolution of each segmentation and style.
pub fn guides<'s, 'a>(analysis: &Analysis<'a>, cells: &[&'s Cell<'a>], items: Items) -> Vec<Found<'s, 'a>> {
    let mut found: BTreeMap<Composition, (usize, Found)> = BTreeMap::new();
    for (place, &cell) in cells.iter().enumerate() {
        for run in runs_with(analysis, cell, items) {
            let Some(grid) = last_grid(run, "guides") else { continue };
            let entry = found.entry(composition(cell)).or_insert((place, Found { cell, run, grid }));
            if entry.1.grid.tile < grid.tile {
                entry.1 = Found { cell, run, grid };
            }
        }
    }
    let mut found: Vec<(usize, Found)> = found.into_values().collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, found)| found).collect()
}

/// What identifies how guide images are composed: the segmentation, its source and the style.
type Composition = [String; 5];

fn composition(cell: &Cell) -> Composition {
    let style = if cell.word("guide.segmentation") == "full" { cell.word("segment.style") } else { String::new() };
    let source = if cell.word("guide.segmentation") == "none" { String::new() } else { cell.word("segment.source") };
    [cell.word("guide.segmentation"), style, source, cell.word("guide.square"), cell.word("guide.source")]
}

/// A description of the guide images of a cell.
pub fn composition_text(cell: &Cell) -> String {
    match cell.word("guide.segmentation").as_str() {
        "full" => match cell.word("segment.style").as_str() {
            "tint" => "flower tinted".to_owned(),
            "outline" => "flower outlined".to_owned(),
            _ => "flower tinted and outlined".to_owned(),
        },
        "foreground" => "background white".to_owned(),
        "background" => "flower white".to_owned(),
        _ => "unchanged image".to_owned(),
    }
}

/// A chosen image grid with its tiles, and its title in the figure.
pub struct Picture<'s, 'a> {
    found: Found<'s, 'a>,
    title: String,
    detail: String,
    tiles: Tiles,
}

impl<'s, 'a> Picture<'s, 'a> {
    /// Reads the image grid.
    ///
    /// # Errors
    ///
    /// If it is damaged.
    pub fn new(found: Found<'s, 'a>, title: impl Into<String>, detail: impl Into<String>) -> Result<Self, FigureError> {
        let tiles = Tiles::decode(found.run, found.grid)?;
        Ok(Self { found, title: title.into(), detail: detail.into(), tiles })
    }

    fn series(self, count: usize) -> Result<Series, FigureError> {
        let Found { cell, run, grid } = self.found;
        Ok(Series {
            title: self.title,
            detail: self.detail,
            role: grid.role.clone(),
            cell: cell.label.clone(),
            run: run.record.id,
            seed: run.record.seed,
            epoch: grid.epoch,
            side: grid.tile,
            tiles: (0..count).map(|index| self.tiles.data_url(index)).collect::<Result<_, _>>()?,
        })
    }
}

/// A sheet of the first items that all of `pictures` show, at most `limit` and at most what fits on a page; `None` for no
/// pictures or items.
///
/// # Errors
///
/// If an image grid has no tile: it is damaged.
pub fn sheet(
    pictures: Vec<Picture>,
    items: Items,
    (limit, items_across): (usize, bool),
    note: String,
) -> Result<Option<Sheet>, FigureError> {
    // The first tile of a grid without any gives the error.
    let available = pictures.iter().map(|picture| picture.tiles.count().max(1)).min().unwrap_or_default();
    let fitting = if items_across { limit } else { rows_on_a_page(pictures.len()) };
    let count = available.min(limit).min(items.len()).min(fitting);
    if count == 0 {
        return Ok(None);
    }
    let series = pictures.into_iter().map(|picture| picture.series(count)).collect::<Result<_, _>>()?;
    Ok(Some(Sheet { items_across, series, items: shown_items(items, count), note }))
}

/// The items of the figure. `shown` is `image <number>` if the font lacks glyphs for the caption.
fn shown_items(items: Items, count: usize) -> Vec<Item> {
    let item = |item: &ProtocolItem| {
        let shown = if has_all_glyphs(&item.caption) { item.caption.clone() } else { format!("image {}", item.image) };
        Item { image: item.image, class: item.class, caption: item.caption.clone(), shown }
    };
    items.iter().take(count).map(item).collect()
}

#[cfg(test)]
mod tests;

//! Samples of every cell beside the original images and the guides.

use super::images::{Picture, common_items, composition_text, guides, originals, samples, sheet};
use super::sheet::Sheet;
use super::shown::all_shown;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};

/// The number of best cells, and of worst cells, with a column if there are more than four times as many cells.
const MAX_CELLS: usize = 6;
/// The number of cells up to which guides have columns too; otherwise they are in the figure of segmentations alone.
const WITH_GUIDES: usize = 12;

/// Selects the image grids; `None` if no included run has samples.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<(Sheet, String)>, FigureError> {
    let (cells, selection) = all_shown(analysis, MAX_CELLS);
    let cells: Vec<&Cell> = cells.into_iter().map(|shown| shown.cell).collect();
    let Some(items) = common_items(analysis, &cells) else { return Ok(None) };
    let chosen = samples(analysis, &cells, items);
    let with_samples: Vec<&Cell> = chosen.found.iter().map(|found| found.cell).collect();
    if chosen.found.is_empty() {
        return Ok(None);
    }
    let mut pictures = Vec::new();
    if let Some(found) = originals(analysis, &with_samples, items) {
        pictures.push(Picture::new(found, "Original", "held-out image")?);
    }
    // Guides of other images are a control, and not what the image's own guide shows.
    let own: Vec<&Cell> = with_samples.iter().copied().filter(|cell| cell.word("guide.source") == "own").collect();
    for found in guides(analysis, &own, items).into_iter().filter(|_| chosen.found.len() <= WITH_GUIDES) {
        pictures.push(Picture::new(found, "Guide", composition_text(found.cell))?);
    }
    for found in &chosen.found {
        pictures.push(Picture::new(*found, &found.cell.figure_label, chosen.detail(found))?);
    }
    let shown = selection.map(|selection| format!("Shown: {selection}. ")).unwrap_or_default();
    let note = format!("{shown}{}", chosen.note());
    let text = format!(
        "{shown}Samples of each cell for the same captions, beside the held-out images that have these captions. {}",
        chosen.selection(analysis)
    );
    let sheet = sheet(pictures, items, (analysis.spec.samples.items, false), note)?;
    Ok(sheet.map(|sheet| (sheet, text)))
}

/// The figure `samples`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some((sheet, text)) = prepare(analysis)? else { return Ok(None) };
    let generated = sheet.series.iter().filter(|series| series.role == "samples").count();
    let alt = format!("Original, guide and generated images of {generated} cells for {}", sheet.counted_items());
    Ok(Some(sheet.item("samples", "Samples", &text, &alt)))
}

#[cfg(test)]
mod tests;

//! Held-out images and their segmentations: the guide images of each style that runs used (Figure 1 of the paper).

use super::images::{Picture, common_items, composition_text, guides, originals, sheet};
use super::sheet::Sheet;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};

/// The number of images.
const IMAGES: usize = 8;

/// Selects originals and guides; `None` if no run has guides of its own images.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<Sheet>, FigureError> {
    let own: Vec<&Cell> = with_own_guides(analysis).collect();
    let Some(items) = common_items(analysis, &own) else { return Ok(None) };
    let guides = guides(analysis, &own, items);
    let Some(original) = originals(analysis, &own, items).filter(|_| !guides.is_empty()) else { return Ok(None) };
    let mut rows = vec![Picture::new(original, "Original", "")?];
    for guide in guides {
        rows.push(Picture::new(guide, guide.cell.word("guide.segmentation"), composition_text(guide.cell))?);
    }
    sheet(rows, items, (IMAGES, true), String::new())
}

/// The cells whose guides show the images themselves.
pub fn with_own_guides<'s, 'a>(analysis: &'s Analysis<'a>) -> impl Iterator<Item = &'s Cell<'a>> {
    let is_own = |cell: &&Cell| cell.word("guide.network") != "none" && cell.word("guide.source") == "own";
    analysis.cells.iter().filter(is_own)
}

/// The figure `segmentations`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(sheet) = prepare(analysis)? else { return Ok(None) };
    let text = "Held-out images and the images that the guide network gets, by `guide.segmentation`. \
                The images are the first ones of the evaluation.";
    let alt = format!("{} above their {} segmentations", sheet.counted_items(), sheet.series.len() - 1);
    Ok(Some(sheet.item("segmentations", "Images and their segmentations", text, &alt)))
}

//! Foreground images: the background of the guide image becomes white (Figure 6 of the paper).

use super::images::{Picture, common_items, guides, originals, sheet};
use super::segmentations::with_own_guides;
use super::sheet::Sheet;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};

/// The number of images.
const IMAGES: usize = 8;

/// Selects originals and foreground guides; `None` if no run has guides of the foreground.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<Sheet>, FigureError> {
    let is_foreground = |cell: &&Cell| cell.word("guide.segmentation") == "foreground";
    let cells: Vec<&Cell> = with_own_guides(analysis).filter(is_foreground).collect();
    let Some(items) = common_items(analysis, &cells) else { return Ok(None) };
    let (original, guides) = (originals(analysis, &cells, items), guides(analysis, &cells, items));
    let Some((original, guide)) = original.zip(guides.first().copied()) else { return Ok(None) };
    let rows = vec![
        Picture::new(original, "Original", "held-out image")?,
        Picture::new(guide, "Foreground", "background white")?,
    ];
    sheet(rows, items, (IMAGES, true), String::new())
}

/// The figure `foreground`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(sheet) = prepare(analysis)? else { return Ok(None) };
    let text = "Held-out images and their foreground, which the guide network gets with \
                `guide.segmentation = \"foreground\"`: the background is white. The images are the first ones of the \
                evaluation.";
    let alt = format!("{} above their flowers on white", sheet.counted_items());
    Ok(Some(sheet.item("foreground", "Foreground images", text, &alt)))
}

//! Held-out images beside the results for their captions and guides (Figure 5 of the paper).

use super::factors::{GuideKind, main_cells};
use super::images::{Picture, common_items, method_label, originals, samples, sheet};
use super::sheet::Sheet;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};

/// The number of images, and of methods.
const IMAGES: usize = 8;
const METHODS: usize = 4;

/// The originals and the samples of the main cell of each method with a guide; `None` without both.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<(Sheet, String)>, FigureError> {
    let guided = |cell: &&Cell| cell.guide_kind() == GuideKind::Own;
    let mut cells: Vec<&Cell> = main_cells(&analysis.cells).into_iter().filter(guided).collect();
    cells.truncate(METHODS);
    let Some(items) = common_items(analysis, &cells) else { return Ok(None) };
    let chosen = samples(analysis, &cells, items);
    let Some(original) = originals(analysis, &cells, items).filter(|_| !chosen.found.is_empty()) else {
        return Ok(None);
    };
    let mut rows = vec![Picture::new(original, "Original", "held-out image")?];
    for found in &chosen.found {
        rows.push(Picture::new(*found, method_label(found.cell), chosen.detail(found))?);
    }
    let sheet = sheet(rows, items, (IMAGES, true), chosen.note())?;
    let text = format!(
        "Held-out images, and the images that methods with a guide generate from their captions and guide images. {}",
        chosen.selection(analysis)
    );
    Ok(sheet.map(|sheet| (sheet, text)))
}

/// The figure `originals`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some((sheet, text)) = prepare(analysis)? else { return Ok(None) };
    let alt = format!("{} above the images generated from their captions and guides", sheet.counted_items());
    Ok(Some(sheet.item("originals", "Originals and results", &text, &alt)))
}

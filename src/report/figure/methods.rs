//! Samples of each method: the same captions and the same noise (Figure 4 of the paper).

use super::factors::main_cells;
use super::images::{Picture, Samples, common_items, method_label, samples, sheet};
use super::sheet::Sheet;
use super::shown::MAX_CELLS;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};

/// The samples of the main cell of each method; `None` for fewer than two methods with samples.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<(Sheet, String)>, FigureError> {
    let cells = main_cells(&analysis.cells);
    let cells = &cells[..cells.len().min(MAX_CELLS)];
    let Some(items) = common_items(analysis, cells) else { return Ok(None) };
    let chosen = samples(analysis, cells, items);
    if chosen.found.len() < 2 {
        return Ok(None);
    }
    let mut pictures = Vec::new();
    for found in &chosen.found {
        pictures.push(Picture::new(*found, method_label(found.cell), chosen.detail(found))?);
    }
    let sheet = sheet(pictures, items, (analysis.spec.samples.items, false), chosen.note())?;
    Ok(sheet.map(|sheet| (sheet, text(analysis, &chosen, cells.len()))))
}

fn text(analysis: &Analysis, chosen: &Samples, shown: usize) -> String {
    let labels: Vec<String> = chosen
        .found
        .iter()
        .filter(|found| found.cell.label != found.cell.method)
        .map(|f| f.cell.label.clone())
        .collect();
    let cells = match labels.is_empty() {
        true => String::new(),
        false => format!(" A method with several cells is represented by one: {}.", labels.join("; ")),
    };
    let methods: std::collections::BTreeSet<&str> = analysis.cells.iter().map(|cell| cell.method).collect();
    let more = match methods.len() - shown {
        0 => String::new(),
        more => format!(" {more} more methods are not shown."),
    };
    format!(
        "Images that each method generates for the same captions of held-out images, with the same noise vectors.{cells}\
         {more} {}",
        chosen.selection(analysis)
    )
}

/// The figure `methods`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some((sheet, text)) = prepare(analysis)? else { return Ok(None) };
    let names: Vec<&str> = sheet.series.iter().map(|series| series.title.as_str()).collect();
    let alt = format!("Generated images of {} for {}", names.join(", "), sheet.counted_items());
    Ok(Some(sheet.item("methods", "Methods with the same captions and noise", &text, &alt)))
}

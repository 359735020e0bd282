//! Results with the foreground as guide against results with the full image (Figure 7 of the paper).

use super::images::{Picture, common_items, guides, method_label, samples, sheet};
use super::sheet::Sheet;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};

/// The number of methods.
const METHODS: usize = 2;

/// Two cells that differ in the background of the guide image alone.
#[derive(Clone, Copy, Debug)]
struct Pair<'s, 'a> {
    full: &'s Cell<'a>,
    foreground: &'s Cell<'a>,
}

/// The first pair of each method.
fn pairs<'s, 'a>(analysis: &'s Analysis<'a>) -> Vec<Pair<'s, 'a>> {
    let is = |cell: &Cell, segmentation: &str| {
        cell.word("guide.network") != "none" && cell.word("guide.segmentation") == segmentation
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for full in analysis.cells.iter().filter(|cell| is(cell, "full") && cell.word("guide.source") == "own") {
        if pairs.iter().any(|pair| pair.full.method == full.method) {
            continue;
        }
        let partner = |cell: &&Cell| is(cell, "foreground") && cell.is_like(full, &["guide.segmentation", "segment."]);
        if let Some(foreground) = analysis.cells.iter().find(partner) {
            pairs.push(Pair { full, foreground });
        }
    }
    pairs
}

/// The guides and the samples of both cells; `None` if no two cells differ in the background alone and have samples.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn prepare(analysis: &Analysis) -> Result<Option<(Sheet, String)>, FigureError> {
    let all = pairs(analysis);
    let pairs = &all[..all.len().min(METHODS)];
    let cells: Vec<&Cell> = pairs.iter().flat_map(|pair| [pair.full, pair.foreground]).collect();
    let Some(items) = common_items(analysis, &cells) else { return Ok(None) };
    let chosen = samples(analysis, &cells, items);
    if !chosen.missing.is_empty() || chosen.found.is_empty() {
        return Ok(None);
    }
    let guide = |segmentation: &str| {
        let own: Vec<&Cell> =
            cells.iter().copied().filter(|cell| cell.word("guide.segmentation") == segmentation).collect();
        guides(analysis, &own, items).into_iter().next()
    };
    let mut columns = Vec::new();
    for (segmentation, detail) in [("full", "whole image"), ("foreground", "background white")] {
        if let Some(found) = guide(segmentation) {
            columns.push(Picture::new(found, "Guide", detail)?);
        }
    }
    for found in &chosen.found {
        let detail = [found.cell.word("guide.segmentation"), chosen.detail(found)];
        let detail: Vec<String> = detail.into_iter().filter(|part| !part.is_empty()).collect();
        columns.push(Picture::new(*found, method_label(found.cell), detail.join(", "))?);
    }
    let sheet = sheet(columns, items, (analysis.spec.samples.items, false), chosen.note())?;
    let text = format!(
        "Images that are generated for the same captions and noise, with the whole image as guide (`full`) and with \
         its flower on white (`foreground`). Both cells of a method differ in this setting alone. {}",
        chosen.selection(analysis)
    );
    Ok(sheet.map(|sheet| (sheet, text)))
}

/// The figure `backgrounds`.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some((sheet, text)) = prepare(analysis)? else { return Ok(None) };
    let alt = format!("Images generated with full and with foreground guides, for {}", sheet.counted_items());
    Ok(Some(sheet.item("backgrounds", "Foreground against full guides", &text, &alt)))
}

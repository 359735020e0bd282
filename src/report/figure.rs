//! Figures, one module each: `prepare` computes numbers and labels from an analysis, `draw` draws them as SVG, and `item`
//! adds title, text and data.
//!
//! All figures are 624 pixels wide, 6.5 inches in print, and no text is smaller than 7 points there. A method has the same
//! colour in all figures; its cells differ in markers and dashes.

mod backgrounds;
mod canvas;
pub mod captioned;
mod convergence;
mod curves;
mod factors;
mod fits;
mod foreground;
mod frame;
mod images;
mod legend;
mod methods;
mod originals;
mod resolutions;
mod samples;
mod segmentations;
mod sheet;
mod shown;
mod style;
mod text;
mod tile;

use super::item::FigureItem;
use super::{Analysis, FigureError, ReportError};

/// Prepares and draws a figure; `None` if it has no data.
type Draw = fn(&Analysis) -> Result<Option<FigureItem>, FigureError>;

/// Every figure by the name of its files, in the order of a report.
const ALL: [(&str, Draw); 10] = [
    ("segmentations", segmentations::item),
    ("methods", methods::item),
    ("originals", originals::item),
    ("foreground", foreground::item),
    ("backgrounds", backgrounds::item),
    ("resolutions", resolutions::item),
    ("samples", samples::item),
    ("curves", curves::item),
    ("convergence", convergence::item),
    ("fits", fits::item),
];

/// The figures of a report that have data.
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn all(analysis: &Analysis) -> Result<Vec<FigureItem>, ReportError> {
    let mut items = Vec::new();
    for (name, draw) in ALL {
        items.extend(draw(analysis).map_err(|source| ReportError::Figure { name, source })?);
    }
    Ok(items)
}

//! Figures, one module each: `prepare` computes numbers and labels from an analysis, `draw` draws them as SVG, and `item`
//! adds title, text and data.
//!
//! All figures are 624 pixels wide, 6.5 inches in print, and no text is smaller than 7 points there. A method has the same
//! colour in all figures; its cells differ in markers and dashes.

mod architecture;
mod backgrounds;
mod canvas;
pub mod captioned;
mod controls;
mod converged;
mod convergence;
mod cost;
mod curves;
mod diagram;
mod differences;
mod dots;
mod factors;
mod fits;
mod foreground;
mod frame;
mod images;
mod legend;
mod losses;
mod methods;
mod networks;
mod objectives;
mod originals;
mod pipeline;
mod resolutions;
mod samples;
mod segmentations;
mod sheet;
mod shown;
mod strips;
mod style;
mod text;
mod tile;
mod values;

use super::item::FigureItem;
use super::{Analysis, FigureError, FigureName, ReportError};

/// Prepares and draws a figure; `None` if it has no data.
type Draw = fn(&Analysis) -> Result<Option<FigureItem>, FigureError>;

fn draw(name: FigureName) -> Draw {
    match name {
        FigureName::Pipeline => pipeline::item,
        FigureName::Networks => networks::item,
        FigureName::Segmentations => segmentations::item,
        FigureName::Methods => methods::item,
        FigureName::Originals => originals::item,
        FigureName::Foreground => foreground::item,
        FigureName::Backgrounds => backgrounds::item,
        FigureName::Resolutions => resolutions::item,
        FigureName::Curves => curves::item,
        FigureName::Convergence => convergence::item,
        FigureName::Converged => converged::item,
        FigureName::Differences => differences::item,
        FigureName::Controls => controls::item,
        FigureName::Objectives => objectives::item,
        FigureName::Strips => strips::item,
        FigureName::Cost => cost::item,
        FigureName::Samples => samples::item,
        FigureName::Fits => fits::item,
    }
}

/// The figures that the report shows and that have data, in the order of [`FigureName::ALL`].
///
/// # Errors
///
/// If a stored image grid is damaged.
pub fn all(analysis: &Analysis) -> Result<Vec<FigureItem>, ReportError> {
    let mut items = Vec::new();
    for &name in FigureName::ALL.iter().filter(|name| analysis.spec.shows_figure(**name)) {
        let item = draw(name)(analysis).map_err(|source| ReportError::Figure { name: name.as_str(), source })?;
        items.extend(item);
    }
    Ok(items)
}

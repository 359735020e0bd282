//! Figures, one file each: `prepare` turns an analysis into numbers and labels, `draw` turns those into SVG.

mod canvas;
pub mod captioned;
pub mod convergence;
pub mod curves;
pub mod fits;
mod frame;
mod legend;
pub mod sheet;
mod style;
mod text;
mod tile;

/// The figures of a report; `None` where there is nothing to draw yet.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Mean curves over seeds.
    pub curves: Option<curves::Curves>,
    /// When each seed converged.
    pub dots: Option<convergence::Dots>,
    /// How networks were fitted.
    pub fits: Option<fits::Fits>,
    /// The sample sheet.
    pub sheet: Option<sheet::Sheet>,
}

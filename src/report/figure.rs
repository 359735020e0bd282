//! Figures, one module each: `prepare` computes numbers and labels from an analysis, `draw` draws them as SVG.

mod all;
mod canvas;
pub mod captioned;
pub mod convergence;
pub mod curves;
pub mod fits;
mod frame;
mod legend;
pub mod samples;
mod style;
mod text;
mod tile;

pub use all::all;

/// The figures of a report; `None` where there are no data yet.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Mean curves over seeds.
    pub curves: Option<curves::CurvesFigure>,
    /// The convergence epoch of each seed.
    pub convergence: Option<convergence::ConvergenceFigure>,
    /// The scores of fitted networks.
    pub fits: Option<fits::FitsFigure>,
    /// Samples beside the original images.
    pub samples: Option<samples::SamplesFigure>,
}

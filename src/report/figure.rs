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

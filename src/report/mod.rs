//! Reports: tables, figures and text, made from stored runs alone.
//!
//! [`ReportSpec`] says what is asked for and [`ReportInput`] holds what was measured; [`write()`] makes the files.
//! In between, [`Analysis`] groups the runs into cells and judges each once, and every table and figure is prepared
//! from it by a pure function. Equal inputs give byte-identical files: nothing depends on the clock, the order of
//! the runs, or the fonts of the machine.

mod analysis;
mod cells;
mod document;
mod error;
mod extract;
mod figure;
mod fits;
mod folder;
mod format;
mod glyphs;
mod input;
#[cfg(test)]
mod lab;
mod measured;
mod render;
mod spec;
pub mod table;
mod verdict;
mod write;

pub use analysis::Analysis;
pub use cells::Cell;
pub use error::{FigureError, ReportError, SpecError};
pub use extract::{Ends, Extract};
pub use figure::captioned::{CaptionedRow, captioned_grid};
pub use folder::check_folder;
pub use glyphs::{letters_not_in_the_font, names_in_figures};
pub use input::{ReportInput, RunData};
pub use measured::Measured;
pub use spec::{BandChoice, ConvergenceSpec, ReportSpec, SheetSpec};
pub use verdict::Verdict;
pub use write::{Written, write};

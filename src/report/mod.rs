//! Reports: tables, figures and text from the runs in the database.
//!
//! [`ReportSpec`] defines the content of a report and [`ReportInput`] contains the stored results; [`write()`] writes
//! the files. [`Analysis`] groups the runs into cells and assesses their convergence once; tables and figures are
//! computed from it by pure functions. Equal inputs give byte-identical files: the output does not depend on the clock,
//! the order of the runs, or the fonts of the machine.

mod analysis;
mod assessment;
mod cells;
pub mod comparison;
mod data_table;
mod deviations;
mod document;
mod embedded;
mod error;
mod figure;
mod fits;
#[cfg(test)]
mod fixture;
mod folder;
mod font;
mod format;
mod input;
mod item;
mod overview;
mod parallel;
mod protocol_metric;
mod read;
mod render;
mod rule_results;
mod selection;
mod spec;
pub mod table;
pub mod verdict;
mod write;

pub use analysis::Analysis;
pub use assessment::Assessment;
pub use cells::Cell;
pub use embedded::{BASE_REPORT, EMBEDDED_REPORTS};
pub use error::{FigureError, ReportError};
pub use figure::captioned::{CaptionedRow, captioned_grid};
pub use folder::check_folder;
pub use font::missing_glyphs;
pub use input::{Pictures, ReportInput, RunData};
pub use item::{FigureItem, Statement, TableItem, Verdict};
pub use protocol_metric::ProtocolMetric;
pub use rule_results::{RuleOutcome, RuleResults, RunResult, rule_results};
pub use selection::{CellSelection, SelectedCells};
pub use spec::{
    BandChoice, CellSelector, ClaimMeasure, ClaimSpec, ComparisonSpec, ConvergenceSpec, Expectation, FamilySpec,
    FigureName, FilterSpec, OutputFormat, ReportSpec, SamplesSpec, TableName, schema,
};
pub use write::{WrittenReport, write};

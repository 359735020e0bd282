//! The tables of a report, one module each.

mod claims;
mod convergence;
mod curves;
mod differences;
mod epochs;
mod fits;
mod footnote;
mod results;
mod runs;
mod statistics;
mod summary;

pub use super::data_table::Table;
pub use convergence::convergence_csv;
pub use curves::{CURVES, curves_csv};
pub use fits::fits_csv;
pub use footnote::selection;
use runs::experiments;
pub use runs::{runs, runs_csv};
pub use statistics::statistics;
pub use summary::{summary, summary_csv};

use crate::stats::Convergence;

/// A convergence result for display: `(10, 15]`, or `> 60 (unconfirmed)`.
fn outcome(convergence: Convergence) -> String {
    match convergence {
        Convergence::Reached { epoch, after } if epoch == after => epoch.to_string(),
        Convergence::Reached { epoch, after } => format!("({after}, {epoch}]"),
        Convergence::Censored { at, why } => format!("> {at} ({why})"),
    }
}

/// Shown in tables for display if there is no value.
const NO_VALUE: &str = "–";

#[cfg(test)]
mod tests;

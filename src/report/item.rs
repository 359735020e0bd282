//! The items of a report: figures, tables and statements, each with what it was computed from.

use super::data_table::Table;
use crate::store::RunId;

/// A figure of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureItem {
    /// The stem of its files, such as `curves`: lower-case letters, digits and hyphens.
    pub name: String,
    /// The title, plain text without a full stop.
    pub title: String,
    /// What it shows and what is left out, in plain sentences.
    pub text: String,
    /// A text in place of the figure, for readers who cannot see it: plain text, one or two sentences.
    pub alt: String,
    /// The runs whose rows were read, in ascending order and without duplicates.
    pub runs: Vec<RunId>,
    /// What was read of these runs.
    pub sources: Vec<Source>,
    /// The figure.
    pub svg: String,
    /// The numbers in it as a table; `None` if it shows only images, or curves, whose points have a file of their own.
    pub data: Option<Table>,
    /// The texts that it abbreviates, since the font lacks glyphs for them: (name in the figure, text).
    pub replaced: Vec<(String, String)>,
}

/// A table of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct TableItem {
    /// The stem of its files, such as `summary`: lower-case letters, digits and hyphens.
    pub name: String,
    /// The title, plain text without a full stop.
    pub title: String,
    /// What it shows and what is left out, in plain sentences.
    pub text: String,
    /// The runs whose rows were read, in ascending order and without duplicates.
    pub runs: Vec<RunId>,
    /// What was read of these runs.
    pub sources: Vec<Source>,
    /// The table for display: rounded values, and titles as headers.
    pub shown: Table,
    /// The table for programs: all digits, and names as headers.
    pub data: Table,
}

/// Something that was read of a run, beside its row in the table of runs. It determines which protocols and rules a
/// caption states, and which values are in its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The series of the metric with this name, under all its protocols.
    Metric(&'static str),
    /// The convergence by the rules of the report, with the series of its metric.
    Convergence,
    /// The image grids with this role.
    Images(&'static str),
    /// The records of fitted networks.
    Fits,
}

/// A claim with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The claim, from the report file.
    pub claim: String,
    /// The answer in brief.
    pub verdict: Verdict,
    /// The answer in one sentence, with its numbers.
    pub text: String,
}

/// The answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The runs support the claim.
    Supported,
    /// The runs contradict the claim, or show no effect where one would have been found.
    NotSupported,
    /// The runs do not suffice for an answer.
    CannotBeTold,
}

impl Verdict {
    /// The verdict in words, as a report prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::NotSupported => "not supported",
            Verdict::CannotBeTold => "cannot be told",
        }
    }
}

//! The parts of a report that stand alone: figures, tables and answers to claims.

use serde::Serialize;

use super::data_table::Table;
use crate::store::RunId;

/// A figure with its texts.
#[derive(Clone, Debug)]
pub struct FigureItem {
    /// The name of its files, without extension.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, and what it leaves out, in plain text.
    pub text: String,
    /// A description for readers who cannot see it.
    pub alt: String,
    /// The runs whose values or images it shows.
    pub runs: Vec<RunId>,
    /// The figure as SVG.
    pub svg: String,
    /// Its numbers, if it shows any.
    pub data: Option<Table>,
}

/// A table with its texts.
#[derive(Clone, Debug)]
pub struct TableItem {
    /// The name of its files, without extension.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, in plain text.
    pub text: String,
    /// The runs whose values it shows.
    pub runs: Vec<RunId>,
    /// The table for display.
    pub shown: Table,
    /// The table as CSV, with full precision.
    pub data: Table,
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The runs support it.
    Supported,
    /// The runs contradict it, or had enough power to show it and do not.
    NotSupported,
    /// The runs do not suffice to tell.
    CannotBeTold,
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The claim.
    pub claim: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The answer in one sentence, with its numbers.
    pub text: String,
}

impl Verdict {
    /// The verdict in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::NotSupported => "not supported",
            Verdict::CannotBeTold => "cannot be told",
        }
    }
}

//! The parts of a report that every format shows.

use super::table::Table;
use crate::store::RunId;

/// A figure.
#[derive(Clone, Debug)]
pub struct FigureItem {
    /// The name of its files, without extension.
    pub name: String,
    /// The title.
    pub title: String,
    /// What it shows, in plain text.
    pub text: String,
    /// A description for people who do not see it.
    pub alt: String,
    /// The runs whose results are shown.
    pub runs: Vec<RunId>,
    /// The SVG.
    pub svg: String,
    /// The numbers that it shows.
    pub data: Option<Table>,
}

//! (placeholder until the items are merged)
use super::table::Table;
use crate::store::RunId;

/// A table.
#[derive(Clone, Debug)]
pub struct TableItem {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// Runs.
    pub runs: Vec<RunId>,
    /// Shown.
    pub shown: Table,
    /// Data.
    pub data: Table,
}
/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Claim.
    pub claim: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Text.
    pub text: String,
}
/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Supported,
    /// No.
    NotSupported,
    /// Unknown.
    CannotBeTold,
}

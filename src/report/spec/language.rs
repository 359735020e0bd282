//! The keys of a report file, and the values that each allows.

use super::SamplesSpec;
use super::choice::{FigureName, OutputFormat, TableName};
use super::claim::Expectation;

/// A key of a report file, or of a table in it.
pub(super) struct Key {
    /// The dotted key.
    pub name: &'static str,
    /// The values that it allows.
    pub allowed: Allowed,
}

/// The values that a key allows.
#[derive(Clone, Copy)]
pub(super) enum Allowed {
    /// A text of at least this many characters.
    Text(usize),
    /// A list of different texts.
    Texts,
    /// The name of a folder; empty for the name of the file.
    FolderName,
    /// A list of different metrics.
    Metrics,
    /// A metric for which lower or higher is better.
    RankedMetric,
    /// `convergence`, or a metric for which lower or higher is better.
    Measure,
    /// A list of different measures.
    Measures,
    /// One of a list of words.
    Choice(&'static [&'static str]),
    /// A list of different words.
    Words(&'static [&'static str]),
    /// One of the words, or a list of different ones.
    WordOrWords(&'static [&'static str]),
    /// A text, or a list of different ones.
    TextOrTexts,
    /// A number above `.0` and below `.1`.
    Between(f64, f64),
    /// A finite number of at least this.
    AtLeast(f64),
    /// A finite number, or the word.
    NumberOr(&'static str),
    /// A whole number from `.0` to `.1`, both included.
    Integer(i64, i64),
    /// A whole number from 0 to `.0`, or the word.
    IntegerOr(i64, &'static str),
    /// A whole number of at least 0, or a list of different ones.
    IntegerOrIntegers,
    /// The odd window of a running median, or the text of a smoothing.
    Smoothing,
    /// A table of conditions for cells.
    Conditions,
    /// A table of conditions for cells and runs.
    Filter,
    /// A list of tables with these keys.
    Tables(&'static [Key]),
}

const fn key(name: &'static str, allowed: Allowed) -> Key {
    Key { name, allowed }
}

/// The words of run states.
pub(super) const STATES: &[&str] = &["queued", "running", "finished", "diverged", "failed", "cancelled"];

/// The bands around mean curves.
pub(super) const BANDS: &[&str] = &["auto", "range", "t95"];

/// The rules of convergence.
pub(super) const RULES: &[&str] = &["band", "threshold", "plateau"];

/// Every key of a report file, in the order of the base file.
pub(super) const KEYS: &[Key] = &[
    key("name", Allowed::FolderName),
    key("title", Allowed::Text(0)),
    key("experiments", Allowed::Texts),
    key("reference", Allowed::Text(0)),
    key("curves", Allowed::Metrics),
    key("table", Allowed::Metrics),
    key("band", Allowed::Choice(BANDS)),
    key("tables", Allowed::Words(TableName::WORDS)),
    key("figures", Allowed::Words(FigureName::WORDS)),
    key("formats", Allowed::Words(OutputFormat::WORDS)),
    key("claims", Allowed::Tables(CLAIM)),
    key("filter", Allowed::Filter),
    key("convergence.metric", Allowed::RankedMetric),
    key("convergence.rule", Allowed::Choice(RULES)),
    key("convergence.tolerance", Allowed::Between(0.0, 1.0)),
    key("convergence.confirm", Allowed::Integer(3, 1_000_000)),
    key("convergence.smooth", Allowed::Smoothing),
    key("convergence.min_improvement", Allowed::AtLeast(0.0)),
    key("convergence.threshold", Allowed::NumberOr("none")),
    key("convergence.delta", Allowed::AtLeast(0.0)),
    key("convergence.patience", Allowed::Integer(1, 1_000_000)),
    key("family.alpha", Allowed::Between(0.0, 1.0)),
    key("family.measures", Allowed::Measures),
    key("family.comparisons", Allowed::Tables(COMPARISON)),
    key("sheet.epoch", Allowed::IntegerOr(u32::MAX as i64, "last")),
    key("sheet.seed", Allowed::IntegerOr(i64::MAX, "first")),
    key("sheet.items", Allowed::Integer(1, SamplesSpec::MAX_ITEMS as i64)),
];

/// The keys of `[[claims]]`.
pub(super) const CLAIM: &[Key] = &[
    key("text", Allowed::Text(1)),
    key("published", Allowed::Text(0)),
    key("a", Allowed::Conditions),
    key("b", Allowed::Conditions),
    key("measure", Allowed::Measure),
    key("expects", Allowed::Choice(Expectation::WORDS)),
    key("margin", Allowed::AtLeast(0.0)),
];

/// The keys of `[[family.comparisons]]`.
pub(super) const COMPARISON: &[Key] = &[key("a", Allowed::Conditions), key("b", Allowed::Conditions)];

/// The conditions for cells that are no settings.
pub(super) const CONDITIONS: &[Key] = &[key("method", Allowed::TextOrTexts), key("experiment", Allowed::TextOrTexts)];

/// The conditions of `[filter]` that are no settings.
pub(super) const FILTER: &[Key] = &[
    key("method", Allowed::TextOrTexts),
    key("experiment", Allowed::TextOrTexts),
    key("state", Allowed::WordOrWords(STATES)),
    key("seed", Allowed::IntegerOrIntegers),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RunState;

    #[test]
    fn the_states_are_those_of_runs() {
        assert_eq!(STATES, RunState::ALL.map(RunState::as_str));
    }
}

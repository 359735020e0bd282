//! The comparisons that a report tests together, and the claims that it answers.

use super::CellSelector;
use super::choice::words;
use crate::measure::MetricDef;

/// The tests whose p-values are adjusted together (`[family]`).
#[derive(Clone, Debug, PartialEq)]
pub struct FamilySpec {
    /// The family-wise error rate, in (0, 1).
    pub alpha: f64,
    /// What each comparison tests, in order. Empty: convergence, and every metric of `table` that has a direction.
    pub measures: Vec<ClaimMeasure>,
    /// The pairs of cells. Empty: every other cell against the cell of the reference method whose settings are equal
    /// except for those in which the methods differ.
    pub comparisons: Vec<ComparisonSpec>,
}

impl Default for FamilySpec {
    fn default() -> Self {
        Self { alpha: 0.05, measures: Vec::new(), comparisons: Vec::new() }
    }
}

/// A comparison of two cells, paired by seed. Each selector should match one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonSpec {
    /// The first cell. Differences are `a − b`.
    pub a: CellSelector,
    /// The second cell, the reference.
    pub b: CellSelector,
}

/// A claim that the report answers: supported, not supported, or it cannot be told (`[[claims]]`).
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimSpec {
    /// The claim, in a sentence.
    pub text: String,
    /// What was published for it, such as "300 against 600 epochs"; empty if nothing.
    pub published: String,
    /// The cell of which it is claimed.
    pub a: CellSelector,
    /// The cell that it is compared with; `None` only with [`Expectation::Converges`].
    pub b: Option<CellSelector>,
    /// What is compared.
    pub measure: ClaimMeasure,
    /// What is expected of `a`.
    pub expects: Expectation,
    /// The greatest difference that counts as equal, in epochs or in the unit of the metric. `Some` exactly with
    /// [`Expectation::Equal`].
    pub margin: Option<f64>,
}

/// What a comparison or a claim is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClaimMeasure {
    /// The epoch of convergence, by the rule and the metric of `[convergence]`.
    Convergence,
    /// The last value of a metric, which has a direction.
    Metric(&'static MetricDef),
}

impl ClaimMeasure {
    /// The word in report files: `convergence`, or the name of the metric.
    pub fn as_str(self) -> &'static str {
        match self {
            ClaimMeasure::Convergence => "convergence",
            ClaimMeasure::Metric(metric) => metric.name,
        }
    }
}

words! {
    /// What a claim expects of its cell `a`.
    Expectation {
        /// It converges in fewer epochs than `b`. Only of convergence.
        Faster = "faster",
        /// Its metric is better than that of `b`, in the metric's direction. Only of a metric.
        Better = "better",
        /// It differs from `b` by at most `margin`.
        Equal = "equal",
        /// At least half of its runs converge. Only of convergence; it is compared with nothing.
        Converges = "converges",
    }
}

//! The tests whose p-values are adjusted together.

use std::collections::BTreeSet;

use super::matching::matched;
use super::{Comparison, Measure};
use crate::measure::Direction;
use crate::report::{Analysis, Cell, CellSelector, ClaimSpec};
use crate::stats::{holm, seeds_needed, smallest_p};
use crate::store::RunId;

/// The tests of a report: every declared pair of cells by every declared measure, and every claim that is not among
/// them. Their p-values are adjusted by Holm's method (Holm 1979), which bounds the probability of any false positive
/// by `alpha`.
///
/// The number of tests is that of the declared ones: tests that could not be made yet count as not significant. A
/// result therefore does not become less significant when the other runs are added.
#[derive(Clone, Debug)]
pub struct Family<'s> {
    /// The family-wise error rate.
    pub alpha: f64,
    /// The tests, in the order in which they are declared.
    pub members: Vec<Member<'s>>,
}

/// A test of a family.
#[derive(Clone, Debug)]
pub struct Member<'s> {
    /// The comparison.
    pub comparison: Comparison<'s>,
    /// The p-value after Holm; `None` if the cells could not be compared.
    pub adjusted: Option<f64>,
}

impl<'s> Family<'s> {
    /// The family of a report (`[family]` and `[[claims]]`).
    pub fn new(analysis: &'s Analysis<'s>) -> Self {
        let mut tests: Vec<(&Cell, &Cell, Measure)> = Vec::new();
        let measures = measures(analysis);
        for (a, b) in declared(analysis) {
            tests.extend(measures.iter().map(|&measure| (a, b, measure)));
        }
        for claim in &analysis.spec.claims {
            for (a, b) in claimed(analysis, claim) {
                if !tests.iter().any(|test| is_same(test, (a, b, claim.measure))) {
                    tests.push((a, b, claim.measure));
                }
            }
        }
        let compared = tests.into_iter().map(|(a, b, measure)| Comparison::new(analysis, a, b, measure));
        Self::of(compared.collect(), analysis.spec.family.alpha)
    }

    /// A family of these comparisons.
    pub fn of(comparisons: Vec<Comparison<'s>>, alpha: f64) -> Self {
        let all: Vec<f64> = comparisons.iter().map(|comparison| comparison.p().unwrap_or(1.0)).collect();
        let members = comparisons
            .into_iter()
            .zip(holm(&all))
            .map(|(comparison, adjusted)| Member { adjusted: comparison.p().map(|_| adjusted), comparison });
        Self { alpha, members: members.collect() }
    }

    /// The number of tests.
    pub fn size(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    /// The least number of pairs with which a test of the family can be significant.
    pub fn seeds_needed(&self) -> u32 {
        seeds_needed(self.size(), self.alpha)
    }

    /// Whether `pairs` are enough for a test of the family to be significant: 2 / 2ⁿ ≤ α / m.
    pub fn is_attainable(&self, pairs: usize) -> bool {
        let pairs = u32::try_from(pairs).unwrap_or(u32::MAX);
        smallest_p(pairs) <= self.alpha / f64::from(self.size().max(1))
    }

    /// The first test by a measure in which `cell` is the first cell.
    pub fn first_of(&self, cell: &Cell, measure: Measure) -> Option<&Member<'s>> {
        let is_wanted = |member: &&Member| {
            let Comparison { a, measure: by, .. } = &member.comparison;
            *by == measure && (a.method, a.id) == (cell.method, cell.id)
        };
        self.members.iter().find(is_wanted)
    }

    /// The distinct runs of all compared cells, by id.
    pub fn runs(&self) -> Vec<RunId> {
        let cells = self.members.iter().flat_map(|member| [member.comparison.a, member.comparison.b]);
        let ids: BTreeSet<RunId> = cells.flat_map(|cell| &cell.runs).map(|run| run.record.id).collect();
        Vec::from_iter(ids)
    }

    /// The test of two cells by a measure, in either order.
    pub fn find(&self, a: &Cell, b: &Cell, measure: Measure) -> Option<&Member<'s>> {
        let is_wanted = |member: &&Member| {
            let Comparison { a: x, b: y, measure: by, .. } = &member.comparison;
            is_same(&(x, y, *by), (a, b, measure))
        };
        self.members.iter().find(is_wanted)
    }
}

impl Member<'_> {
    /// Whether the difference is significant at the level of the family.
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.adjusted.is_some_and(|adjusted| adjusted <= alpha)
    }
}

fn is_same(&(x, y, by): &(&Cell, &Cell, Measure), (a, b, measure): (&Cell, &Cell, Measure)) -> bool {
    let equal = |p: &Cell, q: &Cell| (p.method, p.id) == (q.method, q.id);
    by == measure && (equal(x, a) && equal(y, b) || equal(x, b) && equal(y, a))
}

/// The measures of the family: the declared ones, or convergence and every metric of the tables that has a direction.
pub fn measures(analysis: &Analysis) -> Vec<Measure> {
    if !analysis.spec.family.measures.is_empty() {
        return analysis.spec.family.measures.clone();
    }
    let ranked = analysis.spec.table.iter().filter(|metric| metric.direction != Direction::Neutral);
    std::iter::once(Measure::Convergence).chain(ranked.map(|&metric| Measure::Metric(metric))).collect()
}

/// The pairs of cells of the family: the declared ones, or every cell of another method against the reference method.
pub fn declared<'s>(analysis: &'s Analysis<'s>) -> Vec<(&'s Cell<'s>, &'s Cell<'s>)> {
    let comparisons = &analysis.spec.family.comparisons;
    let mut pairs: Vec<(&Cell, &Cell)> = Vec::new();
    let mut add = |found: Vec<(&'s Cell<'s>, &'s Cell<'s>)>| {
        for (a, b) in found {
            if !pairs.iter().any(|&(x, y)| is_same(&(x, y, Measure::Convergence), (a, b, Measure::Convergence))) {
                pairs.push((a, b));
            }
        }
    };
    if comparisons.is_empty() {
        let Some(reference) = reference(analysis) else { return Vec::new() };
        let (of_reference, others): (Vec<&Cell>, Vec<&Cell>) =
            analysis.cells.iter().partition(|cell| cell.method == reference);
        add(matched(&others, &of_reference, &BTreeSet::from(["method"])));
    }
    for comparison in comparisons {
        add(selected(analysis, &comparison.a, &comparison.b));
    }
    pairs
}

/// The pairs of cells that a claim is about; none for a claim about a single cell.
pub fn claimed<'s>(analysis: &'s Analysis<'s>, claim: &ClaimSpec) -> Vec<(&'s Cell<'s>, &'s Cell<'s>)> {
    claim.b.as_ref().map(|b| selected(analysis, &claim.a, b)).unwrap_or_default()
}

fn selected<'s>(analysis: &'s Analysis<'s>, a: &CellSelector, b: &CellSelector) -> Vec<(&'s Cell<'s>, &'s Cell<'s>)> {
    let cells = |selector: &CellSelector| analysis.cells.iter().filter(|cell| selector.matches(cell)).collect();
    let (of_a, of_b): (Vec<&Cell>, Vec<&Cell>) = (cells(a), cells(b));
    let free = a.conditions().keys().chain(b.conditions().keys()).map(String::as_str).collect();
    matched(&of_a, &of_b, &free)
}

/// The reference method: that of the report file, or the first one.
pub fn reference<'s>(analysis: &'s Analysis<'s>) -> Option<&'s str> {
    match &analysis.spec.reference {
        Some(name) => Some(name),
        None => analysis.cells.first().map(|cell| cell.method),
    }
}

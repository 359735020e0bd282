//! The verdict on each claim of a report file: supported, not supported, or it cannot be told with what was run.
//!
//! Criterion, for the significance level α of a family of m tests and n pairs of seeds:
//!
//! - *Supported*: the paired permutation test is significant after Holm, and the difference has the claimed direction.
//! - *Not supported*: the test is significant in the opposite direction; or it is not significant although a difference
//!   of one standard deviation of the paired differences would have been found with probability 0.8 at the level α / m.
//! - *Cannot be told*: everything else. The cells were not run or cannot be compared; n is too small for any p-value to be
//!   significant (2 / 2ⁿ > α / m), or for that power; or fewer than half of the runs converged.
//!
//! Two cells are *equal* if the 95 % interval of their difference is within the margin of the claim, and not equal if the
//! interval is outside of it. A method *converges* if significantly more than half of its runs do, by an exact two-sided
//! binomial test. These two are not part of the family.

mod converges;
mod equal;
mod ordered;
#[cfg(test)]
mod tests;

use super::comparison::{Comparison, Family, claimed};
use super::{Analysis, ClaimSpec, Expectation, Statement, Verdict};

/// The probability with which a difference must be found so that its absence means something.
pub const POWER: f64 = 0.8;

/// The difference that must be found, in standard deviations of the paired differences.
pub const RELEVANT: f64 = 1.0;

/// The verdict on one pair of cells, or on one cell.
struct Part {
    verdict: Verdict,
    /// A sentence without the full stop.
    text: String,
}

/// The verdict on every claim of the report file, in its order; nothing without claims.
pub fn statements(analysis: &Analysis) -> Vec<Statement> {
    if analysis.spec.claims.is_empty() {
        return Vec::new();
    }
    statements_in(analysis, &Family::new(analysis))
}

/// The same for a family that is known already.
pub fn statements_in(analysis: &Analysis, family: &Family) -> Vec<Statement> {
    analysis.spec.claims.iter().map(|claim| statement(analysis, family, claim)).collect()
}

fn statement(analysis: &Analysis, family: &Family, claim: &ClaimSpec) -> Statement {
    let parts = match claim.expects {
        Expectation::Converges => converges::parts(analysis, family, claim),
        Expectation::Equal => compared(analysis, claim, |comparison| equal::part(comparison, claim.margin)),
        Expectation::Faster | Expectation::Better => {
            compared(analysis, claim, |comparison| ordered::part(comparison, family))
        }
    };
    let text: Vec<String> = parts.iter().map(|part| format!("{}.", part.text)).collect();
    Statement { claim: claim.text.clone(), verdict: joint(&parts), text: text.join(" ") }
}

/// A part for each pair of cells that the claim is about.
fn compared(analysis: &Analysis, claim: &ClaimSpec, part: impl Fn(&Comparison) -> Part) -> Vec<Part> {
    let pairs = claimed(analysis, claim);
    if pairs.is_empty() {
        return vec![not_run(analysis, claim)];
    }
    pairs.into_iter().map(|(a, b)| part(&Comparison::new(analysis, a, b, claim.measure))).collect()
}

/// The part for a claim without cells.
fn not_run(analysis: &Analysis, claim: &ClaimSpec) -> Part {
    let selectors = std::iter::once(&claim.a).chain(&claim.b);
    let missing = selectors.filter(|selector| !analysis.cells.iter().any(|cell| selector.matches(cell)));
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    let text = match missing.is_empty() {
        true => "not run: no two cells of these methods have equal settings".to_owned(),
        false => format!("not run: there is no cell of {}", missing.join(" and none of ")),
    };
    Part { verdict: Verdict::CannotBeTold, text }
}

/// A claim about several pairs is supported if it is for all of them, and not supported if it is not for one.
fn joint(parts: &[Part]) -> Verdict {
    let any = |verdict: Verdict| parts.iter().any(|part| part.verdict == verdict);
    if any(Verdict::NotSupported) {
        Verdict::NotSupported
    } else if any(Verdict::CannotBeTold) {
        Verdict::CannotBeTold
    } else {
        Verdict::Supported
    }
}

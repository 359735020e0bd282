//! Claims that at least half of a cell's runs converge.

use super::{Part, not_run};
use crate::report::comparison::{Family, convergence_of_cell, p_value};
use crate::report::format::exact;
use crate::report::{Analysis, Cell, ClaimSpec, Verdict};
use crate::stats::{seeds_needed, sign_flip};

/// A part for each cell of the claim.
pub fn parts(analysis: &Analysis, family: &Family, claim: &ClaimSpec) -> Vec<Part> {
    let cells: Vec<&Cell> = analysis.cells.iter().filter(|cell| claim.a.matches(cell)).collect();
    if cells.is_empty() {
        return vec![not_run(analysis, claim)];
    }
    cells.into_iter().map(|cell| part(analysis, cell, family.alpha)).collect()
}

fn part(analysis: &Analysis, cell: &Cell, alpha: f64) -> Part {
    let label = &cell.label;
    let found = match convergence_of_cell(analysis, cell) {
        Ok(found) => found,
        Err(refusal) => {
            return Part {
                verdict: Verdict::CannotBeTold,
                text: format!("Convergence of {label}: {}", refusal.reason()),
            };
        }
    };
    let side = &found.side;
    let median = match side.median {
        Some(median) => format!("median epoch {}", exact(median)),
        None => format!("median not reached by epoch {}", side.observed),
    };
    // Flipping the signs of a vector of ±1 is the binomial distribution with probability one half.
    let signs: Vec<f64> = (0..side.n).map(|at| if at < side.reached { 1.0 } else { -1.0 }).collect();
    let p = sign_flip(&signs).map_or(1.0, |test| test.p);
    let numbers = format!(
        "{} of {} runs of {label} converged, {median}, exact binomial test {}",
        side.reached,
        side.n,
        p_value(p)
    );
    let (verdict, text) = match (p <= alpha, 2 * side.reached > side.n) {
        (true, true) => (Verdict::Supported, format!("Convergence: {numbers}")),
        (true, false) => (Verdict::NotSupported, format!("Convergence: {numbers}")),
        (false, _) => {
            let needed = seeds_needed(1, alpha);
            let why = format!("Convergence: {numbers}, and {needed} runs are needed even if all agree");
            (Verdict::CannotBeTold, why)
        }
    };
    Part { verdict, text }
}

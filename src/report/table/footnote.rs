//! What the tables of statistics have in common: the cells that they show, and the runs that they leave
//! out or count as the worst.

use crate::report::format::counted;
use crate::report::{Analysis, Cell};
use crate::store::RunState;

/// The runs that are not finished, in a sentence; `None` if all are.
pub fn footnote(analysis: &Analysis) -> Option<String> {
    let all = analysis.runs().count();
    let words = [
        (RunState::Diverged, "diverged (not converged, and the worst in tests)"),
        (RunState::Failed, "failed (excluded)"),
        (RunState::Cancelled, "cancelled (excluded)"),
        (RunState::Running, "running (not included)"),
        (RunState::Queued, "queued (not included)"),
    ];
    let parts: Vec<String> = words
        .into_iter()
        .map(|(state, what)| (analysis.count(&[state]), what))
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    (!parts.is_empty()).then(|| format!("Of {}: {}.", counted(all, "run"), parts.join(", ")))
}

/// Whether a table for display shows a cell: of many cells, only some.
pub fn is_shown(analysis: &Analysis, cell: &Cell) -> bool {
    analysis.selected_cells().is_none_or(|selected| {
        selected.all().any(|at| {
            let Cell { method, id, .. } = &analysis.cells[at];
            (*method, *id) == (cell.method, cell.id)
        })
    })
}

/// The selection of cells in a sentence, if not all are shown.
pub fn selection(analysis: &Analysis, file: &str) -> Option<String> {
    let selected = analysis.selected_cells()?;
    Some(format!("Shown: {}. The file {file}.csv contains all cells.", selected.description))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{ReportSpec, fixture};

    #[test]
    fn runs_that_are_not_finished_are_counted_by_state() {
        let mut input = fixture::input(&["A", "B"], 3);
        let spec = ReportSpec::for_experiment("lab", "Lab");
        assert_eq!(footnote(&Analysis::new(&input, &spec).unwrap()), None);
        input.runs[0].record.state = RunState::Diverged;
        input.runs[1].record.state = RunState::Failed;
        input.runs[4].record.state = RunState::Queued;
        assert_eq!(
            footnote(&Analysis::new(&input, &spec).unwrap()).unwrap(),
            "Of 6 runs: 1 diverged (not converged, and the worst in tests), 1 failed (excluded), 1 queued (not included)."
        );
    }
}

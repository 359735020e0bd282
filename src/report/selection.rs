//! Selecting the best and the worst cells for text and figures if there are too many to show all.

use super::cells::Cell;
use super::format::counted;
use super::protocol_metric::ProtocolMetric;
use crate::measure::Direction;

/// The maximum number of cells of which the text shows all.
const MAX_CELLS: usize = 100;

/// The ranking from which cells are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellSelection {
    /// The indices of the ranked cells, the best first. Cells whose runs all diverged are last.
    ranked: Vec<usize>,
    /// The number of all cells.
    all: usize,
    /// The metric of the ranking; `None` if no run has finished, and the first cells are selected.
    by: Option<String>,
}

/// Selected cells, by their index in [`super::Analysis::cells`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedCells {
    /// The best cells, the best first; the first cells if there is no ranking.
    pub best: Vec<usize>,
    /// The worst of the other cells, the worst last.
    pub worst: Vec<usize>,
    /// A description, such as `the 8 best and the 8 worst of 2000 cells by the mean last SSIM`.
    pub description: String,
}

impl CellSelection {
    /// Ranks the cells; `None` if the text shows all.
    pub fn new(cells: &[Cell], metric: Option<&ProtocolMetric>) -> Option<Self> {
        (cells.len() > MAX_CELLS).then(|| Self::ranked(cells, metric))
    }

    /// Ranks the cells, however few.
    pub fn ranked(cells: &[Cell], metric: Option<&ProtocolMetric>) -> Self {
        let ranked = metric.map(|metric| ranking(cells, metric)).unwrap_or_default();
        let by = metric.filter(|_| !ranked.is_empty()).map(|metric| format!("the mean last {}", metric.name()));
        if by.is_some() {
            return Self { ranked, all: cells.len(), by };
        }
        // No run has finished: cells with values come first.
        let has_begun = |cell: &Cell| cell.runs.iter().any(|run| !run.series.is_empty());
        let (begun, others): (Vec<usize>, Vec<usize>) = (0..cells.len()).partition(|&at| has_begun(&cells[at]));
        Self { ranked: begun.into_iter().chain(others).collect(), all: cells.len(), by }
    }

    /// At most `count` of the best and of the worst cells.
    pub fn select(&self, count: usize) -> SelectedCells {
        let Some(by) = &self.by else {
            let best: Vec<usize> = self.ranked.iter().copied().take(2 * count).collect();
            let description = format!("the first {} of {}", best.len(), counted(self.all, "cell"));
            return SelectedCells { best, worst: Vec::new(), description };
        };
        let best: Vec<usize> = self.ranked.iter().copied().take(count).collect();
        let from = self.ranked.len().saturating_sub(count).max(best.len());
        let worst: Vec<usize> = self.ranked[from..].to_vec();
        let all = counted(self.all, "cell");
        let description = match worst.len() {
            0 => format!("the {} of {all} with finished runs, by {by}", best.len()),
            _ => format!("the {} best and the {} worst of {all} by {by}", best.len(), worst.len()),
        };
        SelectedCells { best, worst, description }
    }
}

impl SelectedCells {
    /// All selected cells, in the order of the ranking.
    pub fn all(&self) -> impl Iterator<Item = usize> {
        self.best.iter().chain(&self.worst).copied()
    }
}

/// The cells with a finished or diverged run, the best first. Equal cells keep their order.
fn ranking(cells: &[Cell], metric: &ProtocolMetric) -> Vec<usize> {
    let sign = if metric.definition.direction == Direction::Higher { -1.0 } else { 1.0 };
    let cost = |cell: &Cell| {
        let values = metric.last_values(cell);
        match crate::stats::mean(&values).filter(|mean| mean.is_finite()) {
            Some(mean) => Some(sign * mean),
            None => (!values.is_empty() || cell.has_diverged()).then_some(f64::INFINITY),
        }
    };
    let mut found: Vec<(f64, usize)> =
        cells.iter().enumerate().filter_map(|(at, cell)| Some((cost(cell)?, at))).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    // If all runs diverged, there is no ranking.
    match found.first() {
        Some((least, _)) if least.is_finite() => found.into_iter().map(|(_, at)| at).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Analysis, ReportInput, ReportSpec, fixture};
    use crate::store::RunState;

    fn many() -> ReportInput {
        let names: Vec<String> = (1..=120).map(|n| format!("M{n:03}")).collect();
        fixture::input(&names.iter().map(String::as_str).collect::<Vec<_>>(), 1)
    }

    fn selected(input: &ReportInput, count: usize) -> Option<SelectedCells> {
        let spec = ReportSpec::for_experiment("lab", "Lab");
        Analysis::new(input, &spec).unwrap().selection.map(|selection| selection.select(count))
    }

    #[test]
    fn of_up_to_a_hundred_cells_the_text_shows_all() {
        let mut input = many();
        input.runs.truncate(100);
        assert_eq!(selected(&input, 3), None);
    }

    #[test]
    fn a_figure_shows_all_of_few_cells_and_the_best_and_worst_of_more() {
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let shown = |cells: usize| {
            let mut input = many();
            input.runs.truncate(cells);
            let analysis = Analysis::new(&input, &spec).unwrap();
            let (cells, selection) = analysis.cells_in_figure(8);
            (cells.len(), selection)
        };
        let description = "the 8 best and the 8 worst of 33 cells by the mean last Colour distance";
        assert_eq!((shown(32), shown(33)), ((32, None), (16, Some(description.to_owned()))));
    }

    #[test]
    fn the_best_and_the_worst_cells_are_ranked_by_the_convergence_metric() {
        let mut input = many();
        let last = |input: &ReportInput, at: usize| input.runs[at].series[0].curve.last().unwrap().1;
        let found = selected(&input, 3).unwrap();
        assert!(
            found.best.iter().all(|&best| found.worst.iter().all(|&worst| last(&input, best) < last(&input, worst)))
        );
        assert!((0..120).all(|at| last(&input, found.best[0]) <= last(&input, at)));
        assert_eq!(found.description, "the 3 best and the 3 worst of 120 cells by the mean last Colour distance");
        input.runs[5].record.state = RunState::Diverged;
        assert_eq!(selected(&input, 3).unwrap().worst[2], 5, "a diverged run is the worst");
        input.runs[5].record.state = RunState::Queued;
        assert!(!selected(&input, 60).unwrap().all().any(|at| at == 5), "a queued run is not ranked");
    }

    #[test]
    fn without_finished_runs_the_first_cells_are_selected_and_no_cell_is_selected_twice() {
        let mut input = many();
        input.runs.iter_mut().for_each(|run| run.record.state = RunState::Queued);
        let found = selected(&input, 3).unwrap();
        assert_eq!((found.best, found.worst.len()), ((0..6).collect(), 0));
        assert_eq!(found.description, "the first 6 of 120 cells");
        input.runs[7].record.state = RunState::Finished;
        input.runs[8].record.state = RunState::Finished;
        let found = selected(&input, 3).unwrap();
        assert_eq!((found.best.len(), found.worst.len()), (2, 0));
    }
}

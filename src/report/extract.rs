//! The cells that text and figures show where there are too many to show all: the best and the worst.

use super::cells::Cell;
use super::format::counted;
use super::measured::Measured;
use crate::measure::Direction;

/// Up to so many cells, a report shows all.
const MANY: usize = 100;

/// Which cells are shown, by their place among all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extract {
    /// Every cell that can be ranked, the best first; cells whose runs all diverged come last.
    ranked: Vec<usize>,
    /// How many cells there are.
    all: usize,
    /// What they are ranked by; nothing where no run has finished, and the cells are the first ones.
    by: Option<String>,
}

/// Some of the ranked cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The best, the very best first; the first ones where nothing can be ranked.
    pub best: Vec<usize>,
    /// The worst of the others, the very worst last.
    pub worst: Vec<usize>,
    /// In words, which these are: `the 8 best and the 8 worst of 2000 cells by the mean last SSIM`.
    pub words: String,
}

impl Extract {
    /// `None` where all cells are shown.
    pub fn new(cells: &[Cell], judged: Option<&Measured>) -> Option<Self> {
        if cells.len() <= MANY {
            return None;
        }
        let ranked = judged.map(|judged| ranking(cells, judged)).unwrap_or_default();
        let by = judged.filter(|_| !ranked.is_empty()).map(|judged| format!("the mean last {}", judged.name()));
        if by.is_some() {
            return Some(Self { ranked, all: cells.len(), by });
        }
        // Nothing has finished: runs that have begun have more to show than others.
        let has_begun = |cell: &Cell| cell.runs.iter().any(|run| !run.series.is_empty());
        let (begun, others): (Vec<usize>, Vec<usize>) = (0..cells.len()).partition(|&at| has_begun(&cells[at]));
        Some(Self { ranked: begun.into_iter().chain(others).collect(), all: cells.len(), by })
    }

    /// At most `count` from either end.
    pub fn ends(&self, count: usize) -> Ends {
        let Some(by) = &self.by else {
            let best: Vec<usize> = self.ranked.iter().copied().take(2 * count).collect();
            let words = format!("the first {} of {}", best.len(), counted(self.all, "cell"));
            return Ends { best, worst: Vec::new(), words };
        };
        let best: Vec<usize> = self.ranked.iter().copied().take(count).collect();
        let from = self.ranked.len().saturating_sub(count).max(best.len());
        let worst: Vec<usize> = self.ranked[from..].to_vec();
        let all = counted(self.all, "cell");
        let words = match worst.len() {
            0 => format!("the {} of {all} that have finished runs, by {by}", best.len()),
            _ => format!("the {} best and the {} worst of {all} by {by}", best.len(), worst.len()),
        };
        Ends { best, worst, words }
    }
}

impl Ends {
    /// Both ends, in the order of the ranking.
    pub fn both(&self) -> impl Iterator<Item = usize> {
        self.best.iter().chain(&self.worst).copied()
    }
}

/// The cells with a run that finished or diverged, the best first. Equal cells keep their order.
fn ranking(cells: &[Cell], judged: &Measured) -> Vec<usize> {
    let sign = if judged.metric.direction == Direction::Higher { -1.0 } else { 1.0 };
    let badness = |cell: &Cell| {
        let values = judged.last_values(cell);
        match crate::stats::mean(&values).filter(|mean| mean.is_finite()) {
            Some(mean) => Some(sign * mean),
            None => (!values.is_empty() || cell.has_diverged()).then_some(f64::INFINITY),
        }
    };
    let mut found: Vec<(f64, usize)> =
        cells.iter().enumerate().filter_map(|(at, cell)| Some((badness(cell)?, at))).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Where every run diverged there is no best.
    match found.first() {
        Some((least, _)) if least.is_finite() => found.into_iter().map(|(_, at)| at).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Analysis, ReportInput, ReportSpec, lab};
    use crate::store::RunState;

    fn many() -> ReportInput {
        let names: Vec<String> = (1..=120).map(|n| format!("M{n:03}")).collect();
        lab::input(&names.iter().map(String::as_str).collect::<Vec<_>>(), 1)
    }

    fn ends(input: &ReportInput, count: usize) -> Option<Ends> {
        let spec = ReportSpec::for_experiment("lab", "Lab");
        Analysis::new(input, &spec).unwrap().extract.map(|extract| extract.ends(count))
    }

    #[test]
    fn up_to_a_hundred_cells_all_are_shown() {
        let mut input = many();
        input.runs.truncate(100);
        assert_eq!(ends(&input, 3), None);
    }

    #[test]
    fn the_best_and_the_worst_are_ranked_by_the_judged_metric() {
        let mut input = many();
        let last = |input: &ReportInput, at: usize| input.runs[at].series[0].curve.last().unwrap().1;
        let found = ends(&input, 3).unwrap();
        assert!(
            found.best.iter().all(|&best| found.worst.iter().all(|&worst| last(&input, best) < last(&input, worst)))
        );
        assert!((0..120).all(|at| last(&input, found.best[0]) <= last(&input, at)));
        assert_eq!(found.words, "the 3 best and the 3 worst of 120 cells by the mean last Colour distance");
        input.runs[5].record.state = RunState::Diverged;
        assert_eq!(ends(&input, 3).unwrap().worst[2], 5, "a diverged run is the worst");
        input.runs[5].record.state = RunState::Queued;
        assert!(!ends(&input, 60).unwrap().both().any(|at| at == 5), "one that has not ended is not ranked");
    }

    #[test]
    fn without_finished_runs_the_first_cells_are_shown_and_few_finished_ones_are_not_shown_twice() {
        let mut input = many();
        input.runs.iter_mut().for_each(|run| run.record.state = RunState::Queued);
        let found = ends(&input, 3).unwrap();
        assert_eq!((found.best, found.worst.len()), ((0..6).collect(), 0));
        assert_eq!(found.words, "the first 6 of 120 cells");
        input.runs[7].record.state = RunState::Finished;
        input.runs[8].record.state = RunState::Finished;
        let found = ends(&input, 3).unwrap();
        assert_eq!((found.best.len(), found.worst.len()), (2, 0));
    }
}

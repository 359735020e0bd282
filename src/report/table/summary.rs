use super::runs::machine_name;
use super::{NOTHING, Table};
use crate::report::cells::Cell;
use crate::report::{Analysis, format};
use crate::stats::{self, Convergence, Median, survival};
use crate::store::RunState;

const UNFINISHED: [RunState; 2] = [RunState::Queued, RunState::Running];
const FAILED: [RunState; 2] = [RunState::Failed, RunState::Cancelled];

/// The summary for people: one row for each of `cells`. Means are over finished runs.
pub fn summary(analysis: &Analysis, cells: &[&Cell]) -> Table {
    let mut table = Table::default().words("Method").numbers("Seeds").numbers("Finished").numbers("Diverged");
    table = table.numbers("Failed");
    let any_unfinished = analysis.count(&UNFINISHED) > 0;
    if any_unfinished {
        table = table.numbers("Unfinished");
    }
    for measured in &analysis.table {
        table = table.numbers(format!("{}, last (mean ± sd)", measured.title()));
    }
    table = table.numbers("Converged").numbers("Median epoch");
    if analysis.spec.convergence.threshold.is_some() {
        table = table.numbers("At threshold").numbers("Median epoch, threshold");
    }
    for cell in cells {
        let mut row = vec![cell.label.clone(), cell.runs.len().to_string()];
        row.push(cell.count(&[RunState::Finished]).to_string());
        row.push(cell.count(&[RunState::Diverged]).to_string());
        row.push(cell.count(&FAILED).to_string());
        row.extend(any_unfinished.then(|| cell.count(&UNFINISHED).to_string()));
        row.extend(analysis.table.iter().map(|measured| mean_and_sd(&measured.last_values(cell))));
        row.extend(counts(&analysis.band_outcomes(cell)));
        row.extend(analysis.threshold_outcomes(cell).into_iter().flat_map(|outcomes| counts(&outcomes)));
        table.push(row);
    }
    table
}

/// The summary for programs.
pub fn summary_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for head in ["method", "settings", "cell", "seeds", "finished", "diverged", "failed", "cancelled", "unfinished"] {
        table = table.words(head);
    }
    for measured in &analysis.table {
        for part in ["n", "mean", "sd"] {
            table = table.words(format!("{}_last_{part}", machine_name(measured)));
        }
    }
    let rules = if analysis.spec.convergence.threshold.is_some() { &["band", "threshold"][..] } else { &["band"] };
    for rule in rules {
        for part in ["judged", "reached", "median_epoch", "median_is_lower_bound"] {
            table = table.words(format!("{rule}_{part}"));
        }
    }
    for cell in &analysis.cells {
        let mut row = vec![cell.method.to_owned(), cell.settings(), cell.id.to_owned(), cell.runs.len().to_string()];
        for states in [&[RunState::Finished][..], &[RunState::Diverged], &[RunState::Failed], &[RunState::Cancelled]] {
            row.push(cell.count(states).to_string());
        }
        row.push(cell.count(&UNFINISHED).to_string());
        for measured in &analysis.table {
            let values = measured.last_values(cell);
            let text = |value: Option<f64>| value.map(format::exact).unwrap_or_default();
            row.extend([values.len().to_string(), text(stats::mean(&values)), text(stats::sd(&values))]);
        }
        for outcomes in [Some(analysis.band_outcomes(cell)), analysis.threshold_outcomes(cell)].into_iter().flatten() {
            let survival = survival(&outcomes);
            let (median, is_bound) = match survival.median {
                Some(Median::At(epoch)) => (epoch.to_string(), "false"),
                Some(Median::AtLeast(epoch)) => (epoch.to_string(), "true"),
                None => (String::new(), ""),
            };
            row.extend([survival.n.to_string(), survival.reached.to_string(), median, is_bound.to_owned()]);
        }
        table.push(row);
    }
    table
}

fn mean_and_sd(values: &[f64]) -> String {
    match (stats::mean(values), stats::sd(values)) {
        (Some(mean), Some(sd)) => format::with_deviation(mean, sd),
        (Some(mean), None) => format::significant(mean),
        (None, _) => NOTHING.to_owned(),
    }
}

/// `reached/n` and the median.
fn counts(outcomes: &[Convergence]) -> [String; 2] {
    let survival = survival(outcomes);
    let median = survival.median.map_or_else(|| NOTHING.to_owned(), |median| median.to_string());
    [format!("{}/{}", survival.reached, survival.n), median]
}

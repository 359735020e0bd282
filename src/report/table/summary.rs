use super::runs::column_name;
use super::{NO_VALUE, Table};
use crate::report::cells::Cell;
use crate::report::{Analysis, format};
use crate::stats::{self, Convergence, Median, survival};
use crate::store::RunState;

const UNFINISHED: [RunState; 2] = [RunState::Queued, RunState::Running];
const FAILED: [RunState; 2] = [RunState::Failed, RunState::Cancelled];

/// The summary for display: one row for each of `cells`. Means are over finished runs.
pub fn summary(analysis: &Analysis, cells: &[&Cell]) -> Table {
    let mut table = Table::default()
        .text_column("Method")
        .number_column("Seeds")
        .number_column("Finished")
        .number_column("Diverged");
    table = table.number_column("Failed");
    let any_unfinished = analysis.count(&UNFINISHED) > 0;
    if any_unfinished {
        table = table.number_column("Unfinished");
    }
    for metric in &analysis.table {
        table = table.number_column(format!("{}, last (mean ± sd)", metric.title()));
    }
    table = table.number_column("Converged").number_column("Median epoch");
    if analysis.spec.convergence.threshold.is_some() {
        table = table.number_column("At threshold").number_column("Median epoch, threshold");
    }
    for cell in cells {
        let mut row = vec![cell.label.clone(), cell.runs.len().to_string()];
        row.push(cell.count(&[RunState::Finished]).to_string());
        row.push(cell.count(&[RunState::Diverged]).to_string());
        row.push(cell.count(&FAILED).to_string());
        row.extend(any_unfinished.then(|| cell.count(&UNFINISHED).to_string()));
        row.extend(analysis.table.iter().map(|metric| mean_and_sd(&metric.last_values(cell))));
        row.extend(counts(&analysis.band_outcomes(cell)));
        row.extend(analysis.threshold_outcomes(cell).into_iter().flat_map(|outcomes| counts(&outcomes)));
        table.push(row);
    }
    table
}

/// The summary of all cells as CSV.
pub fn summary_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for header in ["method", "settings", "cell", "seeds", "finished", "diverged", "failed", "cancelled", "unfinished"] {
        table = table.text_column(header);
    }
    for metric in &analysis.table {
        for part in ["n", "mean", "sd"] {
            table = table.text_column(format!("{}_last_{part}", column_name(metric)));
        }
    }
    let rules = if analysis.spec.convergence.threshold.is_some() { &["band", "threshold"][..] } else { &["band"] };
    for rule in rules {
        for part in ["judged", "reached", "median_epoch", "median_is_lower_bound"] {
            table = table.text_column(format!("{rule}_{part}"));
        }
    }
    for cell in &analysis.cells {
        let mut row = vec![cell.method.to_owned(), cell.settings(), cell.id.to_owned(), cell.runs.len().to_string()];
        for states in [&[RunState::Finished][..], &[RunState::Diverged], &[RunState::Failed], &[RunState::Cancelled]] {
            row.push(cell.count(states).to_string());
        }
        row.push(cell.count(&UNFINISHED).to_string());
        for metric in &analysis.table {
            let values = metric.last_values(cell);
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
        (None, _) => NO_VALUE.to_owned(),
    }
}

/// `reached/n`, and the median epoch.
fn counts(outcomes: &[Convergence]) -> [String; 2] {
    let survival = survival(outcomes);
    let median = survival.median.map_or_else(|| NO_VALUE.to_owned(), |median| median.to_string());
    [format!("{}/{}", survival.reached, survival.n), median]
}

use super::Table;
use super::runs::{by_cell, experiments};
use crate::report::Analysis;
use crate::report::assessment::Assessment;
use crate::stats::Convergence;

/// The convergence of all runs as CSV: a row for each run and rule, with `reached` and `after`, or `censored_at` and
/// `why`. `why` is `unfinished` or `excluded` for runs that are not assessed.
pub fn convergence_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for header in ["experiment", "run", "method", "settings", "seed", "state", "metric", "protocol", "rule"] {
        table = table.text_column(header);
    }
    for header in ["reached", "after", "censored_at", "why"] {
        table = table.text_column(header);
    }
    for (cell, run) in by_cell(analysis) {
        let protocol = analysis.convergence_metric.as_ref().map(|judged| judged.protocol.as_str()).unwrap_or_default();
        for (rule, assessment) in [("band", Some(analysis.band(run))), ("threshold", analysis.threshold(run))] {
            let Some(assessment) = assessment else { continue };
            let mut row = vec![
                experiments(cell),
                run.record.id.to_string(),
                cell.method.to_owned(),
                cell.settings(),
                run.record.seed.to_string(),
                run.record.state.to_string(),
                analysis.spec.convergence.metric.name.to_owned(),
                protocol.to_owned(),
                rule.to_owned(),
            ];
            row.extend(outcome(assessment));
            table.push(row);
        }
    }
    table
}

fn outcome(assessment: Assessment) -> [String; 4] {
    let none = String::new;
    match assessment {
        Assessment::Assessed(Convergence::Reached { epoch, after }) => {
            [epoch.to_string(), after.to_string(), none(), none()]
        }
        Assessment::Assessed(Convergence::Censored { at, why }) => [none(), none(), at.to_string(), why.to_string()],
        Assessment::Unfinished => [none(), none(), none(), "unfinished".into()],
        Assessment::Excluded => [none(), none(), none(), "excluded".into()],
    }
}

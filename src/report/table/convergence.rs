use super::Table;
use super::runs::{by_cell, experiments};
use crate::report::Analysis;
use crate::report::verdict::Verdict;
use crate::stats::Convergence;

/// Every run's convergence for programs: a row for each run and rule, with `reached` and `after`, or `censored_at`
/// and `why`. `why` is `unfinished` or `excluded` where there is no verdict.
pub fn convergence_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for head in ["experiment", "run", "method", "settings", "seed", "state", "metric", "protocol", "rule"] {
        table = table.words(head);
    }
    for head in ["reached", "after", "censored_at", "why"] {
        table = table.words(head);
    }
    for (cell, run) in by_cell(analysis) {
        let protocol = analysis.judged.as_ref().map(|judged| judged.protocol.as_str()).unwrap_or_default();
        for (rule, verdict) in [("band", Some(analysis.band(run))), ("threshold", analysis.threshold(run))] {
            let Some(verdict) = verdict else { continue };
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
            row.extend(outcome(verdict));
            table.push(row);
        }
    }
    table
}

fn outcome(verdict: Verdict) -> [String; 4] {
    let none = String::new;
    match verdict {
        Verdict::Judged(Convergence::Reached { epoch, after }) => {
            [epoch.to_string(), after.to_string(), none(), none()]
        }
        Verdict::Judged(Convergence::Censored { at, why }) => [none(), none(), at.to_string(), why.to_string()],
        Verdict::Unfinished => [none(), none(), none(), "unfinished".into()],
        Verdict::Excluded => [none(), none(), none(), "excluded".into()],
    }
}

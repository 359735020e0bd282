use std::collections::BTreeSet;

use super::{runs, runs_csv, summary, summary_csv};
use crate::report::cells::Cell;
use crate::report::item::{Source, TableItem};
use crate::report::{Analysis, TableName};
use crate::store::RunId;

/// The tables that the report asks for and that have data, in the order of [`TableName::ALL`].
pub fn all(analysis: &Analysis) -> Vec<TableItem> {
    if analysis.cells.is_empty() {
        return Vec::new();
    }
    let selected = analysis.selected_cells();
    let cells: Vec<&Cell> = match &selected {
        Some(selected) => selected.all().map(|at| &analysis.cells[at]).collect(),
        None => analysis.cells.iter().collect(),
    };
    let shown = selected.map(|selected| format!("Shown: {}. ", selected.description)).unwrap_or_default();
    let item = |name: TableName| match name {
        TableName::Summary => Some(TableItem {
            name: name.as_str().into(),
            title: "Summary of the methods".into(),
            text: format!(
                "{shown}Means and standard deviations are over the last values of finished runs; convergence counts \
                 finished and diverged runs."
            ),
            runs: ids(analysis),
            sources: sources(analysis),
            shown: summary(analysis, &cells),
            data: summary_csv(analysis),
        }),
        TableName::Runs => Some(TableItem {
            name: name.as_str().into(),
            title: "All runs".into(),
            text: format!("{shown}Each value is followed by its epoch. The best value is the best of the run's curve."),
            runs: ids(analysis),
            sources: sources(analysis),
            shown: runs(analysis, &cells),
            data: runs_csv(analysis),
        }),
        _ => None,
    };
    TableName::ALL.iter().filter(|name| analysis.spec.tables.contains(name)).filter_map(|&name| item(name)).collect()
}

fn ids(analysis: &Analysis) -> Vec<RunId> {
    analysis.runs().map(|run| run.record.id).collect()
}

fn sources(analysis: &Analysis) -> Vec<Source> {
    let metrics: BTreeSet<&'static str> = analysis.table.iter().map(|metric| metric.definition.name).collect();
    metrics.into_iter().map(Source::Metric).chain([Source::Convergence]).collect()
}

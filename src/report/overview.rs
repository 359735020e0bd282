//! The tables of cells, runs and differences from the paper, with their titles and texts.

use super::deviations::{deviations, listed};
use super::table::{Table, runs, runs_csv, selection, summary, summary_csv};
use super::{Analysis, Cell, TableItem, TableName};
use crate::store::RunId;

/// Those that have data.
pub fn tables(analysis: &Analysis) -> Vec<TableItem> {
    if analysis.cells.is_empty() {
        return Vec::new();
    }
    let selected = analysis.selected_cells();
    let cells: Vec<&Cell> = match &selected {
        Some(selected) => selected.all().map(|at| &analysis.cells[at]).collect(),
        None => analysis.cells.iter().collect(),
    };
    let item = |name: TableName, title: &str, text: &str, shown: Table, data: Table| TableItem {
        name: name.as_str().into(),
        title: title.into(),
        text: match selection(analysis, name.as_str()) {
            Some(selection) => format!("{text} {selection}"),
            None => text.to_owned(),
        },
        runs: analysis.runs().map(|run| run.record.id).collect(),
        shown,
        data,
    };
    let mut items = vec![
        item(
            TableName::Summary,
            "Methods",
            "The runs of each method by state, the mean and the standard deviation of the last values of finished runs, \
             and convergence over the runs that have ended.",
            summary(analysis, &cells),
            summary_csv(analysis),
        ),
        item(
            TableName::Runs,
            "Runs",
            "Each run with its last and its best values and their epochs. The best is the best of all its evaluations.",
            runs(analysis, &cells),
            runs_csv(analysis),
        ),
    ];
    items.extend(of_deviations(analysis));
    items
}

/// The table of differences from the paper; `None` if there are none.
fn of_deviations(analysis: &Analysis) -> Option<TableItem> {
    let found = deviations(analysis);
    let mut shown = Table::default().text_column("Setting").text_column("Cells").text_column("Here, and in the paper");
    let mut data = Table::default();
    for header in ["cells", "setting", "value", "text"] {
        data = data.text_column(header);
    }
    let mut ids: Vec<RunId> = Vec::new();
    for deviation in &found {
        let labels: Vec<&str> = deviation.cells.iter().map(|cell| cell.label.as_str()).collect();
        let setting = format!("{} = {}", deviation.setting, deviation.value);
        shown.push(vec![setting, listed(&labels), deviation.text.clone()]);
        data.push(vec![labels.join("; "), deviation.setting.into(), deviation.value.clone(), deviation.text.clone()]);
        ids.extend(deviation.cells.iter().flat_map(|cell| &cell.runs).map(|run| run.record.id));
    }
    ids.sort_unstable();
    ids.dedup();
    (!found.is_empty()).then(|| TableItem {
        name: TableName::Deviations.as_str().into(),
        title: "Differences from the paper".into(),
        text: "From the resolved settings of the runs: choices where the paper is incomplete or contradictory, and \
               settings that it does not use."
            .into(),
        runs: ids,
        shown,
        data,
    })
}

use super::{NO_VALUE, Table, outcome};
use crate::measure::Direction;
use crate::report::assessment::Assessment;
use crate::report::cells::Cell;
use crate::report::{Analysis, RunData, format};

/// The table of runs for display: one row for each run of `cells`, in their order.
pub fn runs(analysis: &Analysis, cells: &[&Cell]) -> Table {
    let has_axes = cells.iter().any(|cell| !cell.axes.is_empty());
    let has_experiments = analysis.input.experiments.len() > 1;
    let mut table = Table::default().number_column("Run");
    if has_experiments {
        table = table.text_column("Experiment");
    }
    table = table.text_column("Method");
    if has_axes {
        table = table.text_column("Settings");
    }
    table = table.number_column("Seed").text_column("State").number_column("Epoch");
    for metric in &analysis.table {
        table = table.number_column(format!("{}, last", metric.title()));
        if metric.definition.direction != Direction::Neutral {
            table = table.number_column(format!("{}, best", metric.title()));
        }
    }
    table = table.text_column("Converged");
    if analysis.spec.convergence.threshold.is_some() {
        table = table.text_column("At threshold");
    }
    table = table.number_column("Minutes");
    for (cell, run) in cells.iter().flat_map(|cell| cell.runs.iter().map(move |&run| (cell, run))) {
        let record = &run.record;
        let mut row = vec![record.id.to_string()];
        row.extend(has_experiments.then(|| experiments(cell)));
        row.push(cell.method.to_owned());
        row.extend(has_axes.then(|| cell.settings()));
        row.extend([record.seed.to_string(), record.state.to_string(), format!("{}/{}", record.epoch, record.horizon)]);
        row.extend(values(analysis, run));
        row.push(assessment(analysis.band(run)));
        row.extend(analysis.threshold(run).map(assessment));
        row.push(format!("{:.1}", record.seconds / 60.0));
        table.push(row);
    }
    table
}

fn values(analysis: &Analysis, run: &RunData) -> Vec<String> {
    let shown = |point: Option<(_, f64)>| {
        point.map_or_else(|| NO_VALUE.to_owned(), |(epoch, value)| format!("{} @ {epoch}", format::significant(value)))
    };
    let mut row = Vec::new();
    for metric in &analysis.table {
        row.push(shown(metric.curve(run).and_then(|curve| curve.last())));
        if metric.definition.direction != Direction::Neutral {
            row.push(shown(metric.best(run)));
        }
    }
    row
}

fn assessment(assessment: Assessment) -> String {
    match assessment {
        Assessment::Assessed(convergence) => outcome(convergence),
        Assessment::Unfinished => "not finished".to_owned(),
        Assessment::Excluded => NO_VALUE.to_owned(),
    }
}

/// The table of runs as CSV: metric names instead of titles, full precision, empty cells for missing values.
pub fn runs_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for header in ["experiment", "run", "method", "settings", "cell", "seed", "state", "epoch", "horizon"] {
        table = table.text_column(header);
    }
    for metric in &analysis.table {
        let name = column_name(metric);
        for part in ["last", "last_epoch", "best", "best_epoch"] {
            table = table.text_column(format!("{name}_{part}"));
        }
    }
    table = table.text_column("seconds").text_column("device").text_column("outcome");
    for (cell, run) in by_cell(analysis) {
        let record = &run.record;
        let mut row = vec![
            experiments(cell),
            record.id.to_string(),
            cell.method.to_owned(),
            cell.settings(),
            cell.id.to_owned(),
            record.seed.to_string(),
            record.state.to_string(),
            record.epoch.to_string(),
            record.horizon.to_string(),
        ];
        for metric in &analysis.table {
            for point in [metric.curve(run).and_then(|curve| curve.last()), metric.best(run)] {
                let (epoch, value) = point.map(|(e, v)| (e.to_string(), format::exact(v))).unwrap_or_default();
                row.extend([value, epoch]);
            }
        }
        row.extend([format::exact(record.seconds), record.device.clone(), record.outcome.clone()]);
        table.push(row);
    }
    table
}

/// The name of a metric in CSV headers, with the id of the protocol if there are several.
pub(super) fn column_name(metric: &crate::report::protocol_metric::ProtocolMetric) -> String {
    if metric.is_one_of_several {
        format!("{}_{}", metric.definition.name, metric.protocol.as_str())
    } else {
        metric.definition.name.to_owned()
    }
}

/// All runs with their cells, in the order of the cells.
pub(super) fn by_cell<'s, 'a>(analysis: &'s Analysis<'a>) -> impl Iterator<Item = (&'s Cell<'a>, &'a RunData)> {
    analysis.cells.iter().flat_map(|cell| cell.runs.iter().map(move |&run| (cell, run)))
}

/// The experiments that contain the cell.
pub(super) fn experiments(cell: &Cell) -> String {
    cell.experiments.iter().copied().collect::<Vec<_>>().join(", ")
}

use super::{NOTHING, Table, outcome};
use crate::measure::Direction;
use crate::report::cells::Cell;
use crate::report::verdict::Verdict;
use crate::report::{Analysis, RunData, format};

/// The run table for people: one row for each run of `cells`, in their order.
pub fn runs(analysis: &Analysis, cells: &[&Cell]) -> Table {
    let has_axes = cells.iter().any(|cell| !cell.axes.is_empty());
    let has_experiments = analysis.input.experiments.len() > 1;
    let mut table = Table::default().numbers("Run");
    if has_experiments {
        table = table.words("Experiment");
    }
    table = table.words("Method");
    if has_axes {
        table = table.words("Settings");
    }
    table = table.numbers("Seed").words("State").numbers("Epoch");
    for measured in &analysis.table {
        table = table.numbers(format!("{}, last", measured.title()));
        if measured.metric.direction != Direction::Neutral {
            table = table.numbers(format!("{}, best", measured.title()));
        }
    }
    table = table.words("Converged");
    if analysis.spec.convergence.threshold.is_some() {
        table = table.words("At threshold");
    }
    table = table.numbers("Minutes");
    for (cell, run) in cells.iter().flat_map(|cell| cell.runs.iter().map(move |&run| (cell, run))) {
        let record = &run.record;
        let mut row = vec![record.id.to_string()];
        row.extend(has_experiments.then(|| experiments(cell)));
        row.push(cell.method.to_owned());
        row.extend(has_axes.then(|| cell.settings()));
        row.extend([record.seed.to_string(), record.state.to_string(), format!("{}/{}", record.epoch, record.horizon)]);
        row.extend(values(analysis, run));
        row.push(verdict(analysis.band(run)));
        row.extend(analysis.threshold(run).map(verdict));
        row.push(format!("{:.1}", record.seconds / 60.0));
        table.push(row);
    }
    table
}

fn values(analysis: &Analysis, run: &RunData) -> Vec<String> {
    let shown = |point: Option<(_, f64)>| {
        point.map_or_else(|| NOTHING.to_owned(), |(epoch, value)| format!("{} @ {epoch}", format::significant(value)))
    };
    let mut row = Vec::new();
    for measured in &analysis.table {
        row.push(shown(measured.curve(run).and_then(|curve| curve.last())));
        if measured.metric.direction != Direction::Neutral {
            row.push(shown(measured.best(run)));
        }
    }
    row
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Judged(convergence) => outcome(convergence),
        Verdict::Unfinished => "not finished".to_owned(),
        Verdict::Excluded => NOTHING.to_owned(),
    }
}

/// The run table for programs: machine names, full precision, empty where there is no value.
pub fn runs_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for head in ["experiment", "run", "method", "settings", "cell", "seed", "state", "epoch", "horizon"] {
        table = table.words(head);
    }
    for measured in &analysis.table {
        let name = machine_name(measured);
        for part in ["last", "last_epoch", "best", "best_epoch"] {
            table = table.words(format!("{name}_{part}"));
        }
    }
    table = table.words("seconds").words("device").words("outcome");
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
        for measured in &analysis.table {
            for point in [measured.curve(run).and_then(|curve| curve.last()), measured.best(run)] {
                let (epoch, value) = point.map(|(e, v)| (e.to_string(), format::exact(v))).unwrap_or_default();
                row.extend([value, epoch]);
            }
        }
        row.extend([format::exact(record.seconds), record.device.clone(), record.outcome.clone()]);
        table.push(row);
    }
    table
}

/// The metric's name, with the protocol's id where there are several.
pub(super) fn machine_name(measured: &crate::report::measured::Measured) -> String {
    if measured.is_one_of_several {
        format!("{}_{}", measured.metric.name, measured.protocol.as_str())
    } else {
        measured.metric.name.to_owned()
    }
}

/// Every run beside its cell, in the order of the cells.
pub(super) fn by_cell<'s, 'a>(analysis: &'s Analysis<'a>) -> impl Iterator<Item = (&'s Cell<'a>, &'a RunData)> {
    analysis.cells.iter().flat_map(|cell| cell.runs.iter().map(move |&run| (cell, run)))
}

/// The experiments that show the cell.
pub(super) fn experiments(cell: &Cell) -> String {
    cell.experiments.iter().copied().collect::<Vec<_>>().join(", ")
}

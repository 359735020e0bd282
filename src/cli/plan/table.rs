use crate::cli::quantity::{count, duration};
use crate::cli::table::table;
use crate::gan::Cost;
use crate::screen::on_one_line;
use crate::stats::Power;

use super::{Forecast, PlanOutput};

/// A column: its title, and its value for each cell.
type Column = (String, Vec<String>);

/// A table of the cells with the columns in which they differ. A value that is equal in all cells is listed once,
/// above.
pub fn text(output: &PlanOutput) -> String {
    let plan = output.plan;
    let mut lines = vec![format!("{}: {}", plan.name, on_one_line(&plan.title))];
    lines.push(format!("{} cells x {} seeds = {} runs", plan.cells.len(), plan.seeds.len(), plan.runs()));
    let methods = ("method".to_owned(), plan.cells.iter().map(|cell| cell.method.clone()).collect());
    let mut columns: Vec<Column> = vec![methods];
    let mut same: Vec<String> = Vec::new();
    for (head, values) in axes(output).into_iter().chain(sizes(output)) {
        let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
        match (differs, values.first()) {
            (true, _) => columns.push((head, values)),
            (false, Some(value)) if value != "-" => same.push(format!("{head} {value}")),
            (false, _) => {}
        }
    }
    columns.push(("cell".to_owned(), output.ids.clone()));
    if !same.is_empty() {
        lines.push(format!("every cell: {}", same.join(", ")));
    }
    lines.push(String::new());
    let head: Vec<&str> = columns.iter().map(|(head, _)| head.as_str()).collect();
    let rows = (0..plan.cells.len()).map(|i| columns.iter().map(|(_, values)| values[i].clone()).collect());
    lines.push(table(&head, rows.collect()).for_output());
    lines.push(String::new());
    lines.extend(time(output));
    if let Some(power) = &output.power {
        let first = if plan.methods.len() == 1 { "the first cell" } else { &*plan.methods[0] };
        lines.push(comparison(power, first));
    }
    lines.extend(output.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n") + "\n"
}

fn axes(output: &PlanOutput) -> Vec<Column> {
    let cells = &output.plan.cells;
    let mut keys: Vec<&String> = cells.iter().flat_map(|cell| cell.axes.keys()).collect();
    keys.sort();
    keys.dedup();
    let column = |key: &String| {
        let value = |cell: &crate::spec::PlannedCell| cell.axes.get(key).map_or("-".to_owned(), ToString::to_string);
        (key.clone(), cells.iter().map(value).collect())
    };
    keys.into_iter().map(column).collect()
}

fn sizes(output: &PlanOutput) -> Vec<Column> {
    let column = |head: &str, value: &dyn Fn(&Forecast) -> String| {
        (head.to_owned(), output.forecasts.iter().map(value).collect::<Vec<_>>())
    };
    let of =
        |forecast: &Forecast, part: fn(Cost) -> u64| forecast.cost.map_or("-".to_owned(), |cost| count(part(cost)));
    let mut columns = vec![
        column("epochs", &|forecast| forecast.epochs.to_string()),
        column("steps", &|forecast| forecast.steps.map_or("-".to_owned(), |steps| steps.to_string())),
        column("G parameters", &|forecast| of(forecast, |cost| cost.generator_parameters)),
        column("D parameters", &|forecast| of(forecast, |cost| cost.discriminator_parameters)),
        column("forward FLOP/step", &|forecast| of(forecast, |cost| cost.forward)),
        column("backward FLOP/step", &|forecast| of(forecast, |cost| cost.backward)),
    ];
    if let Some(estimate) = &output.estimate {
        let time = |seconds: &Option<f64>| seconds.map_or("-".to_owned(), duration);
        columns.push(("time/run".to_owned(), estimate.seconds.iter().map(time).collect()));
    }
    columns
}

fn time(output: &PlanOutput) -> Option<String> {
    let estimate = output.estimate.as_ref()?;
    let total = duration(estimate.total()? * output.plan.seeds.len() as f64);
    let basis = match estimate.runs {
        1 => "one past run".to_owned(),
        runs => format!("{runs} past runs"),
    };
    let (device, all) = (estimate.device, output.plan.runs());
    Some(format!(
        "time: about {total} for all {all} runs one after another on {device}, without evaluations; scaled by FLOP \
         from {basis} on this machine"
    ))
}

fn comparison(power: &Power, first: &str) -> String {
    let Power { seeds, comparisons, alpha, smallest_p, needed } = power;
    let family = match comparisons {
        1 => "for one comparison".to_owned(),
        m => format!("for m = {m} comparisons"),
    };
    let seeds = if *seeds == 1 { "1 seed".to_owned() } else { format!("{seeds} seeds") };
    let limit = format!("{seeds}: the smallest p-value of a paired permutation test is {smallest_p}");
    match power.is_enough() {
        true => format!("{limit}; this is enough {family} with {first} at level {alpha}, which require {needed} seeds"),
        false => format!("{limit}; {needed} seeds are required {family} with {first} at level {alpha}"),
    }
}

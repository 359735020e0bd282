use crate::cli::table::table;
use crate::gan::Cost;
use crate::screen::on_one_line;
use crate::stats::Power;

use super::quantity::{count, duration};
use super::{Outlook, Shown};

/// A column: its head, and what it says of each cell.
type Column = (String, Vec<String>);

/// The cells with the columns in which they differ; what is the same everywhere stands there once.
pub fn text(shown: &Shown) -> String {
    let plan = shown.plan;
    let mut lines = vec![format!("{}: {}", plan.name, on_one_line(&plan.title))];
    lines.push(format!("{} cells x {} seeds = {} runs", plan.cells.len(), plan.seeds.len(), plan.runs()));
    let methods = ("method".to_owned(), plan.cells.iter().map(|cell| cell.method.clone()).collect());
    let mut columns: Vec<Column> = vec![methods];
    let mut same: Vec<String> = Vec::new();
    for (head, values) in axes(shown).into_iter().chain(outlook(shown)) {
        let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
        match (differs, values.first()) {
            (true, _) => columns.push((head, values)),
            (false, Some(value)) if value != "-" => same.push(format!("{head} {value}")),
            (false, _) => {}
        }
    }
    columns.push(("cell".to_owned(), shown.ids.clone()));
    if !same.is_empty() {
        lines.push(format!("every cell: {}", same.join(", ")));
    }
    lines.push(String::new());
    let head: Vec<&str> = columns.iter().map(|(head, _)| head.as_str()).collect();
    let rows = (0..plan.cells.len()).map(|i| columns.iter().map(|(_, values)| values[i].clone()).collect());
    lines.push(table(&head, rows.collect()).for_output());
    lines.push(String::new());
    lines.extend(time(shown));
    if let Some(power) = &shown.power {
        lines.push(comparison(power, &plan.methods[0]));
    }
    lines.extend(shown.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n") + "\n"
}

fn axes(shown: &Shown) -> Vec<Column> {
    let cells = &shown.plan.cells;
    let mut keys: Vec<&String> = cells.iter().flat_map(|cell| cell.axes.keys()).collect();
    keys.sort();
    keys.dedup();
    let column = |key: &String| {
        let value = |cell: &crate::spec::PlannedCell| cell.axes.get(key).map_or("-".to_owned(), ToString::to_string);
        (key.clone(), cells.iter().map(value).collect())
    };
    keys.into_iter().map(column).collect()
}

fn outlook(shown: &Shown) -> Vec<Column> {
    let column = |head: &str, value: &dyn Fn(&Outlook) -> String| {
        (head.to_owned(), shown.outlooks.iter().map(value).collect::<Vec<_>>())
    };
    let of = |outlook: &Outlook, part: fn(Cost) -> u64| outlook.cost.map_or("-".to_owned(), |cost| count(part(cost)));
    let mut columns = vec![
        column("epochs", &|outlook| outlook.epochs.to_string()),
        column("steps", &|outlook| outlook.steps.map_or("-".to_owned(), |steps| steps.to_string())),
        column("G parameters", &|outlook| of(outlook, |cost| cost.generator_parameters)),
        column("D parameters", &|outlook| of(outlook, |cost| cost.discriminator_parameters)),
        column("forward FLOP/step", &|outlook| of(outlook, |cost| cost.forward)),
        column("backward FLOP/step", &|outlook| of(outlook, |cost| cost.backward)),
    ];
    if let Some(estimate) = &shown.estimate {
        let time = |seconds: &Option<f64>| seconds.map_or("-".to_owned(), duration);
        columns.push(("time/run".to_owned(), estimate.seconds.iter().map(time).collect()));
    }
    columns
}

fn time(shown: &Shown) -> Option<String> {
    let estimate = shown.estimate.as_ref()?;
    let total = duration(estimate.all()? * shown.plan.seeds.len() as f64);
    let basis = match estimate.runs {
        1 => "one past run".to_owned(),
        runs => format!("{runs} past runs"),
    };
    let (device, all) = (estimate.device, shown.plan.runs());
    Some(format!(
        "time: about {total} for all {all} runs one after another on {device}, evaluations not counted; \
         scaled by FLOP from {basis} on this machine"
    ))
}

fn comparison(power: &Power, first: &str) -> String {
    let Power { seeds, comparisons, alpha, smallest_p, needed } = power;
    let family = match comparisons {
        1 => "for the one comparison".to_owned(),
        m => format!("for m = {m} comparisons"),
    };
    let seeds = if *seeds == 1 { "1 seed".to_owned() } else { format!("{seeds} seeds") };
    let limit = format!("{seeds}: a paired permutation test cannot go below p = {smallest_p}");
    match power.is_enough() {
        true => format!("{limit}, enough {family} with {first} at {alpha} (that takes {needed} seeds)"),
        false => format!("{limit}; {family} with {first} at {alpha} it takes {needed} seeds"),
    }
}

use std::cmp::Ordering;
use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;

use crate::screen::note;
use crate::spec::Value;
use crate::store::{Listed, Remarks, RunId, Store, Summary};

use super::format::{Field, FormatArgs, Sheet};
use super::selection::{self, FilterArgs};
use super::{CliError, Global};

/// Above this many runs, everything is read in one sweep instead of run by run.
const FEW: usize = 500;

#[derive(Args)]
pub struct ListArgs {
    /// Only this experiment
    experiment: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Sort by run, seed, epoch, minutes, experiment, method, state, a setting, or metric.NAME[.last|.best];
    /// `-KEY` turns it round. Runs without it come last
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    sort: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// A metric to show last and best of; may be repeated [default: those on held-out items]
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Lists runs: the newest revision of each experiment, unless all are asked for.
pub fn run(global: &Global, args: &ListArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let filter = args.filter.filter(&store, args.experiment.as_deref())?;
    let metrics = match args.metric.is_empty() {
        true => store.held_out_metrics()?,
        false => selection::metrics(&store, &args.metric)?,
    };
    let order = args.sort.as_deref().map(|text| Order::read(&store, text)).transpose()?;
    let mut runs = store.list(&filter)?;
    if let Some(order) = order {
        order.sort(&mut runs);
    }
    runs.truncate(args.limit.unwrap_or(usize::MAX));
    sheet(&store, &runs, &metrics)?.print(args.format.format)?;
    if !global.quiet {
        note_shared(&runs);
    }
    if !args.filter.all && !args.filter.superseded && !global.quiet {
        let left = store.superseded(args.experiment.as_deref())?;
        let count: u64 = left.iter().map(|left| left.queued + left.running).sum();
        if count > 0 {
            let runs = if count == 1 { "run is" } else { "runs are" };
            note(format!(
                "note: {count} more {runs} queued or running, of older revisions alone: --all lists them too"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The listing: a row for each run of each experiment.
pub fn sheet(store: &Store, runs: &[Listed], metrics: &[String]) -> Result<Sheet, CliError> {
    let ids: Vec<RunId> = runs.iter().map(|run| run.run).collect();
    let few = (ids.len() <= FEW).then_some(ids.as_slice());
    let remarks = store.remarks(few)?;
    let summaries = metrics.iter().map(|metric| store.summaries(metric, few)).collect::<Result<Vec<_>, _>>()?;
    let mut sheet = Sheet::new(&["run", "experiment", "method", "seed", "state", "epoch"]);
    for (key, title) in [("epochs", "of"), ("minutes", "min"), ("tags", "tags")] {
        sheet.show(key, title);
    }
    for name in metrics {
        sheet.show(format!("{name}.last"), name);
        sheet.keep(format!("{name}.last_epoch"));
        sheet.show(format!("{name}.best"), "best");
        sheet.show(format!("{name}.best_epoch"), "at");
        sheet.keep(format!("{name}.protocol"));
    }
    sheet.show("outcome", "outcome");
    for key in ["note", "crashes", "device", "cell"] {
        sheet.keep(key);
    }
    let nothing = Remarks::default();
    for run in runs {
        let remark = remarks.get(&run.run).unwrap_or(&nothing);
        sheet.push(row(run, remark, &summaries));
    }
    for name in metrics {
        sheet.hide_if_empty(&format!("{name}.best"));
        sheet.hide_if_empty(&format!("{name}.best_epoch"));
    }
    sheet.hide_if_empty("tags");
    sheet.hide_if_empty("outcome");
    Ok(sheet)
}

fn row(run: &Listed, remark: &Remarks, summaries: &[HashMap<RunId, Summary>]) -> Vec<Field> {
    let mut row = vec![
        Field::Integer(run.run.0),
        Field::text(&run.experiment),
        Field::text(&run.method),
        Field::integer(i64::try_from(run.seed).ok()),
        Field::text(run.standing.as_str()),
        Field::Integer(run.epoch.0.into()),
        Field::Integer(run.horizon.0.into()),
        minutes(remark.minutes),
        Field::List(remark.tags.clone()),
    ];
    for summaries in summaries {
        row.extend(ends(summaries.get(&run.run)));
    }
    row.extend([
        Field::text(&remark.outcome),
        Field::text(&remark.note),
        Field::Integer(run.crashes.into()),
        Field::text(&remark.device),
        Field::text(&run.cell),
    ]);
    row
}

/// Last value, its epoch, best value, its epoch, protocol.
fn ends(summary: Option<&Summary>) -> [Field; 5] {
    let Some(summary) = summary else { return [const { Field::None }; 5] };
    [
        Field::Number(summary.last.1),
        Field::Integer(summary.last.0.0.into()),
        Field::number(summary.best.map(|(_, value)| value)),
        Field::integer(summary.best.map(|(epoch, _)| epoch.0)),
        Field::text(summary.protocol.as_str()),
    ]
}

/// Minutes, with every digit for programs.
pub fn minutes(minutes: Option<f64>) -> Field {
    minutes.map_or(Field::None, Field::Minutes)
}

/// Says how many runs are listed more than once, since several experiments have them: who counts rows should know.
pub fn note_shared(runs: &[Listed]) {
    let mut rows: HashMap<RunId, usize> = HashMap::new();
    for run in runs {
        *rows.entry(run.run).or_default() += 1;
    }
    let shared = rows.values().filter(|&&rows| rows > 1).count();
    if shared > 0 {
        let (are, each) = if shared == 1 { ("1 run is", "it") } else { (&*format!("{shared} runs are"), "each") };
        note(format!("note: {are} in several experiments, and {each} has a row in every one of them"));
    }
}

/// What a listing is sorted by.
struct Order {
    by: By,
    backwards: bool,
}

enum By {
    Experiment,
    Method,
    State,
    Value(HashMap<RunId, Value>),
}

impl Order {
    fn read(store: &Store, text: &str) -> Result<Self, CliError> {
        let (text, backwards) = text.strip_prefix('-').map_or((text, false), |text| (text, true));
        let by = match text {
            "experiment" => By::Experiment,
            "method" => By::Method,
            "state" => By::State,
            key => By::Value(store.values(&selection::key(store, key)?)?),
        };
        Ok(Self { by, backwards })
    }

    /// Equal runs keep their order. What a run lacks comes last either way.
    fn sort(&self, runs: &mut [Listed]) {
        let turned = |ordering: Ordering| if self.backwards { ordering.reverse() } else { ordering };
        match &self.by {
            By::Experiment => runs.sort_by(|a, b| turned(a.experiment.cmp(&b.experiment))),
            By::Method => runs.sort_by(|a, b| turned(a.method.cmp(&b.method))),
            By::State => runs.sort_by(|a, b| turned(a.standing.cmp(&b.standing))),
            By::Value(values) => runs.sort_by(|a, b| match (values.get(&a.run), values.get(&b.run)) {
                (Some(a), Some(b)) => turned(compare(a, b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            }),
        }
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    let number = |value: &Value| match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Number(number) => Some(*number),
        Value::Flag(_) | Value::Text(_) | Value::List(_) => None,
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.as_text().cmp(&b.as_text()),
    }
}

mod axes;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;

use crate::screen::note;
use crate::spec::Value;
use crate::store::{ListedRun, MetricSummary, RunActivity, RunId, Store};

use self::axes::Axes;
use super::format::{Field, FormatArgs, Records};
use super::selection::{self, FilterArgs};
use super::{CliError, Global};

/// With more runs than this, all values are read in one query instead of run by run.
const FEW: usize = 500;

#[derive(Args)]
pub struct ListArgs {
    /// Only runs of this experiment
    experiment: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Sort by run, seed, epoch, minutes, experiment, method, state, a setting, or metric.NAME[.last|.best]; `-KEY`
    /// sorts in descending order. Runs without a value come last [default: cells in the order of
    /// the experiment, then seed]
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    sort: Option<String>,
    /// The maximum number of rows [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Show the last and best value of this metric; may be repeated [default: the metrics on held-out items]
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Lists the runs of the newest revision of each experiment, or of all revisions.
pub fn run(global: &Global, args: &ListArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let filter = args.filter.filter(&store, args.experiment.as_deref())?;
    let metrics = match args.metric.is_empty() {
        true => store.held_out_metrics()?,
        false => selection::metrics(&store, &args.metric)?,
    };
    let key = args.sort.as_deref().map(|text| SortKey::read(&store, text)).transpose()?;
    let mut runs = store.list(&filter)?;
    if let Some(key) = key {
        key.sort(&mut runs);
    }
    runs.truncate(args.limit.unwrap_or(usize::MAX));
    records(&store, &runs, &metrics)?.print(args.format.format)?;
    if !global.quiet {
        if runs.is_empty() {
            note("no run matches");
        }
        note_shared(&runs);
    }
    if !args.filter.all && !args.filter.superseded && !global.quiet {
        let superseded = store.superseded(args.experiment.as_deref())?;
        let count: u64 = superseded.iter().map(|runs| runs.queued + runs.running).sum();
        if count > 0 {
            let runs = if count == 1 { "run" } else { "runs" };
            note(format!(
                "note: {count} queued or running {runs} of older revisions not listed; add --all to list them"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A record for each run of each experiment. The settings in which runs of one method differ are columns after the
/// method.
pub fn records(store: &Store, runs: &[ListedRun], metrics: &[String]) -> Result<Records, CliError> {
    let ids: Vec<RunId> = runs.iter().map(|run| run.run).collect();
    let few = (ids.len() <= FEW).then_some(ids.as_slice());
    let activities = store.activity(few)?;
    let summaries = metrics.iter().map(|metric| store.summaries(metric, few)).collect::<Result<Vec<_>, _>>()?;
    let axes = Axes::read(store, runs)?;
    let differing = axes.differing(runs);
    let mut records = Records::new(&["run", "experiment", "method"]);
    for key in &differing {
        records.add_column(key, key);
    }
    for key in ["seed", "state", "epoch"] {
        records.add_column(key, key);
    }
    for (key, title) in [("epochs", "epochs"), ("minutes", "min"), ("tags", "tags")] {
        records.add_column(key, title);
    }
    for name in metrics {
        records.add_column(format!("{name}.last"), name);
        records.add_data_column(format!("{name}.last_epoch"));
        records.add_column(format!("{name}.best"), "best");
        records.add_column(format!("{name}.best_epoch"), "at epoch");
        records.add_data_column(format!("{name}.protocol"));
    }
    records.add_column("outcome", "outcome");
    for key in ["note", "crashes", "device", "cell"] {
        records.add_data_column(key);
    }
    let none = RunActivity::default();
    for (run, values) in runs.iter().zip(axes.values(runs, &differing)) {
        let activity = activities.get(&run.run).unwrap_or(&none);
        records.push(row(run, &values, activity, &summaries));
    }
    for name in metrics {
        records.hide_if_empty(&format!("{name}.best"));
        records.hide_if_empty(&format!("{name}.best_epoch"));
    }
    records.hide_if_empty("tags");
    records.hide_if_empty("outcome");
    Ok(records)
}

fn row(
    run: &ListedRun,
    axes: &[Option<&Value>],
    activity: &RunActivity,
    summaries: &[HashMap<RunId, MetricSummary>],
) -> Vec<Field> {
    let mut row = vec![Field::Integer(run.run.0), Field::text(&run.experiment), Field::text(&run.method)];
    row.extend(axes.iter().map(|value| value.map_or(Field::None, |value| Field::text(value.to_string()))));
    row.extend([
        Field::integer(i64::try_from(run.seed).ok()),
        Field::text(run.status.as_str()),
        Field::Integer(run.epoch.0.into()),
        Field::Integer(run.horizon.0.into()),
        minutes(activity.minutes),
        Field::List(activity.tags.clone()),
    ]);
    for summaries in summaries {
        row.extend(last_and_best(summaries.get(&run.run)));
    }
    row.extend([
        Field::text(&activity.outcome),
        Field::text(&activity.note),
        Field::Integer(run.crashes.into()),
        Field::text(&activity.device),
        Field::text(&run.cell),
    ]);
    row
}

/// The last value, its epoch, the best value, its epoch, and the protocol.
fn last_and_best(summary: Option<&MetricSummary>) -> [Field; 5] {
    let Some(summary) = summary else { return [const { Field::None }; 5] };
    [
        Field::Number(summary.last.1),
        Field::Integer(summary.last.0.0.into()),
        Field::number(summary.best.map(|(_, value)| value)),
        Field::integer(summary.best.map(|(epoch, _)| epoch.0)),
        Field::text(summary.protocol.as_str()),
    ]
}

/// Minutes that may be missing.
pub fn minutes(minutes: Option<f64>) -> Field {
    minutes.map_or(Field::None, Field::Minutes)
}

/// Writes how many runs have several rows because they are in several experiments.
pub fn note_shared(runs: &[ListedRun]) {
    let mut rows: HashMap<RunId, usize> = HashMap::new();
    for run in runs {
        *rows.entry(run.run).or_default() += 1;
    }
    let shared = rows.values().filter(|&&rows| rows > 1).count();
    if shared > 0 {
        let (are, have) =
            if shared == 1 { ("1 run is", "it has") } else { (&*format!("{shared} runs are"), "they have") };
        note(format!("note: {are} in several experiments; {have} a row for each of them"));
    }
}

/// The key of `--sort`, and its direction.
struct SortKey {
    field: SortField,
    descending: bool,
}

enum SortField {
    Experiment,
    Method,
    State,
    Value(HashMap<RunId, Value>),
}

impl SortKey {
    fn read(store: &Store, text: &str) -> Result<Self, CliError> {
        let (text, descending) = text.strip_prefix('-').map_or((text, false), |text| (text, true));
        let field = match text {
            "experiment" => SortField::Experiment,
            "method" => SortField::Method,
            "state" => SortField::State,
            key => SortField::Value(store.values(&selection::key(store, key)?)?),
        };
        Ok(Self { field, descending })
    }

    /// Sorts stably. Runs without a value come last in both directions.
    fn sort(&self, runs: &mut [ListedRun]) {
        let directed = |ordering: Ordering| if self.descending { ordering.reverse() } else { ordering };
        match &self.field {
            SortField::Experiment => runs.sort_by(|a, b| directed(a.experiment.cmp(&b.experiment))),
            SortField::Method => runs.sort_by(|a, b| directed(a.method.cmp(&b.method))),
            SortField::State => runs.sort_by(|a, b| directed(a.status.cmp(&b.status))),
            SortField::Value(values) => runs.sort_by(|a, b| match (values.get(&a.run), values.get(&b.run)) {
                (Some(a), Some(b)) => directed(compare(a, b)),
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

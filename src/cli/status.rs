use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::store::{Filter, ListedRun, RunId, RunState, RunStatus, Store, SupersededRuns};

use super::format::{Field, Format, FormatArgs, Records, print, print_data, print_json};
use super::list;
use super::selection::known_experiment;
use super::{CliError, Global, superseded};

#[derive(Args)]
pub struct StatusArgs {
    /// Only this experiment, with one row for each method
    experiment: Option<String>,
    /// Show the status again at this interval until every run has ended; --watch alone is 2 seconds [default: show it
    /// once]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    watch: Option<u64>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Shows the number of runs in each state, and the progress and remaining time of running ones.
pub fn run(global: &Global, args: &StatusArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    if let Some(name) = &args.experiment {
        known_experiment(&store, name)?;
    }
    loop {
        let status = Status::read(&store, args.experiment.as_deref())?;
        if args.watch.is_some() && args.format.format == Format::Table && std::io::stdout().is_terminal() {
            print_data("\x1b[H\x1b[J")?;
        }
        status.print(args.format.format)?;
        let Some(seconds) = args.watch.filter(|_| !status.has_ended) else { return Ok(ExitCode::SUCCESS) };
        if args.format.format == Format::Table {
            print("\n")?;
        }
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

struct Status {
    counts: Records,
    /// Each run once, if several experiments are counted.
    total: Option<Records>,
    running: Records,
    superseded: Vec<SupersededRuns>,
    /// Whether some run is in several experiments.
    has_shared: bool,
    has_ended: bool,
}

impl Status {
    fn read(store: &Store, experiment: Option<&str>) -> Result<Self, CliError> {
        let runs = store.list(&Filter { experiment: experiment.map(ToOwned::to_owned), ..Filter::default() })?;
        // A run of several experiments has one row.
        let mut running_runs: BTreeMap<RunId, (&ListedRun, Vec<&str>)> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.status == RunStatus::State(RunState::Running)) {
            running_runs.entry(run.run).or_insert((run, Vec::new())).1.push(&run.experiment);
        }
        let ids: Vec<RunId> = running_runs.keys().copied().collect();
        let activities = store.activity(Some(&ids))?;
        let mut running = Records::new(&["run", "experiment", "method", "seed", "epoch"]);
        for (key, title) in
            [("epochs", "epochs"), ("minutes", "min"), ("minutes_left", "min left"), ("device", "device")]
        {
            running.add_column(key, title);
        }
        let mut speeds: BTreeMap<RunId, f64> = BTreeMap::new();
        for (run, experiments) in running_runs.into_values() {
            let activity = activities.get(&run.run);
            let minutes = activity.and_then(|activity| activity.minutes);
            let speed = minutes.filter(|minutes| *minutes > 0.0).map(|minutes| f64::from(run.epoch.0) / minutes);
            let speed = speed.filter(|speed| *speed > 0.0);
            speeds.extend(speed.map(|speed| (run.run, speed)));
            running.push(vec![
                Field::Integer(run.run.0),
                Field::text(experiments.join(", ")),
                Field::text(&run.method),
                Field::integer(i64::try_from(run.seed).ok()),
                Field::Integer(run.epoch.0.into()),
                Field::Integer(run.horizon.0.into()),
                list::minutes(minutes),
                list::minutes(speed.map(|speed| epochs_left(run) / speed)),
                Field::text(activity.map_or("", |activity| &activity.device)),
            ]);
        }
        let has_ended = runs.iter().all(|run| run.status.has_ended());
        let superseded = store.superseded(experiment)?;
        let counts = counts(store, &runs, experiment, &speeds)?;
        let total = experiment.is_none().then(|| total(&runs, &speeds));
        let has_shared = distinct(&runs).len() < runs.len();
        Ok(Self { counts, total, running, superseded, has_shared, has_ended })
    }

    fn print(&self, format: Format) -> Result<(), CliError> {
        match format {
            Format::Table => {
                // If no run is shared, the total is the sum of the rows.
                let total = self.total.as_ref().filter(|_| self.has_shared);
                let tables = [Some(&self.counts), total, Some(&self.running).filter(|records| !records.is_empty())];
                let mut parts: Vec<String> = tables.into_iter().flatten().map(Records::table).collect();
                parts.extend(Some(superseded::lines(&self.superseded)).filter(|lines| !lines.is_empty()));
                print(&format!("{}\n", parts.join("\n\n")))
            }
            Format::Json => print_json(&json!({
                "counts": self.counts.json(),
                "total": self.total.as_ref().map(|total| total.json()[0].clone()),
                "running": self.running.json(),
                "superseded": object(&self.superseded),
            })),
            Format::Csv => self.counts.print(format),
        }
    }
}

fn object(left: &[SupersededRuns]) -> Vec<serde_json::Value> {
    let row = |left: &SupersededRuns| {
        let SupersededRuns { experiment, revision, queued, running } = left;
        json!({ "experiment": experiment, "revision": revision, "queued": queued, "running": running })
    };
    left.iter().map(row).collect()
}

fn epochs_left(run: &ListedRun) -> f64 {
    f64::from(run.horizon.0.saturating_sub(run.epoch.0))
}

/// Each run once.
fn distinct(runs: &[ListedRun]) -> Vec<&ListedRun> {
    let mut known = BTreeSet::new();
    runs.iter().filter(|run| known.insert(run.run)).collect()
}

/// One row for all experiments. A run of several experiments counts once.
fn total(runs: &[ListedRun], speeds: &BTreeMap<RunId, f64>) -> Records {
    let mut records = status_columns("experiments");
    records.push(row("all, each run once".to_owned(), &distinct(runs), speeds));
    records
}

fn status_columns(head: &str) -> Records {
    let mut names = vec![head, "runs"];
    names.extend(RunStatus::ALL.iter().map(|status| status.as_str()));
    let mut records = Records::new(&names);
    records.add_column("minutes_left", "min left");
    records
}

fn row(name: String, runs: &[&ListedRun], speeds: &BTreeMap<RunId, f64>) -> Vec<Field> {
    let mut row = vec![Field::Text(name), Field::integer(i64::try_from(runs.len()).ok())];
    let count = |status| runs.iter().filter(|run| run.status == status).count();
    row.extend(RunStatus::ALL.iter().map(|status| Field::integer(i64::try_from(count(*status)).ok())));
    row.push(list::minutes(minutes_left(runs, speeds)));
    row
}

/// A row for each experiment, or for each method of the given experiment.
fn counts(
    store: &Store,
    runs: &[ListedRun],
    experiment: Option<&str>,
    speeds: &BTreeMap<RunId, f64>,
) -> Result<Records, CliError> {
    let known = store.experiments()?;
    let of = |run: &ListedRun| if experiment.is_some() { run.method.clone() } else { run.experiment.clone() };
    let mut groups: BTreeMap<String, Vec<&ListedRun>> = BTreeMap::new();
    if experiment.is_none() {
        groups.extend(known.into_iter().map(|name| (name, Vec::new())));
    }
    for run in runs {
        groups.entry(of(run)).or_default().push(run);
    }
    let mut records = status_columns(if experiment.is_some() { "method" } else { "experiment" });
    for (name, runs) in groups {
        records.push(row(name, &runs, speeds));
    }
    Ok(records)
}

/// The remaining minutes of queued and running runs at the current speed; `None` if no running run has a known speed.
fn minutes_left(runs: &[&ListedRun], speeds: &BTreeMap<RunId, f64>) -> Option<f64> {
    let speed: f64 = runs.iter().filter_map(|run| speeds.get(&run.run)).sum();
    let waiting = runs.iter().filter(|run| !run.status.has_ended());
    (speed > 0.0).then(|| waiting.map(|run| epochs_left(run)).sum::<f64>() / speed)
}

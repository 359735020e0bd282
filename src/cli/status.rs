use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::store::{Filter, Listed, RunId, RunState, Standing, Store, Superseded};

use super::format::{Field, Format, FormatArgs, Sheet, print, print_data, print_json};
use super::list;
use super::selection::known_experiment;
use super::{CliError, Global, superseded};

#[derive(Args)]
pub struct StatusArgs {
    /// Only this experiment, method by method
    experiment: Option<String>,
    /// Show it again every so many seconds (2 unless said, as in --watch=10), until every run has ended
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    watch: Option<u64>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Shows how many runs stand where, how far the running ones are, and how long they would take.
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
    counts: Sheet,
    /// The different runs, where several experiments are counted.
    total: Option<Sheet>,
    running: Sheet,
    superseded: Vec<Superseded>,
    /// Whether some run is in several experiments.
    has_shared: bool,
    has_ended: bool,
}

impl Status {
    fn read(store: &Store, experiment: Option<&str>) -> Result<Self, CliError> {
        let runs = store.list(&Filter { experiment: experiment.map(ToOwned::to_owned), ..Filter::default() })?;
        // A run that several experiments have is one run, and has one row here.
        let mut held: BTreeMap<RunId, (&Listed, Vec<&str>)> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.standing == Standing::Is(RunState::Running)) {
            held.entry(run.run).or_insert((run, Vec::new())).1.push(&run.experiment);
        }
        let ids: Vec<RunId> = held.keys().copied().collect();
        let remarks = store.remarks(Some(&ids))?;
        let mut running = Sheet::new(&["run", "experiment", "method", "seed", "epoch"]);
        for (key, title) in [("epochs", "of"), ("minutes", "min"), ("minutes_left", "min left"), ("device", "device")] {
            running.show(key, title);
        }
        let mut paces: BTreeMap<RunId, f64> = BTreeMap::new();
        for (run, experiments) in held.into_values() {
            let remark = remarks.get(&run.run);
            let minutes = remark.and_then(|remark| remark.minutes);
            let pace = minutes.filter(|minutes| *minutes > 0.0).map(|minutes| f64::from(run.epoch.0) / minutes);
            let pace = pace.filter(|pace| *pace > 0.0);
            paces.extend(pace.map(|pace| (run.run, pace)));
            running.push(vec![
                Field::Integer(run.run.0),
                Field::text(experiments.join(", ")),
                Field::text(&run.method),
                Field::integer(i64::try_from(run.seed).ok()),
                Field::Integer(run.epoch.0.into()),
                Field::Integer(run.horizon.0.into()),
                list::minutes(minutes),
                list::minutes(pace.map(|pace| epochs_left(run) / pace)),
                Field::text(remark.map_or("", |remark| &remark.device)),
            ]);
        }
        let has_ended = runs.iter().all(|run| run.standing.has_ended());
        let superseded = store.superseded(experiment)?;
        let counts = counts(store, &runs, experiment, &paces)?;
        let total = experiment.is_none().then(|| total(&runs, &paces));
        let has_shared = distinct(&runs).len() < runs.len();
        Ok(Self { counts, total, running, superseded, has_shared, has_ended })
    }

    fn print(&self, format: Format) -> Result<(), CliError> {
        match format {
            Format::Table => {
                // Where the rows add up to it, it says nothing new.
                let total = self.total.as_ref().filter(|_| self.has_shared);
                let sheets = [Some(&self.counts), total, Some(&self.running).filter(|sheet| !sheet.is_empty())];
                let mut parts: Vec<String> = sheets.into_iter().flatten().map(Sheet::table).collect();
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

fn object(left: &[Superseded]) -> Vec<serde_json::Value> {
    let row = |left: &Superseded| {
        let Superseded { experiment, revision, queued, running } = left;
        json!({ "experiment": experiment, "revision": revision, "queued": queued, "running": running })
    };
    left.iter().map(row).collect()
}

fn epochs_left(run: &Listed) -> f64 {
    f64::from(run.horizon.0.saturating_sub(run.epoch.0))
}

/// Each run once, whatever experiments have it.
fn distinct(runs: &[Listed]) -> Vec<&Listed> {
    let mut known = BTreeSet::new();
    runs.iter().filter(|run| known.insert(run.run)).collect()
}

/// All experiments together, in one row: a run that several of them have counts once.
fn total(runs: &[Listed], paces: &BTreeMap<RunId, f64>) -> Sheet {
    let mut sheet = counting("experiments");
    sheet.push(row("all, each run once".to_owned(), &distinct(runs), paces));
    sheet
}

fn counting(head: &str) -> Sheet {
    let mut names = vec![head, "runs"];
    names.extend(Standing::ALL.iter().map(|standing| standing.as_str()));
    let mut sheet = Sheet::new(&names);
    sheet.show("minutes_left", "min left");
    sheet
}

fn row(name: String, runs: &[&Listed], paces: &BTreeMap<RunId, f64>) -> Vec<Field> {
    let mut row = vec![Field::Text(name), Field::integer(i64::try_from(runs.len()).ok())];
    let count = |standing| runs.iter().filter(|run| run.standing == standing).count();
    row.extend(Standing::ALL.iter().map(|standing| Field::integer(i64::try_from(count(*standing)).ok())));
    row.push(list::minutes(minutes_left(runs, paces)));
    row
}

/// A row an experiment, or a row a method of the one that is asked for.
fn counts(
    store: &Store,
    runs: &[Listed],
    experiment: Option<&str>,
    paces: &BTreeMap<RunId, f64>,
) -> Result<Sheet, CliError> {
    let known = store.experiments()?;
    let of = |run: &Listed| if experiment.is_some() { run.method.clone() } else { run.experiment.clone() };
    let mut groups: BTreeMap<String, Vec<&Listed>> = BTreeMap::new();
    if experiment.is_none() {
        groups.extend(known.into_iter().map(|name| (name, Vec::new())));
    }
    for run in runs {
        groups.entry(of(run)).or_default().push(run);
    }
    let mut sheet = counting(if experiment.is_some() { "method" } else { "experiment" });
    for (name, runs) in groups {
        sheet.push(row(name, &runs, paces));
    }
    Ok(sheet)
}

/// How long what is queued and running would take at the pace of those that run now; unknown when none has a pace.
fn minutes_left(runs: &[&Listed], paces: &BTreeMap<RunId, f64>) -> Option<f64> {
    let pace: f64 = runs.iter().filter_map(|run| paces.get(&run.run)).sum();
    let waiting = runs.iter().filter(|run| !run.standing.has_ended());
    (pace > 0.0).then(|| waiting.map(|run| epochs_left(run)).sum::<f64>() / pace)
}

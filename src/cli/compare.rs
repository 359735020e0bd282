mod methods;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::Args;

use crate::screen::note;
use crate::stats::{mean, sd};
use crate::store::{Filter, ListedRun, MetricSummary, RunId, RunState, RunStatus, Store, StoredSetting};

use super::format::{Field, Format, FormatArgs, Records, print};
use super::selection::{self, unknown_runs};
use super::{CliError, Global};

#[derive(Args)]
pub struct CompareArgs {
    /// Numbers of runs, or prefixes of cell ids; `cell:12` is a cell even if run 12 exists. Or the name of an experiment,
    /// and two or more of its methods or cells; `experiment:12` is an experiment even if run 12 exists
    #[arg(required = true, num_args = 2.., value_name = "RUN|CELL|EXPERIMENT METHOD")]
    items: Vec<String>,
    /// Compare only this metric, or `convergence` of methods; may be repeated [default: all; of methods convergence and
    /// all held-out metrics]
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// A run, or a cell and its runs.
struct Item {
    name: String,
    is_cell: bool,
    runs: Vec<ListedRun>,
    settings: BTreeMap<String, String>,
    metrics: BTreeMap<String, Vec<MetricSummary>>,
}

/// Compares runs and cells, or the methods of an experiment. The values of a cell are means over its finished runs.
pub fn run(global: &Global, args: &CompareArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    if let Some((experiment, methods)) = experiment(&store, &args.items)? {
        methods::run(&store, experiment, methods, &args.metric, args.format.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    let requested = selection::metrics(&store, &args.metric)?;
    let items = read(&store, &args.items)?;
    let known: BTreeSet<&String> = items.iter().flat_map(|item| item.metrics.keys()).collect();
    let metrics: Vec<&str> =
        known.into_iter().filter(|name| requested.is_empty() || requested.contains(name)).map(String::as_str).collect();
    warn_of_protocols(&items, &metrics);
    let differing = differing(&items);
    match args.format.format {
        Format::Table => print(&format!("{}\n", table(&items, &differing, &metrics).transposed()))?,
        format => data(&items, &differing, &metrics).print(format)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The experiment and its methods, if the first item is an experiment and not also a run or a cell.
fn experiment<'a>(store: &Store, items: &'a [String]) -> Result<Option<(&'a str, &'a [String])>, CliError> {
    let Some((first, methods)) = items.split_first() else { return Ok(None) };
    if let Some(name) = first.strip_prefix("experiment:") {
        return Ok(Some((name, methods)));
    }
    let is_experiment = store.experiments()?.iter().any(|known| known == first);
    let is_item = is_experiment && read(store, std::slice::from_ref(first)).is_ok();
    Ok((is_experiment && !is_item).then_some((first.as_str(), methods)))
}

/// What an argument selects: a run, or a cell and its runs.
struct Selected {
    name: String,
    is_cell: bool,
    runs: Vec<ListedRun>,
}

/// Reads the items. The settings and values of all their runs take one query each, however many they are.
fn read(store: &Store, arguments: &[String]) -> Result<Vec<Item>, CliError> {
    let numbers: Vec<RunId> = arguments.iter().filter_map(|text| number(text)).collect();
    let named: BTreeMap<RunId, ListedRun> =
        listed(store, &numbers)?.into_iter().map(|listed| (listed.run, listed)).collect();
    let selected: Vec<Selected> = arguments.iter().map(|text| select(store, text, &named)).collect::<Result<_, _>>()?;
    let ids: BTreeSet<RunId> = selected.iter().flat_map(|item| &item.runs).map(|run| run.run).collect();
    let ids = Vec::from_iter(ids);
    let settings = store.settings_of(&ids)?;
    let mut summaries: BTreeMap<RunId, Vec<MetricSummary>> = BTreeMap::new();
    for (run, summary) in store.summaries_of(&ids)? {
        summaries.entry(run).or_default().push(summary);
    }
    Ok(selected.into_iter().map(|item| gather(item, &settings, &summaries)).collect())
}

fn number(text: &str) -> Option<RunId> {
    text.parse().ok().map(RunId)
}

/// The run with this number if it is `named`, otherwise the cell whose id starts with `text`.
fn select(store: &Store, text: &str, named: &BTreeMap<RunId, ListedRun>) -> Result<Selected, CliError> {
    let number = number(text);
    if let Some(run) = number.and_then(|run| named.get(&run)) {
        return Ok(Selected { name: text.to_owned(), is_cell: false, runs: vec![run.clone()] });
    }
    let prefix = text.strip_prefix("cell:").unwrap_or(text).to_ascii_lowercase();
    let is_hex = !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_hexdigit());
    let cells = if is_hex { store.cells_with_prefix(&prefix)? } else { Vec::new() };
    match (cells.as_slice(), number) {
        ([cell], _) => {
            let runs = listed(store, &store.runs_of_cell(cell)?)?;
            Ok(Selected { name: cell.clone(), is_cell: true, runs })
        }
        ([], Some(run)) => Err(unknown_runs(store, &[run])),
        ([], None) => Err(CliError::Usage {
            what: format!("{}: no run and no cell id starts with `{text}`", store.path().display()),
            help: "`jem list` shows the runs, and `jem show <run>` shows the cell of a run".to_owned(),
        }),
        (several, _) => Err(CliError::Usage {
            what: format!("the ids of several cells start with `{text}`"),
            help: format!("give more characters of the id: {}", several.join(", ")),
        }),
    }
}

/// Every run once, with its first label.
fn listed(store: &Store, runs: &[RunId]) -> Result<Vec<ListedRun>, CliError> {
    // A filter without numbers selects all runs.
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = BTreeSet::new();
    let mut listed = store.list(&Filter { runs: runs.to_vec(), ..Filter::default() })?;
    listed.retain(|run| seen.insert(run.run));
    Ok(listed)
}

/// The settings and the values of an item, from those of all runs.
fn gather(
    item: Selected,
    of_runs: &BTreeMap<RunId, BTreeMap<String, StoredSetting>>,
    summaries: &BTreeMap<RunId, Vec<MetricSummary>>,
) -> Item {
    let Selected { name, is_cell, runs } = item;
    let mut settings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, setting) in runs.iter().filter_map(|run| of_runs.get(&run.run)).flatten() {
        settings.entry(key.clone()).or_default().insert(setting.value.to_string());
    }
    // Runs of a cell may differ in settings that are not part of its identity, such as paths.
    let settings = settings.into_iter().map(|(key, values)| (key, Vec::from_iter(values).join(" | "))).collect();
    let is_finished = |run: &ListedRun| run.status == RunStatus::State(RunState::Finished);
    let counted: BTreeSet<RunId> = runs.iter().filter(|run| !is_cell || is_finished(run)).map(|run| run.run).collect();
    let mut newest: BTreeMap<(&str, RunId), &MetricSummary> = BTreeMap::new();
    for (run, summaries) in counted.iter().filter_map(|run| Some((*run, summaries.get(run)?))) {
        for summary in summaries {
            // If there are several protocols, the most recent one counts, as in `jem list`.
            let key = (summary.metric.as_str(), run);
            if newest.get(&key).is_none_or(|known| known.last.0 <= summary.last.0) {
                newest.insert(key, summary);
            }
        }
    }
    let mut metrics: BTreeMap<String, Vec<MetricSummary>> = BTreeMap::new();
    for ((metric, _), summary) in newest {
        metrics.entry(metric.to_owned()).or_default().push(summary.clone());
    }
    Item { name, is_cell, runs, settings, metrics }
}

/// The settings in which two items differ. A setting that an item lacks differs too.
fn differing(items: &[Item]) -> Vec<&str> {
    let keys: BTreeSet<&String> = items.iter().flat_map(|item| item.settings.keys()).collect();
    let differs = |key: &&String| items.iter().any(|item| item.settings.get(*key) != items[0].settings.get(*key));
    keys.into_iter().filter(differs).map(String::as_str).collect()
}

fn warn_of_protocols(items: &[Item], metrics: &[&str]) {
    for name in metrics {
        let all = items.iter().filter_map(|item| item.metrics.get(*name)).flatten();
        let protocols: BTreeSet<&str> = all.map(|summary| summary.protocol.as_str()).collect();
        if protocols.len() > 1 {
            let list = Vec::from_iter(protocols).join(", ");
            note(format!("warning: the values of {name} are not comparable: they have different protocols ({list})"));
        }
    }
}

impl Item {
    /// Method, seeds, status and epoch.
    fn summary(&self) -> [String; 4] {
        let distinct = |words: Vec<String>| {
            let words: BTreeSet<String> = words.into_iter().collect();
            Vec::from_iter(words).join(" | ")
        };
        let each = |word: fn(&ListedRun) -> String| self.runs.iter().map(word).collect::<Vec<String>>();
        let mut states: BTreeMap<RunStatus, usize> = BTreeMap::new();
        for run in &self.runs {
            *states.entry(run.status).or_default() += 1;
        }
        let count =
            |(state, n): (RunStatus, usize)| if self.is_cell { format!("{n} {state}") } else { state.to_string() };
        [
            distinct(each(|run| run.method.clone())),
            each(|run| run.seed.to_string()).join(","),
            states.into_iter().map(count).collect::<Vec<_>>().join(", "),
            distinct(each(|run| format!("{}/{}", run.epoch, run.horizon))),
        ]
    }

    /// The last and the best values of a metric over the runs; of a cell, only finite values.
    fn last_and_best(&self, metric: &str) -> [Vec<f64>; 2] {
        let all = self.metrics.get(metric).map(Vec::as_slice).unwrap_or_default();
        let last = all.iter().map(|summary| summary.last.1).filter(|value| !self.is_cell || value.is_finite());
        let best = all.iter().filter_map(|summary| Some(summary.best?.1));
        [last.collect(), best.collect()]
    }

    fn best_epoch(&self, metric: &str) -> Option<u32> {
        let all = self.metrics.get(metric).filter(|_| !self.is_cell)?;
        Some(all.first()?.best?.0.0)
    }
}

fn table(items: &[Item], settings: &[&str], metrics: &[&str]) -> Records {
    let mut records = Records::new(&["", "method", "seed", "state", "epoch"]);
    for key in settings {
        records.add_column(*key, *key);
    }
    for name in metrics {
        records.add_column(format!("{name}.last"), format!("{name}, last"));
        records.add_column(format!("{name}.best"), format!("{name}, best"));
    }
    for item in items {
        let kind = if item.is_cell { "cell" } else { "run" };
        let mut row = vec![Field::text(format!("{kind} {}", item.name))];
        row.extend(item.summary().map(Field::Text));
        row.extend(settings.iter().map(|key| item.settings.get(*key).map_or(Field::None, Field::text)));
        for name in metrics {
            let [last, best] = item.last_and_best(name);
            row.push(Field::text(mean_and_sd(&last, item.is_cell, None)));
            row.push(Field::text(mean_and_sd(&best, item.is_cell, item.best_epoch(name))));
        }
        records.push(row);
    }
    for name in metrics {
        records.hide_if_empty(&format!("{name}.best"));
    }
    records
}

/// The mean of a cell, or the value of a run, which may be NaN or infinite.
fn mean_or_value(values: &[f64], is_cell: bool) -> Option<f64> {
    if is_cell { mean(values) } else { values.first().copied() }
}

/// `0.1234`, `0.1234 at 40` or `0.1234 ± 0.0100 (n 3)`: the mean and the sample standard deviation.
fn mean_and_sd(values: &[f64], is_cell: bool, at: Option<u32>) -> String {
    let Some(value) = mean_or_value(values, is_cell) else { return String::new() };
    let number = Field::Number(value).to_display();
    match (is_cell, sd(values), at) {
        (true, Some(sd), _) => format!("{number} ± {} (n {})", Field::Number(sd).to_display(), values.len()),
        (true, None, _) => format!("{number} (n 1)"),
        (false, _, Some(at)) => format!("{number} at {at}"),
        (false, _, None) => number,
    }
}

fn data(items: &[Item], settings: &[&str], metrics: &[&str]) -> Records {
    let mut records = Records::new(&["kind", "id", "method", "seed", "state", "epoch"]);
    for key in settings {
        records.add_data_column(*key);
    }
    for name in metrics {
        for end in ["last", "best"] {
            for part in ["", ".sd", ".n"] {
                records.add_data_column(format!("{name}.{end}{part}"));
            }
        }
        records.add_data_column(format!("{name}.best_epoch"));
    }
    for item in items {
        let mut row = vec![Field::text(if item.is_cell { "cell" } else { "run" }), Field::text(&item.name)];
        row.extend(item.summary().map(Field::Text));
        row.extend(settings.iter().map(|key| item.settings.get(*key).map_or(Field::None, Field::text)));
        for name in metrics {
            for values in item.last_and_best(name) {
                row.extend([
                    Field::number(mean_or_value(&values, item.is_cell)),
                    Field::number(sd(&values)),
                    Field::integer(i64::try_from(values.len()).ok()),
                ]);
            }
            row.push(Field::integer(item.best_epoch(name)));
        }
        records.push(row);
    }
    records
}

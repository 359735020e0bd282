use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::measure::{Direction, METRICS, MetricDef, metric};
use crate::report::{Analysis, ReportInput, ReportSpec, RuleResults, rule_results};
use crate::screen::note;
use crate::stats::{Median, Smoothing, StoredRule, mean, sd};
use crate::store::{EndedRun, NewConvergence, RunId, Store, nearest};

use super::super::format::{Field, Format, FormatArgs, Records, print};
use super::{CliError, Global};

#[derive(Args)]
pub struct ConvergeArgs {
    /// The experiment; every experiment by default
    experiment: Option<String>,
    /// The rule: band:tolerance=0.05,confirm=3,min_improvement=0.01, threshold:tau=NUMBER,confirm=3,
    /// plateau:delta=0.01,patience=5 or area:until=EPOCH; parameters with a default may be left out
    #[arg(long)]
    rule: String,
    /// The metric
    #[arg(long, default_value = "colour_distance")]
    metric: String,
    /// Smoothing of the curves: none, median:WINDOW or ema:WEIGHT
    #[arg(long, default_value = "none")]
    smooth: String,
    #[command(flatten)]
    format: FormatArgs,
}

/// Computes convergence from the stored curves, stores it, and prints it by cell.
pub fn run(global: &Global, args: &ConvergeArgs) -> Result<ExitCode, CliError> {
    let rule = parse_rule(args)?;
    let metric = ranked_metric(&args.metric)?;
    let store = Arc::new(global.open()?);
    let names = match &args.experiment {
        Some(name) => vec![name.clone()],
        None => store.experiments()?,
    };
    let ended: BTreeMap<RunId, EndedRun> = store.ended_runs()?.into_iter().map(|ended| (ended.run, ended)).collect();
    let mut records = records();
    let mut rows: BTreeMap<RunId, Vec<NewConvergence>> = BTreeMap::new();
    for name in &names {
        let spec = spec(name, metric);
        let input = read(&store, &spec, name)?;
        let analysis = Analysis::new(&input, &spec)?;
        for results in rule_results(&analysis, &rule)? {
            records.push(row(name, &results));
            for (run, new) in results.rows(&rule) {
                // A run in two experiments, or under two labels, has the same result.
                let rows = rows.entry(run).or_default();
                if !rows.contains(&new) {
                    rows.push(new);
                }
            }
        }
    }
    let write: Vec<(EndedRun, Vec<NewConvergence>)> =
        rows.into_iter().filter_map(|(run, rows)| Some((*ended.get(&run)?, rows))).collect();
    let changed = store.record_convergence_of_ended(&write)?;
    if !changed.is_empty() && !global.quiet {
        let runs: Vec<String> = changed.iter().map(ToString::to_string).collect();
        note(format!("note: queued again meanwhile, nothing was stored for these runs: {}", runs.join(", ")));
    }
    for key in ["mean", "sd", "median", "at_least", "median_images", "median_seconds", "censored"] {
        records.hide_if_empty(key);
    }
    match args.format.format {
        Format::Table => {
            let table = if records.is_empty() { String::new() } else { format!("{}\n\n", records.table()) };
            print(&format!("{table}{}\n", summary(&rule, metric, write.len() - changed.len())))?;
        }
        format => records.print(format)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn parse_rule(args: &ConvergeArgs) -> Result<StoredRule, CliError> {
    let smoothing: Smoothing = args.smooth.parse().map_err(|error| CliError::Usage {
        what: format!("--smooth {error}"),
        help: "median:3 removes single outliers; ema:0.3 averages, with a weight of 0.3 for the newest value".into(),
    })?;
    StoredRule::parse(&args.rule, smoothing).map_err(|error| CliError::Usage {
        what: format!("--rule {}: {error}", args.rule),
        help: error.help().unwrap_or_else(|| "jem db converge --help lists the rules".to_owned()),
    })
}

/// The metric `name`, which must have a direction.
fn ranked_metric(name: &str) -> Result<&'static MetricDef, CliError> {
    let is_ranked = |metric: &&MetricDef| metric.direction != Direction::Neutral;
    metric(name).filter(|metric| is_ranked(metric)).ok_or_else(|| {
        let names: Vec<String> = METRICS.iter().filter(is_ranked).map(|metric| metric.name.to_owned()).collect();
        CliError::Usage {
            what: format!("--metric {name}: not a metric for which lower or higher is better"),
            help: match nearest(name, &names) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("one of {}", names.join(", ")),
            },
        }
    })
}

/// A report of one experiment with this metric alone, whose results are computed as in reports.
fn spec(name: &str, metric: &'static MetricDef) -> ReportSpec {
    let mut spec = ReportSpec::for_experiment(name, name);
    (spec.curves, spec.table) = (Vec::new(), Vec::new());
    spec.convergence.metric = metric;
    spec
}

fn read(store: &Arc<Store>, spec: &ReportSpec, name: &str) -> Result<ReportInput, CliError> {
    match store.experiment(name)? {
        Some(experiment) => Ok(ReportInput::read(store, spec, vec![experiment])?),
        None => Err(CliError::Usage {
            what: format!("{}: no experiment `{name}`", store.path().display()),
            help: format!("experiments in this database: {}", store.experiments()?.join(", ")),
        }),
    }
}

fn records() -> Records {
    Records::new(&[
        "experiment",
        "cell",
        "protocol",
        "evaluated",
        "runs",
        "reached",
        "median",
        "at_least",
        "median_images",
        "median_seconds",
        "mean",
        "sd",
        "censored",
        "excluded",
    ])
}

fn row(experiment: &str, results: &RuleResults) -> Vec<Field> {
    let evaluated = match &results.cadence {
        Ok(Some(1)) => "every epoch".to_owned(),
        Ok(Some(epochs)) => format!("every {epochs} epochs"),
        Ok(None) => String::new(),
        Err(different) => {
            let words: Vec<String> = different.iter().map(ToString::to_string).collect();
            format!("{}: not comparable", words.join(" and "))
        }
    };
    let count = |n: usize| Field::integer(i64::try_from(n).ok());
    let values = results.values();
    let spread = |statistic: fn(&[f64]) -> Option<f64>| Field::number(statistic(&values));
    let (median, at_least) = match results.median() {
        None => (Field::None, Field::None),
        // Half an epoch is possible between two evaluations.
        Some(Median::At(epoch)) if epoch.fract() == 0.0 => (Field::Integer(epoch as i64), Field::None),
        Some(Median::At(epoch)) => (Field::Number(epoch), Field::None),
        Some(Median::AtLeast(epoch)) => (Field::None, Field::Integer(epoch.0.into())),
    };
    let censored = results.censored().into_iter().map(|(why, runs)| format!("{why} {runs}"));
    vec![
        Field::text(experiment),
        Field::text(&results.cell.label),
        Field::text(results.metric.protocol.as_str()),
        Field::text(evaluated),
        count(results.results.len()),
        count(results.reached()),
        median,
        at_least,
        results
            .median_cost(|cost| Some(cost.images))
            .map_or(Field::None, |images| Field::Integer(images.round() as i64)),
        Field::number(results.median_cost(|cost| cost.seconds)),
        spread(mean),
        spread(sd),
        Field::List(censored.collect()),
        count(results.excluded),
    ]
}

fn summary(rule: &StoredRule, metric: &MetricDef, stored: usize) -> String {
    let runs = if stored == 1 { "1 run".to_owned() } else { format!("{stored} runs") };
    format!("{} of {}: stored for {runs}, as {}", rule.name(), metric.name, rule.json())
}

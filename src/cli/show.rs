use std::process::ExitCode;

use clap::Args;

use crate::measure::{Direction, Epoch, metric};
use crate::store::{RunId, Series};

use super::{CliError, Global, table::table};

#[derive(Args)]
pub struct ShowArgs {
    /// The run's number, as `jem status <experiment>` lists it
    run: i64,
}

pub fn run(global: &Global, args: &ShowArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let Some(run) = store.run(RunId(args.run))? else {
        return Err(CliError::Usage {
            what: format!("{}: no run {}", global.database.display(), args.run),
            help: "`jem status <experiment>` lists the runs of an experiment".to_owned(),
        });
    };
    println!("run {}: {}, seed {}, {}", run.id, run.method, run.seed, run.state);
    println!("epoch {}/{}, {:.1} min on {}", run.epoch, run.horizon, run.seconds / 60.0, or_dash(&run.device));
    println!("cell {}, weights {}", run.cell, or_dash(&run.weights));
    if !run.outcome.is_empty() {
        println!("{}", run.outcome);
    }
    let settings = run.settings.iter().map(|(key, value)| vec![key.clone(), value.to_string()]);
    println!("\n{}", table(&["setting", "value"], settings.collect()));
    let series = store.series(run.id)?;
    if !series.is_empty() {
        let rows = series.iter().map(row).collect();
        println!("\n{}", table(&["metric", "last", "epoch", "best", "epoch", "protocol"], rows));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(series: &Series) -> Vec<String> {
    let point = |point: Option<(Epoch, f64)>| match point {
        Some((epoch, value)) => [format!("{value:.4}"), epoch.to_string()],
        None => ["-".to_owned(), "-".to_owned()],
    };
    let [last, last_epoch] = point(series.curve.last());
    let [best, best_epoch] = point(best(series));
    vec![series.metric.clone(), last, last_epoch, best, best_epoch, series.protocol.as_str().to_owned()]
}

/// The best value and its first epoch, for metrics of which one end is better.
fn best(series: &Series) -> Option<(Epoch, f64)> {
    let sign = match metric(&series.metric)?.direction {
        Direction::Lower => 1.0,
        Direction::Higher => -1.0,
        Direction::Neutral => return None,
    };
    let finite = series.curve.points().iter().copied().filter(|(_, value)| value.is_finite());
    finite.min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

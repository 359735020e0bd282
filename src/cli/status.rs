use std::process::ExitCode;

use clap::Args;

use crate::store::RunState;

use super::{CliError, Global, table::table};

#[derive(Args)]
pub struct StatusArgs {
    /// Only this experiment
    experiment: Option<String>,
}

pub fn run(global: &Global, args: &StatusArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let mut names = store.experiments()?;
    if let Some(wanted) = &args.experiment {
        let known = names.join(", ");
        names.retain(|name| name == wanted);
        if names.is_empty() {
            return Err(CliError::Usage {
                what: format!("{}: no experiment `{wanted}`", global.database.display()),
                help: format!("the experiments in this database: {known}"),
            });
        }
    }
    let mut head = vec!["experiment", "runs"];
    head.extend(RunState::ALL.iter().map(|state| state.as_str()));
    let mut rows = Vec::new();
    for name in names {
        let counts = store.counts(&name)?;
        let mut row = vec![name, counts.values().sum::<usize>().to_string()];
        row.extend(RunState::ALL.iter().map(|state| counts.get(state).copied().unwrap_or(0).to_string()));
        rows.push(row);
    }
    println!("{}", table(&head, rows));
    if let Some(name) = &args.experiment {
        let runs = store.runs(name)?.into_iter().map(|run| {
            vec![
                run.id.to_string(),
                run.method,
                run.seed.to_string(),
                run.state.to_string(),
                format!("{}/{}", run.epoch, run.horizon),
                run.outcome,
            ]
        });
        println!("\n{}", table(&["run", "method", "seed", "state", "epoch", "outcome"], runs.collect()));
    }
    Ok(ExitCode::SUCCESS)
}

use std::process::ExitCode;

use clap::Args;

use crate::spec::{Fingerprints, Plan};
use crate::store::{Enqueued, Store};

use super::{CliError, ExperimentArgs, Global, experiment};

#[derive(Args)]
pub struct QueueArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
}

pub fn run(global: &Global, args: &QueueArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    let prints = experiment::fingerprint(&plan)?;
    let store = global.open()?;
    let done = enqueue(&store, &plan, &args.experiment, &prints)?;
    println!("{}", describe(&plan, done));
    Ok(ExitCode::SUCCESS)
}

/// Records the plan and adds the runs that are missing.
pub fn enqueue(
    store: &Store,
    plan: &Plan,
    args: &ExperimentArgs,
    prints: &[Fingerprints],
) -> Result<Enqueued, CliError> {
    Ok(store.enqueue(&experiment::revision(plan, args, prints))?)
}

pub fn describe(plan: &Plan, done: Enqueued) -> String {
    let reopened = match done.reopened {
        0 => String::new(),
        reopened => format!(", {reopened} of them go on to a later epoch"),
    };
    format!("{} (revision {}): {} runs queued, {} kept{reopened}", plan.name, done.revision, done.added, done.kept)
}

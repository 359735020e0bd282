use std::process::ExitCode;

use clap::Args;

use crate::spec::{Fingerprints, Plan};
use crate::store::{Enqueued, Store};

use super::format::print;
use super::superseded::left_by_older;
use super::{CliError, ExperimentArgs, Global, experiment};

#[derive(Args)]
pub struct QueueArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    priority: PriorityArgs,
}

/// Which runs come first.
#[derive(Args)]
pub struct PriorityArgs {
    /// Take this experiment's runs before those of a lower priority, those that wait already too [default: 0]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    priority: Option<i64>,
}

impl PriorityArgs {
    /// Gives the experiment's waiting runs the priority, if there is one to give.
    pub fn apply(&self, store: &Store, experiment: &str) -> Result<(), CliError> {
        if let Some(priority) = self.priority {
            store.prioritise(experiment, priority)?;
        }
        Ok(())
    }
}

pub fn run(global: &Global, args: &QueueArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    let prints = experiment::fingerprint(&plan, &global.cache())?;
    let store = global.create()?;
    let done = enqueue(&store, &plan, &args.experiment, &prints)?;
    args.priority.apply(&store, &plan.name)?;
    print(&format!("{}\n", describe(&plan, done)))?;
    if let Some(left) = left_by_older(&store, &plan.name)? {
        print(&format!("{left}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Records the plan and adds the runs that are missing.
pub fn enqueue(
    store: &Store,
    plan: &Plan,
    args: &ExperimentArgs,
    prints: &[Fingerprints],
) -> Result<Enqueued, CliError> {
    Ok(store.enqueue(&experiment::revision(plan, args, prints)?)?)
}

pub fn describe(plan: &Plan, done: Enqueued) -> String {
    let mut text =
        format!("{} (revision {}): {} runs queued, {} kept", plan.name, done.revision, done.added, done.kept);
    if done.reopened > 0 {
        text.push_str(&format!(", {} of them go on to a later epoch", done.reopened));
    }
    if done.measured > 0 {
        text.push_str(&format!(", {} of them get measures that were added", done.measured));
    }
    if done.longer > 0 {
        text.push_str(&format!(", {} of them keep a last epoch later than the file's", done.longer));
    }
    text
}

use std::process::ExitCode;

use clap::Args;

use crate::spec::{Fingerprints, Plan};
use crate::store::{EnqueueResult, Store};

use super::format::print;
use super::superseded::superseded_note;
use super::{CliError, ExperimentArgs, Global, experiment};

#[derive(Args)]
pub struct QueueArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    priority: PriorityArgs,
}

/// The priority of the runs.
#[derive(Args)]
pub struct PriorityArgs {
    /// The priority of all queued runs of the experiment: runs of higher priority are trained first [default: 0]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    priority: Option<i64>,
}

impl PriorityArgs {
    /// Sets the priority of the queued runs of an experiment, if the option is given.
    pub fn apply(&self, store: &Store, experiment: &str) -> Result<(), CliError> {
        if let Some(priority) = self.priority {
            store.set_priority(experiment, priority)?;
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
    if let Some(left) = superseded_note(&store, &plan.name)? {
        print(&format!("{left}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Stores the plan and queues its missing runs.
pub fn enqueue(
    store: &Store,
    plan: &Plan,
    args: &ExperimentArgs,
    prints: &[Fingerprints],
) -> Result<EnqueueResult, CliError> {
    Ok(store.enqueue(&experiment::revision(plan, args, prints)?)?)
}

/// `sweep (revision 2): 4 runs queued, 8 kept`, with what changes for runs that are kept.
pub fn describe(plan: &Plan, done: EnqueueResult) -> String {
    let mut text =
        format!("{} (revision {}): {} runs queued, {} kept", plan.name, done.revision, done.added, done.kept);
    if done.reopened > 0 {
        text.push_str(&format!(", {} of them continue to a later epoch", done.reopened));
    }
    if done.measured > 0 {
        text.push_str(&format!(", {} of them get added measures", done.measured));
    }
    if done.longer > 0 {
        text.push_str(&format!(", {} of them keep a last epoch that is later than in the file", done.longer));
    }
    text
}

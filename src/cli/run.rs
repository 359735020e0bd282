use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::screen::note;

use super::superseded::superseded_note;
use super::{CliError, DeviceArgs, ExperimentArgs, Global, experiment, prepare, queue, report, work};

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    workers: work::WorkerArgs,
    #[command(flatten)]
    priority: queue::PriorityArgs,
}

/// Plans, prepares, queues, trains and reports.
pub fn run(global: &Global, args: &RunArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    // A report that cannot be written is an error now, not after hours of training.
    report::check_folder(&plan.name)?;
    let device = args.device.choose(global.quiet)?;
    let prints = experiment::fingerprint(&plan, &global.cache())?;
    let store = Arc::new(global.create()?);
    prepare::prepare(global, &plan, &prints, device)?;
    let queued = queue::enqueue(&store, &plan, &args.experiment, &prints)?;
    let again = store.requeue_failed(&plan.name)?;
    args.priority.apply(&store, &plan.name)?;
    if !global.quiet {
        note(queue::describe(&plan, queued));
        if let Some(left) = superseded_note(&store, &plan.name)? {
            note(left);
        }
        if again > 0 {
            note(format!("{again} failed {} queued again", if again == 1 { "run" } else { "runs" }));
        }
    }
    let worked = work::work(global, &store, Some(&plan.name), device, &args.workers)?;
    let code = work::finish(&worked);
    if worked.interrupted {
        return Ok(code);
    }
    match report::write(global, &store, &plan.name) {
        // The training has succeeded, even if nobody reads the path of its report.
        Err(error) if error.is_broken_pipe() => Ok(code),
        written => written.map(|()| code),
    }
}

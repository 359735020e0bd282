use std::process::ExitCode;

use clap::Args;

use crate::screen::note;

use super::superseded::left_by_older;
use super::{CliError, DeviceArgs, ExperimentArgs, Global, experiment, prepare, queue, report, work};

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    crew: work::CrewArgs,
    #[command(flatten)]
    priority: queue::PriorityArgs,
}

/// Plan, prepare, queue, train, report.
pub fn run(global: &Global, args: &RunArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    // What cannot be written after hours of training is found out before them.
    report::check_folder(&plan.name)?;
    let device = args.device.choose(global.quiet)?;
    let prints = experiment::fingerprint(&plan, &global.cache())?;
    let store = global.create()?;
    prepare::prepare(global, &plan, &prints, device)?;
    let queued = queue::enqueue(&store, &plan, &args.experiment, &prints)?;
    let again = store.requeue_failed(&plan.name)?;
    args.priority.apply(&store, &plan.name)?;
    if !global.quiet {
        note(queue::describe(&plan, queued));
        if let Some(left) = left_by_older(&store, &plan.name)? {
            note(left);
        }
        if again > 0 {
            note(format!("{again} failed runs are tried again"));
        }
    }
    let worked = work::work(global, &store, Some(&plan.name), device, &args.crew)?;
    let code = work::finish(&worked);
    if worked.interrupted {
        return Ok(code);
    }
    match report::write(global, &store, &plan.name) {
        // The training is what counts, and not who reads where its report is.
        Err(error) if error.is_broken_pipe() => Ok(code),
        written => written.map(|()| code),
    }
}

use std::process::ExitCode;

use clap::Args;

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
    let device = args.device.choose(global.quiet)?;
    let prints = experiment::fingerprint(&plan, &global.cache())?;
    let store = global.create()?;
    prepare::prepare(global, &plan, &prints, device)?;
    let queued = queue::enqueue(&store, &plan, &args.experiment, &prints)?;
    let again = store.requeue_failed(&plan.name)?;
    args.priority.apply(&store, &plan.name)?;
    if !global.quiet {
        eprintln!("{}", queue::describe(&plan, queued));
        if let Some(left) = left_by_older(&store, &plan.name)? {
            eprintln!("{left}");
        }
        if again > 0 {
            eprintln!("{again} failed runs are tried again");
        }
    }
    let worked = work::work(global, &store, Some(&plan.name), device, &args.crew)?;
    let code = work::finish(&worked);
    if !worked.interrupted {
        report::write(&store, &plan.name)?;
    }
    Ok(code)
}

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::device::DeviceSpec;
use crate::prepare::Inputs;
use crate::spec::{Fingerprints, Plan};

use super::progress::Preparing;
use super::{CliError, DeviceArgs, ExperimentArgs, Global, experiment, queue, report, work};

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
    let prints = experiment::fingerprint(&plan)?;
    let store = global.open()?;
    prepare(global, &plan, &prints, device)?;
    let queued = queue::enqueue(&store, &plan, &args.experiment, &prints)?;
    let again = store.requeue_failed(&plan.name)?;
    args.priority.apply(&store, &plan.name)?;
    if !global.quiet {
        eprintln!("{}", queue::describe(&plan, queued));
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

/// Makes the inputs of every cell, so that training never waits for them.
fn prepare(global: &Global, plan: &Plan, prints: &[Fingerprints], device: DeviceSpec) -> Result<(), CliError> {
    let started = Instant::now();
    let opened = device.open()?;
    let preparing = Preparing::new(global.quiet);
    let tell = |stage, done, total| preparing.tell(stage, done, total);
    let mut warnings = Vec::new();
    for (cell, prints) in plan.cells.iter().zip(prints) {
        let inputs = Inputs::prepare(&experiment::settings(cell), prints, &global.cache(), &opened, &tell)?;
        warnings.extend(inputs.warnings);
    }
    warnings.sort();
    warnings.dedup();
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
    if !global.quiet {
        eprintln!("prepare: done in {:.1} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

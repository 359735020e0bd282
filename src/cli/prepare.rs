use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::device::DeviceSpec;
use crate::prepare::{FittedPart, Inputs, resolve};
use crate::screen::note;
use crate::spec::{Fingerprints, Plan};

use super::progress::Preparing;
use super::size::Size;
use super::{CliError, DeviceArgs, ExperimentArgs, Global, experiment};

#[derive(Args)]
pub struct PrepareArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Makes the inputs of an experiment, ahead of training.
pub fn run(global: &Global, args: &PrepareArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    let device = args.device.choose(global.quiet)?;
    let prints = experiment::fingerprint(&plan, &global.cache())?;
    prepare(global, &plan, &prints, device)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the inputs of every cell, so that training never waits for them.
///
/// All of them are held until the last is made: a cache that is too small for them says so now, and not overnight.
pub fn prepare(global: &Global, plan: &Plan, prints: &[Fingerprints], device: DeviceSpec) -> Result<(), CliError> {
    let started = Instant::now();
    let (cache, opened) = (global.cache(), device.open()?);
    let preparing = Preparing::new(global.quiet);
    let tell = |news| preparing.tell(news);
    let (mut all, mut fitted) = (Vec::with_capacity(plan.cells.len()), BTreeSet::new());
    for (cell, prints) in plan.cells.iter().zip(prints) {
        let resolved = resolve(&experiment::settings(cell), prints, &cache, &opened, &tell)?;
        fitted.extend(resolved.fitted.iter().map(FittedPart::about));
        all.push(Inputs::prepare(&resolved.settings, &resolved.prints, &cache, &opened, &tell)?);
    }
    for about in fitted.iter().filter(|_| !global.quiet) {
        note(format!("prepare: {about}"));
    }
    let warnings: BTreeSet<&String> = all.iter().flat_map(|inputs| &inputs.warnings).collect();
    for warning in warnings {
        note(format!("warning: {warning}"));
    }
    if !global.quiet {
        let used = Size(cache.files()?.iter().map(|file| file.bytes).sum());
        let (seconds, limit) = (started.elapsed().as_secs_f64(), Size(cache.limit()));
        note(format!("prepare: done in {seconds:.1} s; {} holds {used} of {limit}", cache.folder().display()));
    }
    Ok(())
}

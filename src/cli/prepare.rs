use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::device::DeviceSpec;
use crate::prepare::{FittedNetwork, Inputs, resolve};
use crate::screen::note;
use crate::spec::{Fingerprints, Plan};

use super::prepare_progress::PrepareProgress;
use super::size::Size;
use super::{CliError, DeviceArgs, ExperimentArgs, Global, experiment};

#[derive(Args)]
pub struct PrepareArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Prepares the inputs of an experiment before training.
pub fn run(global: &Global, args: &PrepareArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    let device = args.device.choose(global.quiet)?;
    let prints = experiment::fingerprint(&plan, &global.cache())?;
    prepare(global, &plan, &prints, device)?;
    Ok(ExitCode::SUCCESS)
}

/// Prepares the inputs of every cell, so that training never waits for them.
///
/// All inputs stay open until the last one is ready. If the cache is too small for them, this fails now and not during
/// training.
pub fn prepare(global: &Global, plan: &Plan, prints: &[Fingerprints], device: DeviceSpec) -> Result<(), CliError> {
    let started = Instant::now();
    let (cache, opened) = (global.cache(), device.open()?);
    let progress = PrepareProgress::new(global.quiet);
    let on_event = |event| progress.report(event);
    let (mut all, mut fitted) = (Vec::with_capacity(plan.cells.len()), BTreeSet::new());
    for (cell, prints) in plan.cells.iter().zip(prints) {
        let resolved = resolve(&experiment::settings(cell), prints, &cache, &opened, &on_event)?;
        fitted.extend(resolved.fitted.iter().map(FittedNetwork::summary));
        all.push(Inputs::prepare(&resolved.settings, &resolved.prints, &cache, &opened, &on_event)?);
    }
    for summary in fitted.iter().filter(|_| !global.quiet) {
        note(format!("prepare: {summary}"));
    }
    let warnings: BTreeSet<&String> = all.iter().flat_map(|inputs| &inputs.warnings).collect();
    for warning in warnings {
        note(format!("warning: {warning}"));
    }
    if !global.quiet {
        let used = Size(cache.files()?.iter().map(|file| file.bytes).sum());
        let (seconds, limit) = (started.elapsed().as_secs_f64(), Size(cache.limit()));
        note(format!("prepare: done in {seconds:.1} s; {} contains {used} of {limit}", cache.folder().display()));
    }
    Ok(())
}

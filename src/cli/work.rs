use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::device::DeviceSpec;
use crate::store::Store;
use crate::train::supervisor::{Supervisor, Worked};

use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct WorkArgs {
    #[command(flatten)]
    device: DeviceArgs,
}

pub fn run(global: &Global, args: &WorkArgs) -> Result<ExitCode, CliError> {
    let device = args.device.choose(global.quiet)?;
    let store = global.open()?;
    let worked = work(global, &store, None, device)?;
    Ok(finish(&worked))
}

/// Trains queued runs, of one experiment or of all, until there are none left.
pub fn work(global: &Global, store: &Store, experiment: Option<&str>, device: DeviceSpec) -> Result<Worked, CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, stop.clone()).map_err(CliError::Signals)?;
    }
    let cache = global.cache();
    let supervisor = Supervisor { store, experiment, device, cache: &cache, quiet: global.quiet, stop };
    Ok(supervisor.work()?)
}

/// Says what did not end well, and gives the exit code.
pub fn finish(worked: &Worked) -> ExitCode {
    for run in &worked.failed {
        eprintln!("run {run} failed; `jem show {run}` says why, and `jem run` tries it again");
    }
    for run in &worked.killed {
        eprintln!("run {run} was killed; it is queued again and goes on from its last epoch");
    }
    if worked.interrupted {
        eprintln!("interrupted; start again to go on from the last epoch");
        return ExitCode::from(130);
    }
    if worked.failed.is_empty() && worked.killed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::device::DeviceSpec;
use crate::screen::note;
use crate::store::Store;
use crate::train::supervisor::{Supervisor, Worked};

use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct WorkArgs {
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    crew: CrewArgs,
}

/// The training processes of one supervisor.
#[derive(Args)]
pub struct CrewArgs {
    /// How many runs to train at a time, each in a process of its own
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    workers: u16,
    /// How often to try a run again whose process was killed or lost
    #[arg(long, default_value_t = 2, value_name = "N")]
    retries: u32,
    #[command(flatten)]
    lease: LeaseArgs,
}

/// How long a run is held without a word from its process.
#[derive(Args)]
pub struct LeaseArgs {
    /// Seconds that a process may stay silent before another one takes its run
    #[arg(long, hide = true, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    lease: u64,
}

impl LeaseArgs {
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.lease)
    }
}

pub fn run(global: &Global, args: &WorkArgs) -> Result<ExitCode, CliError> {
    let device = args.device.choose(global.quiet)?;
    let store = global.open()?;
    let worked = work(global, &store, None, device, &args.crew)?;
    Ok(finish(&worked))
}

/// Trains queued runs, of one experiment or of all, until there are none left.
pub fn work(
    global: &Global,
    store: &Store,
    experiment: Option<&str>,
    device: DeviceSpec,
    crew: &CrewArgs,
) -> Result<Worked, CliError> {
    let stops = count_stops(global.quiet)?;
    let cache = global.cache();
    let supervisor = Supervisor {
        store,
        experiment,
        device,
        cache: &cache,
        quiet: global.quiet,
        workers: usize::from(crew.workers),
        retries: crew.retries,
        lease: crew.lease.length(),
        stops,
    };
    Ok(supervisor.work()?)
}

/// Counts how often this process is told to stop.
fn count_stops(quiet: bool) -> Result<Arc<AtomicUsize>, CliError> {
    let stops = Arc::new(AtomicUsize::new(0));
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).map_err(CliError::Signals)?;
    let counted = stops.clone();
    std::thread::spawn(move || {
        for _signal in signals.forever() {
            if counted.fetch_add(1, Ordering::SeqCst) == 0 && !quiet {
                note("stopping: each run ends its step and is saved; once more ends them at once");
            }
        }
    });
    Ok(stops)
}

/// Says what did not end well, and gives the exit code.
pub fn finish(worked: &Worked) -> ExitCode {
    for run in &worked.failed {
        note(format!("run {run} failed; `jem show {run}` says why, and `jem run` tries it again"));
    }
    if worked.interrupted {
        note("interrupted; start again to go on from where each run was saved");
        return ExitCode::from(130);
    }
    if worked.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

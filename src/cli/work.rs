use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use signal_hook::consts::SIGINT;

use crate::device::DeviceSpec;
use crate::screen::note;
use crate::store::Store;
use crate::train::supervisor::{Supervisor, WorkSummary};

use super::stop::{StopRequest, signals};
use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct WorkArgs {
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    workers: WorkerArgs,
}

/// The training processes of one supervisor.
#[derive(Args)]
pub struct WorkerArgs {
    /// The number of runs to train at the same time, each in its own process
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    workers: u16,
    /// How many times to restart a run whose process was lost without a new checkpoint
    #[arg(long, default_value_t = 2, value_name = "N")]
    retries: u32,
    #[command(flatten)]
    lease: LeaseArgs,
}

/// The duration of a lease.
#[derive(Args)]
pub struct LeaseArgs {
    /// Seconds after which the lease of a run expires if its process does not renew it
    #[arg(long, hide = true, default_value_t = 60, value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..))]
    lease: u64,
}

impl LeaseArgs {
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.lease)
    }
}

pub fn run(global: &Global, args: &WorkArgs) -> Result<ExitCode, CliError> {
    let device = args.device.choose(global.quiet)?;
    let store = global.open()?;
    let worked = work(global, &store, None, device, &args.workers)?;
    if worked.ended == 0 && worked.failed.is_empty() && !worked.interrupted && !global.quiet {
        note("no queued runs; `jem queue` adds the runs of an experiment");
    }
    Ok(finish(&worked))
}

/// Trains the queued runs of one experiment or of all experiments, until the queue is empty.
pub fn work(
    global: &Global,
    store: &Store,
    experiment: Option<&str>,
    device: DeviceSpec,
    options: &WorkerArgs,
) -> Result<WorkSummary, CliError> {
    let stops = listen(global.quiet)?;
    let cache = global.cache();
    let supervisor = Supervisor {
        store,
        experiment,
        device,
        cache: &cache,
        quiet: global.quiet,
        workers: usize::from(options.workers),
        retries: options.retries,
        lease: options.lease.duration(),
        stops,
    };
    Ok(supervisor.work()?)
}

/// Listens for signals that request a stop. The level is 1 from the first signal on, and 2 for an immediate stop.
fn listen(quiet: bool) -> Result<Arc<AtomicUsize>, CliError> {
    let stops = Arc::new(AtomicUsize::new(0));
    let mut signals = signals().map_err(CliError::Signals)?;
    let level = stops.clone();
    std::thread::spawn(move || {
        let mut request = StopRequest::default();
        for signal in signals.forever() {
            let requested = if request.is_immediate_after(signal) { 2 } else { 1 };
            if level.fetch_max(requested, Ordering::SeqCst) == 0 && !quiet {
                let more = if signal == SIGINT { "again" } else { "twice" };
                note(format!("stopping: each run finishes its step and is saved; press Ctrl-C {more} to stop now"));
            }
        }
    });
    Ok(stops)
}

/// Writes which runs failed, and returns the exit code.
pub fn finish(worked: &WorkSummary) -> ExitCode {
    for run in &worked.failed {
        note(format!("run {run} failed; `jem show {run}` shows the error, `jem retry {run}` queues the run again"));
    }
    if worked.interrupted {
        note("interrupted; run the same command again to resume");
        return ExitCode::from(130);
    }
    if worked.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

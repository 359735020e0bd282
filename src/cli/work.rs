use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use signal_hook::consts::SIGINT;

use crate::device::DeviceSpec;
use crate::screen::note;
use crate::store::Store;
use crate::train::supervisor::{Supervisor, Worked};

use super::stop::{Asked, signals};
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
    /// How often in a row to try a run again whose process was killed or lost without a new checkpoint
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
    let stops = listen(global.quiet)?;
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

/// Listens for what tells this process to stop: 1 from the first signal on, 2 when it is to be at once.
fn listen(quiet: bool) -> Result<Arc<AtomicUsize>, CliError> {
    let stops = Arc::new(AtomicUsize::new(0));
    let mut signals = signals().map_err(CliError::Signals)?;
    let heard = stops.clone();
    std::thread::spawn(move || {
        let mut asked = Asked::default();
        for signal in signals.forever() {
            let how = if asked.is_at_once(signal) { 2 } else { 1 };
            if heard.fetch_max(how, Ordering::SeqCst) == 0 && !quiet {
                let more = if signal == SIGINT { "once more" } else { "twice" };
                note(format!("stopping: each run ends its step and is saved; Ctrl-C {more} ends them at once"));
            }
        }
    });
    Ok(stops)
}

/// Says what did not end well, and gives the exit code.
pub fn finish(worked: &Worked) -> ExitCode {
    for run in &worked.failed {
        note(format!("run {run} failed; `jem show {run}` says why, and `jem retry {run}` queues it again"));
    }
    if worked.interrupted {
        note("interrupted; start again to go on from where each run was saved");
        return ExitCode::from(130);
    }
    if worked.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

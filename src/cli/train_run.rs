use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use burn::train::Interrupter;
use clap::Args;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

use crate::measure::{Epoch, metric};
use crate::store::{Ending, Hold, RunId, RunState, Store};
use crate::train::worker::{Workplace, chain, train};
use crate::train::{EpochReport, RunLog, TrainError};

use super::progress::Preparing;
use super::work::LeaseArgs;
use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct TrainRunArgs {
    /// run:attempt:fence, as the supervisor claimed it
    hold: String,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    lease: LeaseArgs,
    /// The process that supervises this one
    #[arg(long)]
    supervisor: i32,
}

pub fn run(global: &Global, args: &TrainRunArgs) -> Result<ExitCode, CliError> {
    let hold = parse(&args.hold)?;
    let store = global.open()?;
    let log = Arc::new(RunLog::open(&store.log(hold.run), label(&store, hold.run)?, global.quiet)?);
    log_panics(log.clone());
    let interrupter = Interrupter::new();
    let prepared = Arc::new(AtomicBool::new(false));
    listen(global, hold, interrupter.clone(), log.clone(), prepared.clone())?;
    // A supervisor that is killed tells its processes to stop: nobody would wait for them.
    set_parent_process_death_signal(Some(Signal::TERM)).map_err(|error| CliError::Signals(error.into()))?;
    if getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(args.supervisor) {
        // It was gone before that was asked for.
        interrupter.stop(Some("the supervisor is gone"));
    }
    let device = args.device.choose(true).inspect_err(|error| log.note(&chain(error)))?;
    let preparing = Preparing::new(global.quiet);
    let place = Workplace {
        device,
        cache: &global.cache(),
        lease: args.lease.length(),
        progress: &|news| preparing.tell(news),
        epochs: &|report, horizon| log.say(&describe(report, horizon)),
        log: &log,
        interrupter,
        prepared: &prepared,
    };
    match train(&store, hold, &place) {
        Ok(Ending::Finished { .. }) => Ok(ExitCode::SUCCESS),
        Ok(Ending::Diverged { what }) => {
            log.warn(&format!("diverged: {what}"));
            Ok(ExitCode::SUCCESS)
        }
        Ok(Ending::Failed { .. }) => Ok(ExitCode::from(1)),
        Ok(Ending::Interrupted) => Ok(ExitCode::from(130)),
        Err(TrainError::Taken { state: RunState::Cancelled, .. }) => {
            log.say("cancelled, and stopped");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error.into()),
    }
}

/// Stops the training when a signal says so; the same signal again, or the supervisor's second word, ends the process
/// at once, without saving.
fn listen(
    global: &Global,
    hold: Hold,
    interrupter: Interrupter,
    log: Arc<RunLog>,
    prepared: Arc<AtomicBool>,
) -> Result<(), CliError> {
    let stops = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2];
    let mut signals = signal_hook::iterator::Signals::new(stops).map_err(CliError::Signals)?;
    let database = global.database.clone();
    std::thread::spawn(move || {
        let mut heard = Vec::new();
        for signal in signals.forever() {
            if signal == SIGUSR2 || heard.contains(&signal) {
                log.note("told to stop twice: it ends at once");
                signal_hook::low_level::exit(130);
            }
            heard.push(signal);
            interrupter.stop(Some("a signal"));
            // Preparing can take long and has nothing to save, so it is not waited for.
            if !prepared.load(Ordering::SeqCst) {
                let released = Store::open(&database).and_then(|store| store.let_go(hold, &Ending::Interrupted));
                log.note(&match released {
                    Ok(()) => format!("attempt {} ends: interrupted before training", hold.attempt),
                    Err(error) => format!("attempt {} ends: {}", hold.attempt, chain(&error)),
                });
                signal_hook::low_level::exit(130);
            }
        }
    });
    Ok(())
}

/// A panic is said in the run's log, and then as always.
fn log_panics(log: Arc<RunLog>) {
    let always = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic: &PanicHookInfo| {
        log.note(&panic.to_string());
        always(panic);
    }));
}

fn label(store: &Store, run: RunId) -> Result<String, CliError> {
    Ok(match store.run(run)? {
        Some(record) => format!("run {run}, {}, seed {}", record.method, record.seed),
        None => format!("run {run}"),
    })
}

fn describe(report: &EpochReport, horizon: Epoch) -> String {
    let mut text = format!("epoch {}/{horizon}", report.epoch);
    let evaluation = report.evaluation.iter().map(|measured| (measured.metric, measured.value));
    for (name, value) in report.training.iter().copied().chain(evaluation) {
        if ["d_loss", "g_loss", "images_per_second", "colour_distance", "ssim"].contains(&name) {
            let title = metric(name).map_or(name, |metric| metric.title);
            text.push_str(&format!(", {} {value:.3}", title.to_lowercase()));
        }
    }
    text
}

fn parse(hold: &str) -> Result<Hold, CliError> {
    let numbers: Option<Vec<i64>> = hold.split(':').map(|number| number.parse().ok()).collect();
    match numbers.as_deref() {
        Some([run, attempt, fence]) => {
            Ok(Hold { run: RunId(*run), attempt: *attempt, fence: *fence, since: Instant::now() })
        }
        _ => Err(CliError::Usage {
            what: format!("`{hold}` is no hold on a run"),
            help: "`jem work` starts this command".to_owned(),
        }),
    }
}

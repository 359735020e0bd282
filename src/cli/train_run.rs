use std::cell::OnceCell;
use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use burn::train::Interrupter;
use clap::Args;

use crate::error_chain::error_chain;
use crate::measure::metric;
use crate::store::{AttemptOutcome, Lease, RunId, RunState, Store, close_all};
use crate::train::stop::StopCommand;
use crate::train::worker::{WorkerContext, train};
use crate::train::{EpochReport, RunLog, TrainError, require_files};

use super::prepare_progress::PrepareProgress;
use super::progress::{StageProgress, Unit};
use super::stop::{StopRequest, signals};
use super::work::LeaseArgs;
use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct TrainRunArgs {
    /// The claimed lease: run:attempt:fence
    claim: String,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    lease: LeaseArgs,
}

pub fn run(global: &Global, args: &TrainRunArgs) -> Result<ExitCode, CliError> {
    let lease = parse(&args.claim)?;
    let store = global.open()?;
    require_files(&store, lease)?;
    let label = label(&store, lease.run)?;
    let log = Arc::new(RunLog::open(&store.log(lease.run), label.clone(), global.quiet)?);
    log_panics(log.clone());
    let interrupter = Interrupter::new();
    let prepared = Arc::new(AtomicBool::new(false));
    listen(Stopper {
        database: global.database.clone(),
        lease,
        interrupter: interrupter.clone(),
        log: log.clone(),
        prepared: prepared.clone(),
        exiting: Mutex::new(()),
    })?;
    let device = args.device.choose(true).inspect_err(|error| log.write(&error_chain(error)))?;
    let (prepare_progress, epoch_progress) = (PrepareProgress::new(global.quiet), OnceCell::new());
    let place = WorkerContext {
        device,
        cache: &global.cache(),
        lease: args.lease.duration(),
        progress: &|event| prepare_progress.report(event),
        epochs: &|report, horizon| {
            let (epoch, values) = (report.epoch, values(report));
            log.write(&format!("epoch {epoch}/{horizon}{values}"));
            let (done, total) = (u64::from(epoch.0), u64::from(horizon.0));
            let stage = || StageProgress::in_lines(global.quiet, &label, Unit::Items("epochs"), Some(total), done);
            epoch_progress.get_or_init(stage).set_with(done, &values);
        },
        log: &log,
        interrupter,
        prepared: &prepared,
    };
    match train(&store, lease, &place) {
        Ok(AttemptOutcome::Finished { .. }) => Ok(ExitCode::SUCCESS),
        Ok(AttemptOutcome::Diverged { what }) => {
            log.warn(&format!("diverged: {what}"));
            Ok(ExitCode::SUCCESS)
        }
        Ok(AttemptOutcome::Failed { .. }) => Ok(ExitCode::from(1)),
        Ok(AttemptOutcome::Interrupted) => Ok(ExitCode::from(130)),
        Err(TrainError::LostLease { state: RunState::Cancelled, .. }) => {
            log.info("stopped: the run was cancelled");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error.into()),
    }
}

/// Stops the training on request.
struct Stopper {
    database: PathBuf,
    lease: Lease,
    interrupter: Interrupter,
    log: Arc<RunLog>,
    prepared: Arc<AtomicBool>,
    /// Locked by the thread that exits the process.
    exiting: Mutex<()>,
}

impl Stopper {
    /// Requests that training stops after the current step and saves. Another call changes nothing.
    fn save(&self) {
        self.interrupter.stop(Some("a stop was requested"));
        // Preparation can take long and has nothing to save, so the process exits.
        if !self.prepared.load(Ordering::SeqCst) {
            let _guard = self.exiting.lock();
            let attempt = self.lease.attempt;
            let released =
                Store::open(&self.database).and_then(|store| store.release(self.lease, &AttemptOutcome::Interrupted));
            self.log.write(&match released {
                Ok(()) => format!("attempt {attempt} ends: interrupted before training"),
                Err(error) => format!("attempt {attempt} ends: {}", error_chain(&error)),
            });
            exit();
        }
    }

    /// Exits without saving: the steps since the last checkpoint are lost.
    fn exit_now(&self) {
        let _guard = self.exiting.lock();
        self.log.write("second stop request: exits without saving");
        exit();
    }
}

/// Closes the database and exits. It is called from a thread that does not train.
fn exit() {
    close_all();
    signal_hook::low_level::exit(130);
}

/// Stops the training if the supervisor requests it or has exited, or if a signal requests it. A job system sends its
/// signals to both processes, so the requests of the supervisor and of signals are counted separately.
fn listen(stopper: Stopper) -> Result<(), CliError> {
    let mut signals = signals().map_err(CliError::Signals)?;
    let stopper = Arc::new(stopper);
    let of_signals = stopper.clone();
    std::thread::spawn(move || {
        let mut request = StopRequest::default();
        for signal in signals.forever() {
            if request.is_immediate_after(signal) {
                of_signals.exit_now();
            }
            of_signals.save();
        }
    });
    std::thread::spawn(move || {
        StopCommand::receive(std::io::stdin(), |stop| match stop {
            StopCommand::Save => stopper.save(),
            StopCommand::Immediate => stopper.exit_now(),
        });
    });
    Ok(())
}

/// Writes panics to the log of the run too.
fn log_panics(log: Arc<RunLog>) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic: &PanicHookInfo| {
        log.write(&panic.to_string());
        default(panic);
    }));
}

fn label(store: &Store, run: RunId) -> Result<String, CliError> {
    Ok(match store.run(run)? {
        Some(record) => format!("run {run}, {}, seed {}", record.method, record.seed),
        None => format!("run {run}"),
    })
}

/// The main values of an epoch: `, d loss 0.693, g loss 0.712`.
fn values(report: &EpochReport) -> String {
    let mut text = String::new();
    let evaluation = report.evaluation.iter().map(|measured| (measured.metric, measured.value));
    for (name, value) in report.training.iter().copied().chain(evaluation) {
        if ["d_loss", "g_loss", "images_per_second", "colour_distance", "ssim"].contains(&name) {
            let title = metric(name).map_or(name, |metric| metric.title);
            text.push_str(&format!(", {} {value:.3}", title.to_lowercase()));
        }
    }
    text
}

fn parse(claim: &str) -> Result<Lease, CliError> {
    let numbers: Option<Vec<i64>> = claim.split(':').map(|number| number.parse().ok()).collect();
    match numbers.as_deref() {
        Some([run, attempt, fence]) => {
            Ok(Lease { run: RunId(*run), attempt: *attempt, fence: *fence, since: Instant::now() })
        }
        _ => Err(CliError::Usage {
            what: format!("`{claim}` is not the lease of a run"),
            help: "`jem work` starts this command".to_owned(),
        }),
    }
}

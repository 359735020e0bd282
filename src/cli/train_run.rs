use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use burn::train::Interrupter;
use clap::Args;

use crate::measure::{Epoch, metric};
use crate::store::{Ending, Hold, RunId, RunState, Store, close_all};
use crate::train::stop::Stop;
use crate::train::worker::{Workplace, chain, train};
use crate::train::{EpochReport, RunLog, TrainError, require_files};

use super::progress::Preparing;
use super::stop::{Asked, signals};
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
}

pub fn run(global: &Global, args: &TrainRunArgs) -> Result<ExitCode, CliError> {
    let hold = parse(&args.hold)?;
    let store = global.open()?;
    require_files(&store, hold)?;
    let log = Arc::new(RunLog::open(&store.log(hold.run), label(&store, hold.run)?, global.quiet)?);
    log_panics(log.clone());
    let interrupter = Interrupter::new();
    let prepared = Arc::new(AtomicBool::new(false));
    listen(Stopper {
        database: global.database.clone(),
        hold,
        interrupter: interrupter.clone(),
        log: log.clone(),
        prepared: prepared.clone(),
        ending: Mutex::new(()),
    })?;
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

/// What ends the training before its time.
struct Stopper {
    database: PathBuf,
    hold: Hold,
    interrupter: Interrupter,
    log: Arc<RunLog>,
    prepared: Arc<AtomicBool>,
    /// Held by the one that ends the process.
    ending: Mutex<()>,
}

impl Stopper {
    /// Has the step ended and the run saved; called again, it changes nothing.
    fn save(&self) {
        self.interrupter.stop(Some("told to stop"));
        // Preparing can take long and has nothing to save, so it is not waited for.
        if !self.prepared.load(Ordering::SeqCst) {
            let _alone = self.ending.lock();
            let attempt = self.hold.attempt;
            let released = Store::open(&self.database).and_then(|store| store.let_go(self.hold, &Ending::Interrupted));
            self.log.note(&match released {
                Ok(()) => format!("attempt {attempt} ends: interrupted before training"),
                Err(error) => format!("attempt {attempt} ends: {}", chain(&error)),
            });
            exit();
        }
    }

    /// Ends the process; the steps since the last checkpoint are lost.
    fn end(&self) {
        let _alone = self.ending.lock();
        self.log.note("told to stop twice: it ends at once");
        exit();
    }
}

/// Ends the process from another thread than the one that trains, with the database closed.
fn exit() {
    close_all();
    signal_hook::low_level::exit(130);
}

/// Stops the training when the supervisor says so or is gone, or a signal does. A job system sends its signals to both,
/// so the one does not count beside the other.
fn listen(stopper: Stopper) -> Result<(), CliError> {
    let mut signals = signals().map_err(CliError::Signals)?;
    let stopper = Arc::new(stopper);
    let told = stopper.clone();
    std::thread::spawn(move || {
        let mut asked = Asked::default();
        for signal in signals.forever() {
            if asked.is_at_once(signal) {
                told.end();
            }
            told.save();
        }
    });
    std::thread::spawn(move || {
        Stop::receive(std::io::stdin(), |stop| match stop {
            Stop::Save => stopper.save(),
            Stop::AtOnce => stopper.end(),
        });
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

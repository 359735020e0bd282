//! The training process: one run, from its claim to its end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use burn::train::Interrupter;

use crate::device::DeviceSpec;
use crate::measure::{Epoch, Protocol, ProtocolId, metric};
use crate::prepare::{Inputs, Progress, fingerprints};
use crate::provenance::Provenance;
use crate::spec::{Fingerprints, Settings, Value};
use crate::stats::{BandRule, Convergence, band};
use crate::store::{
    Ending, EpochRecord, Hold, NewArtifact, NewConvergence, NewPicture, NewValue, Store, StoreError, Taken, Worker,
};

use super::TrainError;
use super::session::{Advance, EpochReport, Session};

/// How long a hold lasts without a heartbeat.
pub const LEASE: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Where the worker trains, and whom it tells.
pub struct Workplace<'a> {
    /// The device, chosen.
    pub device: DeviceSpec,
    /// The folder of prepared inputs.
    pub cache: &'a Path,
    /// Told how far preparing has come.
    pub progress: Progress<'a>,
    /// Told of every epoch.
    pub epochs: &'a dyn Fn(&EpochReport, Epoch),
    /// Told to stop from outside.
    pub interrupter: Interrupter,
}

/// Trains the run that is held, and lets go of it.
///
/// # Errors
///
/// If training cannot go on: the run is then recorded as failed, unless another worker has it by now.
pub fn train(store: &Store, hold: Hold, place: &Workplace) -> Result<Ending, TrainError> {
    let worker = Worker::this(&place.device.to_string());
    store.hold_on(hold, &worker, LEASE)?;
    let heartbeat = Heartbeat::start(store.path(), hold, worker, place.interrupter.clone());
    let result = run(store, hold, place);
    let lost = heartbeat.stop();
    let ending = match &result {
        Ok(ending) => ending.clone(),
        Err(error) => Ending::Failed { why: chain(error) },
    };
    if lost {
        return Err(StoreError::LostHold { run: hold.run }.into());
    }
    store.let_go(hold, &ending)?;
    result.map(|_| ending)
}

fn run(store: &Store, hold: Hold, place: &Workplace) -> Result<Ending, TrainError> {
    let taken = store.taken(hold)?;
    let root = taken.settings.get("data.root").and_then(Value::as_text).unwrap_or_default();
    let apart = [store.path(), place.cache, Path::new(root)];
    store.record_provenance(hold, &Provenance::gather(&place.device.to_string(), &apart).json())?;
    let mut session = session(&taken, place)?;
    match store.last_checkpoint(hold)? {
        None => store.rewind(hold, None)?,
        Some(last) => {
            session = session.resume(&store.files().join(&last.path), &last.sha256)?;
            store.rewind(hold, Some(last.epoch))?;
        }
    }
    let protocol = session.protocol().clone();
    while let Some(advance) = session.next() {
        match advance? {
            Advance::Epoch(report) => {
                record(store, hold, &session, &report, &protocol)?;
                (place.epochs)(&report, Epoch(taken.horizon));
            }
            Advance::Diverged { what } => {
                judge(store, hold)?;
                return Ok(Ending::Diverged { what });
            }
            Advance::Interrupted => return Ok(Ending::Interrupted),
        }
    }
    judge(store, hold)?;
    Ok(Ending::Finished { weights: session.weights() })
}

/// Records by which epoch each measure on held-out items had converged, under the default rule.
fn judge(store: &Store, hold: Hold) -> Result<(), TrainError> {
    let rule = BandRule::default();
    let mut outcomes = Vec::new();
    for series in store.series(hold.run)? {
        let Some(definition) = metric(&series.metric).filter(|_| series.protocol != ProtocolId::none()) else {
            continue;
        };
        // A metric of which neither end is better converges to nothing.
        let Ok(convergence) = band(&series.curve, definition.direction, &rule) else { continue };
        outcomes.push(NewConvergence {
            metric: series.metric,
            protocol: series.protocol,
            rule: serde_json::to_string(&rule)?,
            reached: match convergence {
                Convergence::Reached { epoch, after } => Ok((epoch, after)),
                Convergence::Censored { at, why } => Err((at, why.as_str())),
            },
        });
    }
    Ok(store.record_convergence(hold, &outcomes)?)
}

#[derive(serde::Deserialize)]
struct Identity {
    fingerprints: Fingerprints,
}

fn session(taken: &Taken, place: &Workplace) -> Result<Session, TrainError> {
    let settings = Settings::from_values(taken.settings.iter().map(|(key, value)| (key.as_str(), value)))?;
    let queued: Identity = serde_json::from_str(&taken.identity)?;
    let now = fingerprints(&settings)?;
    if let Some((what, _)) = queued.fingerprints.iter().find(|(role, print)| now.get(*role) != Some(print)) {
        return Err(TrainError::Changed { what: format!("{what} ({})", settings.data.root.display()) });
    }
    let device = place.device.open()?;
    let inputs = Inputs::prepare(&settings, &now, place.cache, &device, place.progress)?;
    let horizon = Epoch(taken.horizon);
    Ok(Session::new(settings, inputs, taken.seed, horizon, device, place.interrupter.clone()))
}

/// Saves the state, then the numbers and the state's row in one transaction, then drops what they replace.
fn record(
    store: &Store,
    hold: Hold,
    session: &Session,
    report: &EpochReport,
    protocol: &Protocol,
) -> Result<(), TrainError> {
    let path = format!("{}/{}-{}", hold.run, hold.attempt, report.step);
    let saved = session.save(&store.files().join(&path))?;
    let value = |protocol: &ProtocolId| {
        let protocol = protocol.clone();
        move |(metric, value): &(&'static str, f64)| NewValue { metric, protocol: protocol.clone(), value: *value }
    };
    let training = report.training.iter().map(value(&ProtocolId::none()));
    let evaluation = report.evaluation.iter().map(value(&protocol.id()));
    let picture = |image: &super::session::NewImage| NewPicture {
        role: image.role,
        columns: image.columns,
        tile: image.tile,
        png: image.png.clone(),
    };
    let replaced = store.record(
        hold,
        &EpochRecord {
            epoch: report.epoch,
            step: report.step,
            values: training.chain(evaluation).collect(),
            pictures: report.pictures.iter().map(picture).collect(),
            protocol: (!report.evaluation.is_empty()).then(|| protocol.clone()),
            checkpoint: NewArtifact { path, sha256: saved.sha256, bytes: saved.bytes },
        },
    )?;
    for path in replaced {
        let folder = store.files().join(path);
        // Their rows are gone, so they are rubbish; one that stays costs room and nothing else.
        if let Err(error) = std::fs::remove_dir_all(&folder) {
            eprintln!("note: {}: an old checkpoint cannot be removed: {error}", folder.display());
        }
    }
    Ok(())
}

/// Renews the hold from a thread of its own, and stops the session when the hold is lost.
struct Heartbeat {
    thread: std::thread::JoinHandle<()>,
    stop: std::sync::mpsc::Sender<()>,
    lost: Arc<AtomicBool>,
}

impl Heartbeat {
    fn start(path: &Path, hold: Hold, worker: Worker, interrupter: Interrupter) -> Self {
        let (stop, stopped) = channel();
        let lost = Arc::new(AtomicBool::new(false));
        let (path, flag) = (path.to_owned(), lost.clone());
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                let renewed = Store::open(&path).and_then(|store| store.hold_on(hold, &worker, LEASE));
                if matches!(renewed, Err(StoreError::LostHold { .. })) {
                    flag.store(true, Ordering::Relaxed);
                    interrupter.stop(Some("the run is held by another worker"));
                    return;
                }
            }
        });
        Self { thread, stop, lost }
    }

    fn stop(self) -> bool {
        drop(self.stop);
        // A heartbeat that panicked is a heartbeat that stopped: the lease then runs out by itself.
        drop(self.thread.join());
        self.lost.load(Ordering::Relaxed)
    }
}

/// An error and its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        // Some outer errors already end in their cause.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}

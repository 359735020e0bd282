//! The training process: one run, from its claim to its end.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burn::train::Interrupter;

use crate::device::DeviceSpec;
use crate::measure::{Epoch, Protocol, ProtocolId, metric};
use crate::prepare::{Cache, Inputs, Progress, fingerprints};
use crate::provenance::Provenance;
use crate::spec::{Fingerprints, Settings, Value};
use crate::stats::{BandRule, Convergence, band};
use crate::store::{
    Ending, EpochRecord, Hold, NewArtifact, NewConvergence, NewPicture, NewValue, Store, StoreError, Taken, Worker,
};

use super::fill::fill;
use super::heartbeat::Heartbeat;
use super::keep::{keep, keep_generator, sweep};
use super::session::{Advance, EpochReport, Session};
use super::{RunLog, TrainError};

/// Where the worker trains, and whom it tells.
pub struct Workplace<'a> {
    /// The device, chosen.
    pub device: DeviceSpec,
    /// The folder of prepared inputs.
    pub cache: &'a Cache,
    /// How long a hold lasts without a heartbeat.
    pub lease: Duration,
    /// Told how far preparing has come.
    pub progress: Progress<'a>,
    /// Told of every epoch.
    pub epochs: &'a dyn Fn(&EpochReport, Epoch),
    /// The run's own log.
    pub log: &'a RunLog,
    /// Told to stop from outside.
    pub interrupter: Interrupter,
    /// Raised when the inputs are there: from then on the interrupter is listened to.
    pub prepared: &'a AtomicBool,
}

/// Trains the run that is held, and lets go of it.
///
/// # Errors
///
/// If training cannot go on: the run is then recorded as failed. [`TrainError::Taken`] if the run was taken away:
/// nothing is then recorded.
pub fn train(store: &Store, hold: Hold, place: &Workplace) -> Result<Ending, TrainError> {
    let threads = rayon::current_num_threads();
    let (attempt, pid, device) = (hold.attempt, std::process::id(), place.device);
    place.log.note(&format!("attempt {attempt} begins: process {pid} on {device}, {threads} threads"));
    let result = attempt_run(store, hold, place).map_err(|error| taken_away(store, hold, error));
    place.log.note(&match &result {
        Ok(Ending::Diverged { what }) => format!("attempt {attempt} ends: diverged: {what}"),
        Ok(ending) => format!("attempt {attempt} ends: {}", ending.word()),
        Err(error) => format!("attempt {attempt} ends: {}", chain(error)),
    });
    result
}

fn attempt_run(store: &Store, hold: Hold, place: &Workplace) -> Result<Ending, TrainError> {
    let worker = Worker::this(&place.device.to_string());
    store.hold_on(hold, &worker, place.lease)?;
    let heartbeat = Heartbeat::start(store.path(), hold, worker, place.lease, place.interrupter.clone());
    let result = run(store, hold, place);
    heartbeat.stop();
    let ending = match &result {
        Ok(ending) => ending.clone(),
        Err(error) => Ending::Failed { why: chain(error) },
    };
    store.let_go(hold, &ending)?;
    result
}

/// What a lost hold means: who has the run now, or that it was cancelled.
fn taken_away(store: &Store, hold: Hold, error: TrainError) -> TrainError {
    match (&error, store.standing(hold)) {
        (TrainError::Store(StoreError::LostHold { run }), Ok(now)) => TrainError::Taken { run: *run, state: now.state },
        _ => error,
    }
}

fn run(store: &Store, hold: Hold, place: &Workplace) -> Result<Ending, TrainError> {
    let taken = store.taken(hold)?;
    let root = taken.settings.get("data.root").and_then(Value::as_text).unwrap_or_default();
    let apart = [store.path(), place.cache.folder(), Path::new(root)];
    store.record_provenance(hold, &Provenance::gather(&place.device.to_string(), &apart).json())?;
    let mut session = session(&taken, place)?;
    place.prepared.store(true, Ordering::SeqCst);
    match store.last_checkpoint(hold)? {
        None => {
            session.warnings().iter().for_each(|warning| place.log.note(&format!("warning: {warning}")));
            store.rewind(hold, None)?;
        }
        Some(last) => {
            session = session.resume(&store.files().join(&last.path), &last.sha256)?;
            store.rewind(hold, Some(last.epoch))?;
        }
    }
    sweep(store, hold)?;
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
            Advance::Interrupted => {
                pause(store, hold, &session, place.log)?;
                return Ok(Ending::Interrupted);
            }
        }
    }
    fill(store, hold, &session, place.log)?;
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
    let now = fingerprints(&settings, &place.cache.digests())?;
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
    let write = |checkpoint: NewArtifact, generator: Option<NewArtifact>| {
        let epoch = EpochRecord {
            epoch: report.epoch,
            step: report.step,
            values: training.chain(evaluation).collect(),
            pictures: report.pictures.iter().map(picture).collect(),
            protocol: (!report.evaluation.is_empty()).then(|| protocol.clone()),
            checkpoint,
            generator,
        };
        store.record(hold, &epoch)
    };
    match session.keeps(report.epoch) {
        true => keep_generator(store, hold, session, |generator| {
            keep(store, hold, session, |last| write(last, Some(generator)))
        }),
        false => keep(store, hold, session, |last| write(last, None)),
    }
}

/// Saves the steps that were made since the last checkpoint, so that the next attempt goes on within the epoch.
fn pause(store: &Store, hold: Hold, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (epoch, step) = session.position();
    let saved = store.last_checkpoint(hold)?.map_or(0, |last| last.step);
    if step > saved {
        keep(store, hold, session, |checkpoint| store.pause(hold, epoch, step, &checkpoint))?;
        log.say(&format!("stopped within epoch {}, at step {step}, and saved", epoch.next()));
    }
    Ok(())
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

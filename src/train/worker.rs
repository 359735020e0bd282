//! The training process: one run, from its claim to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burn::train::Interrupter;

use crate::device::DeviceSpec;
use crate::measure::{Epoch, ProtocolId, metric};
use crate::prepare::{Cache, FittedPart, Inputs, Progress, Resolved, fingerprints, resolve};
use crate::provenance::{Apart, Provenance};
use crate::spec::{Fingerprints, Setting, Settings, Value};
use crate::stats::{BandRule, Convergence, band};
use crate::store::{
    Ending, EpochRecord, Hold, NewArtifact, NewConvergence, NewPicture, NewValue, Store, StoreError, Taken, Worker,
};

use super::best::Best;
use super::evaluation::Measured;
use super::fill::fill;
use super::heartbeat::Heartbeat;
use super::keep::{keep, keep_generator, sweep};
use super::lock_wait::outlast;
use super::resume::resume;
use super::session::{Advance, EpochReport, Look, Session, Start};
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
        Err(error) => {
            let help = error.help().map_or(String::new(), |help| format!("\nhelp: {help}"));
            format!("attempt {attempt} ends: {}{help}", chain(error))
        }
    });
    result
}

fn attempt_run(store: &Store, hold: Hold, place: &Workplace) -> Result<Ending, TrainError> {
    let (log, interrupter) = (place.log.clone(), place.interrupter.clone());
    store.wait_for_lock(outlast(move |text| log.warn(text), move || interrupter.should_stop()));
    let worker = Worker::this(&place.device.to_string());
    store.hold_on(hold, &worker, place.lease)?;
    let heartbeat = Heartbeat::start(store.path(), hold, worker, place.lease, place.interrupter.clone());
    let result = run(store, hold, place);
    heartbeat.stop();
    let ending = match &result {
        Ok(ending) => ending.clone(),
        // Another process had the database, and this one was stopped before it let go: the run is as good as before.
        Err(TrainError::Store(error)) if error.is_locked() => Ending::Interrupted,
        Err(error) => Ending::Failed { why: chain(error) },
    };
    match (store.let_go(hold, &ending), result) {
        (Err(StoreError::LostHold { run }), _) => Err(StoreError::LostHold { run }.into()),
        // What stopped the training is what counts, not that its end could not be recorded either.
        (Err(unrecorded), Err(error)) => {
            place.log.note(&format!("the end of the attempt was not recorded: {}", chain(&unrecorded)));
            Err(error)
        }
        (Err(unrecorded), Ok(_)) => Err(unrecorded.into()),
        (Ok(()), result) => result,
    }
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
    let apart = Apart {
        database: store.path().to_owned(),
        folders: vec![place.cache.folder().to_owned(), PathBuf::from(root)],
    };
    let provenance = Provenance::gather(&place.device.to_string(), &apart);
    if let Some(reason) = provenance.git.as_ref().and_then(|git| git.error.as_ref()) {
        let reason: Vec<&str> = reason.split_whitespace().collect();
        place.log.warn(&format!("warning: not all of the code's state is recorded: {}", reason.join(" ")));
    }
    store.record_provenance(hold, &provenance.json())?;
    let (mut session, fitted) = session(&taken, place)?;
    place.prepared.store(true, Ordering::SeqCst);
    resume(store, hold, &mut session, &fitted, Epoch(taken.horizon), place.log)?;
    sweep(store, hold)?;
    let mut best = Best::of(store, hold.run, &session)?;
    while let Some(advance) = session.next() {
        match advance? {
            Advance::Epoch(report) => {
                if report.epoch == Epoch::ZERO {
                    tell_floors(store, hold, &session, place.log)?;
                }
                record(store, hold, &session, &report, &mut best)?;
                (place.epochs)(&report, Epoch(taken.horizon));
            }
            Advance::Diverged { what } => {
                judge(store, hold)?;
                let what = match store.last_checkpoint(hold.run)? {
                    Some(good) => {
                        format!("{what}; the last good checkpoint is of epoch {}, step {}", good.epoch, good.step)
                    }
                    None => what,
                };
                return Ok(Ending::Diverged { what });
            }
            Advance::Interrupted => {
                pause(store, hold, &session, place.log)?;
                return Ok(Ending::Interrupted);
            }
        }
    }
    fill(store, hold, &session, place.log)?;
    extrapolate(store, hold, &session, place.log)?;
    test(store, hold, &session, place.log)?;
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

fn session(taken: &Taken, place: &Workplace) -> Result<(Session, Vec<FittedPart>), TrainError> {
    let settings = Settings::from_values(taken.settings.iter().map(|(key, value)| (key.as_str(), value)))?;
    let queued: Identity = serde_json::from_str(&taken.identity)?;
    let now = fingerprints(&settings, &place.cache.digests())?;
    if let Some((what, _)) = queued.fingerprints.iter().find(|(role, print)| now.get(*role) != Some(print)) {
        return Err(TrainError::Changed { what: format!("{what} ({})", settings.data.root.display()) });
    }
    let device = place.device.open()?;
    let Resolved { settings, prints, fitted } = resolve(&settings, &now, place.cache, &device, place.progress)?;
    let inputs = Inputs::prepare(&settings, &prints, place.cache, &device, place.progress)?;
    let (seed, horizon, identity) = (taken.seed, Epoch(taken.horizon), identity(&taken.settings));
    let start = Start { settings, identity, inputs, seed, horizon, device };
    Ok((Session::new(start, place.cache, place.interrupter.clone())?, fitted))
}

/// The settings that make a run what it is.
fn identity(settings: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let counts = |key: &str, value: &Value| {
        Setting::find(key).is_some_and(|setting| setting.hashed && setting.default_value() != *value)
    };
    settings.iter().filter(|(key, value)| counts(key, value)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Says what the measures find in the held-out photos themselves: no sample can be expected to do better.
fn tell_floors(store: &Store, hold: Hold, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let floors = session.floors();
    if !floors.is_empty() {
        let listed: Vec<String> = floors.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
        let text = format!("of the held-out images themselves: {}", listed.join(", "));
        store.add_event(hold, "originals", &text)?;
        log.note(&text);
    }
    Ok(())
}

/// Takes the measures that take too many samples for a curve, where an earlier end of this run has not.
fn extrapolate(store: &Store, hold: Hold, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (epoch, step) = session.position();
    let mut is_missing = false;
    for name in session.measures_at_the_end() {
        let taken = store.measured(hold.run, &session.protocol(name).id())?;
        is_missing |= !taken.contains(&((*name).to_owned(), epoch));
    }
    if !is_missing {
        return Ok(());
    }
    log.note(&format!("{} of the generator of epoch {epoch}", session.measures_at_the_end().join(", ")));
    let values: Vec<NewValue> = session.extrapolate()?.into_iter().map(new).collect();
    Ok(store.record_once(hold, epoch, step, session.protocols(), &values)?)
}

fn new(Measured { metric, protocol, value }: Measured) -> NewValue {
    NewValue { metric, protocol, value }
}

/// Looks at the test items once, when the run has ended.
fn test(store: &Store, hold: Hold, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (last, last_step) = session.position();
    let best = match session.settings().eval.test.as_str() {
        "best" => store.best_generator(hold.run)?,
        "last" => None,
        _ => return Ok(()),
    };
    let folder;
    let (look, epoch, step) = match &best {
        Some(best) => {
            folder = store.files().join(&best.path);
            (Look::Kept(&folder, &best.sha256), best.epoch, best.step)
        }
        None => (Look::Now, last, last_step),
    };
    let values: Vec<NewValue> = match session.test(look) {
        Err(error @ TrainError::Damaged { .. }) => {
            let text = format!("the test items were not looked at, for the best generator was lost: {}", chain(&error));
            store.add_event(hold, "untested", &text)?;
            log.warn(&text);
            return Ok(());
        }
        values => values?.into_iter().map(new).collect(),
    };
    store.record_once(hold, epoch, step, session.protocols(), &values)?;
    log.note(&format!("the test items were looked at once, with the generator of epoch {epoch}"));
    Ok(())
}

/// Saves the state, then the numbers and the state's row in one transaction, then drops what they replace.
fn record(
    store: &Store,
    hold: Hold,
    session: &Session,
    report: &EpochReport,
    best: &mut Best,
) -> Result<(), TrainError> {
    let training = report.training.iter().map(|&(metric, value)| (metric, ProtocolId::none(), value));
    let evaluation = report.evaluation.iter();
    let evaluation = evaluation.map(|Measured { metric, protocol, value }| (*metric, protocol.clone(), *value));
    let values = training.chain(evaluation).map(|(metric, protocol, value)| NewValue { metric, protocol, value });
    let picture = |image: &super::session::NewImage| NewPicture {
        role: image.role,
        columns: image.columns,
        tile: image.tile,
        png: image.png.clone(),
    };
    let write = |checkpoint: NewArtifact, generator: Option<NewArtifact>, best: Option<NewArtifact>| {
        let epoch = EpochRecord {
            epoch: report.epoch,
            step: report.step,
            values: values.collect(),
            pictures: report.pictures.iter().map(picture).collect(),
            protocols: if report.pictures.is_empty() { Vec::new() } else { session.protocols().to_vec() },
            checkpoint,
            generator,
            best,
        };
        store.record(hold, &epoch)
    };
    let is_best = best.is_beaten_by(report);
    kept(store, hold, session, ("generator", session.keeps(report.epoch)), |generator| {
        kept(store, hold, session, ("best", is_best), |best| {
            keep(store, hold, session, |last| write(last, generator, best))
        })
    })
}

/// Saves the generator under a name where it is wanted, and goes on to `write`.
fn kept(
    store: &Store,
    hold: Hold,
    session: &Session,
    (name, is_wanted): (&str, bool),
    write: impl FnOnce(Option<NewArtifact>) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    match is_wanted {
        true => keep_generator(store, hold, session, name, write),
        false => write(None),
    }
}

/// Saves the steps that were made since the last checkpoint, so that the next attempt goes on within the epoch.
fn pause(store: &Store, hold: Hold, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (epoch, step) = session.position();
    let saved = store.last_checkpoint(hold.run)?.map_or(0, |last| last.step);
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

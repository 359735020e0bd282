//! The training process: trains one run, from its claim to its end.

mod artifacts;
mod best;
mod final_evaluation;
mod heartbeat;
mod missing_measures;
mod resume;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burn::train::Interrupter;

use crate::device::DeviceSpec;
use crate::error_chain::error_chain;
use crate::measure::{Epoch, ProtocolId, metric};
use crate::prepare::{Cache, FittedNetwork, Inputs, OnEvent, Resolved, resolve};
use crate::provenance::{IgnoredPaths, Provenance};
use crate::spec::{Setting, Settings, Value};
use crate::stats::{BandRule, CensorReason, Convergence, Rule, StoredRule, TrainingCost};
use crate::store::{
    AttemptOutcome, ClaimedRun, EpochRecord, Lease, NewArtifact, NewConvergence, NewImageGrid, NewValue, RuleResult,
    Store, StoreError, Worker,
};

use super::evaluation::{ImageGrid, Measurement};
use super::input_check::check_fingerprints;
use super::lock_wait::lock_wait;
use super::session::{EpochReport, Session, SessionEvent, Start};
use super::{RunLog, TrainError};
pub use artifacts::remove_folder;
use artifacts::{remove_orphaned_folders, save_checkpoint, save_generator};
use best::Best;
use final_evaluation::{evaluate_final, evaluate_test, record_original_values};
use heartbeat::Heartbeat;
use missing_measures::add_missing_measures;
pub use resume::require_files;
use resume::resume;

/// The environment of a worker, and who receives its events.
pub struct WorkerContext<'a> {
    /// The chosen device.
    pub device: DeviceSpec,
    /// The folder of prepared inputs.
    pub cache: &'a Cache,
    /// How long a lease is valid without a heartbeat.
    pub lease: Duration,
    /// Receives the events of preparation.
    pub progress: OnEvent<'a>,
    /// Receives the report of every epoch, and the last epoch.
    pub epochs: &'a dyn Fn(&EpochReport, Epoch),
    /// The log of the run.
    pub log: &'a RunLog,
    /// Receives stop requests.
    pub interrupter: Interrupter,
    /// Set when the inputs are prepared. From then on the interrupter is checked.
    pub prepared: &'a AtomicBool,
}

/// Trains the run of the lease, and releases the lease.
///
/// # Errors
///
/// If training fails; the run is then recorded as failed. [`TrainError::LostLease`] if the lease was lost; nothing is
/// then recorded.
pub fn train(store: &Store, lease: Lease, context: &WorkerContext) -> Result<AttemptOutcome, TrainError> {
    let threads = rayon::current_num_threads();
    let (attempt, pid, device) = (lease.attempt, std::process::id(), context.device);
    context.log.write(&format!("attempt {attempt} begins: process {pid} on {device}, {threads} threads"));
    let result = run_attempt(store, lease, context).map_err(|error| with_run_state(store, lease, error));
    context.log.write(&match &result {
        Ok(AttemptOutcome::Diverged { what }) => format!("attempt {attempt} ends: diverged: {what}"),
        Ok(outcome) => format!("attempt {attempt} ends: {}", outcome.as_str()),
        Err(error) => {
            let help = error.help().map_or(String::new(), |help| format!("\nhelp: {help}"));
            format!("attempt {attempt} ends: {}{help}", error_chain(error))
        }
    });
    result
}

/// Trains with a heartbeat, and releases the lease.
fn run_attempt(store: &Store, lease: Lease, context: &WorkerContext) -> Result<AttemptOutcome, TrainError> {
    let (log, interrupter) = (context.log.clone(), context.interrupter.clone());
    store.set_lock_wait(lock_wait(move |text| log.warn(text), move || interrupter.should_stop()));
    let worker = Worker::this(&context.device.to_string());
    store.renew(lease, &worker, context.lease)?;
    let heartbeat = Heartbeat::start(store.path(), lease, worker, context.lease, context.interrupter.clone());
    let result = run(store, lease, context);
    heartbeat.stop();
    let outcome = match &result {
        Ok(outcome) => outcome.clone(),
        // A stop was requested while another process had locked the database. The run can be resumed.
        Err(TrainError::Store(error)) if error.is_locked() => AttemptOutcome::Interrupted,
        Err(error) => AttemptOutcome::Failed { why: error_chain(error) },
    };
    match (store.release(lease, &outcome), result) {
        (Err(StoreError::LostLease { run }), _) => Err(StoreError::LostLease { run }.into()),
        // The error that ended the training is more important than the one of recording it.
        (Err(unrecorded), Err(error)) => {
            context.log.write(&format!("the end of the attempt was not recorded: {}", error_chain(&unrecorded)));
            Err(error)
        }
        (Err(unrecorded), Ok(_)) => Err(unrecorded.into()),
        (Ok(()), result) => result,
    }
}

/// Adds the state of the run to the error of a lost lease.
fn with_run_state(store: &Store, lease: Lease, error: TrainError) -> TrainError {
    match (&error, store.lease_status(lease)) {
        (TrainError::Store(StoreError::LostLease { run }), Ok(now)) => {
            TrainError::LostLease { run: *run, state: now.state }
        }
        _ => error,
    }
}

fn run(store: &Store, lease: Lease, context: &WorkerContext) -> Result<AttemptOutcome, TrainError> {
    let claimed = store.claimed_run(lease)?;
    record_provenance(store, lease, &claimed, context)?;
    let (mut session, fitted) = session(&claimed, context)?;
    context.prepared.store(true, Ordering::SeqCst);
    resume(store, lease, &mut session, &fitted, Epoch(claimed.horizon), context.log)?;
    remove_orphaned_folders(store, lease)?;
    let mut best = Best::read(store, lease.run, &session)?;
    while let Some(event) = session.next() {
        match event? {
            SessionEvent::Epoch(report) => {
                if report.epoch == Epoch::ZERO {
                    record_original_values(store, lease, &session, context.log)?;
                }
                record_epoch(store, lease, &session, &report, &mut best)?;
                (context.epochs)(&report, Epoch(claimed.horizon));
            }
            SessionEvent::Diverged { what } => {
                record_convergence(store, lease, &claimed, true)?;
                let what = match store.last_checkpoint(lease.run)? {
                    Some(good) => {
                        format!("{what}; the last good checkpoint is of epoch {}, step {}", good.epoch, good.step)
                    }
                    None => what,
                };
                return Ok(AttemptOutcome::Diverged { what });
            }
            SessionEvent::Interrupted => {
                save_partial_epoch(store, lease, &session, context.log)?;
                return Ok(AttemptOutcome::Interrupted);
            }
        }
    }
    add_missing_measures(store, lease, &session, context.log)?;
    evaluate_final(store, lease, &session, context.log)?;
    evaluate_test(store, lease, &session, context.log)?;
    record_convergence(store, lease, &claimed, false)?;
    Ok(AttemptOutcome::Finished { weights: session.weights() })
}

fn record_provenance(
    store: &Store,
    lease: Lease,
    claimed: &ClaimedRun,
    context: &WorkerContext,
) -> Result<(), TrainError> {
    let root = claimed.settings.get("data.root").and_then(Value::as_text).unwrap_or_default();
    let ignored = IgnoredPaths {
        database: store.path().to_owned(),
        folders: vec![context.cache.folder().to_owned(), PathBuf::from(root)],
    };
    let provenance = Provenance::gather(&context.device.to_string(), &ignored);
    if let Some(reason) = provenance.git.as_ref().and_then(|git| git.error.as_ref()) {
        let reason: Vec<&str> = reason.split_whitespace().collect();
        context.log.warn(&format!("warning: the state of the code is not recorded completely: {}", reason.join(" ")));
    }
    Ok(store.record_provenance(lease, &provenance.to_json())?)
}

/// Records the epoch at which each measure on held-out items has converged, by the default rule. A diverged run has not
/// converged by its horizon.
fn record_convergence(store: &Store, lease: Lease, claimed: &ClaimedRun, diverged: bool) -> Result<(), TrainError> {
    let rule = Rule::Band(BandRule::default());
    let all = store.series(lease.run)?;
    let rates = all.iter().find(|series| series.metric == "images_per_second").map(|series| &series.curve);
    let batch = claimed.settings.get("train.batch").and_then(Value::as_integer).unwrap_or_default().unsigned_abs();
    let trained = store.run(lease.run)?.map(|run| (run.step, run.epoch));
    let cost = trained.and_then(|(steps, epochs)| TrainingCost::new(steps, epochs, batch, rates));
    let mut outcomes = Vec::new();
    for series in &all {
        let Some(definition) = metric(&series.metric).filter(|_| series.protocol != ProtocolId::none()) else {
            continue;
        };
        // A metric without a better direction has no convergence.
        let Ok(assessed) = rule.assess(&series.curve, definition.direction) else { continue };
        let convergence = match diverged {
            true => Convergence::Censored { at: Epoch(claimed.horizon), why: CensorReason::NonFinite },
            false => assessed,
        };
        let target = cost.as_ref().map(|cost| cost.to_target(convergence));
        outcomes.push(NewConvergence {
            metric: series.metric.clone(),
            protocol: series.protocol.clone(),
            rule: StoredRule::Convergence(rule).json(),
            result: match convergence {
                Convergence::Reached { epoch, after } => RuleResult::Reached { epoch, after },
                Convergence::Censored { at, why } => RuleResult::Censored { at, why: why.as_str() },
            },
            images: target.map(|target| target.images.round() as u64),
            device_seconds: target.and_then(|target| target.seconds),
        });
    }
    Ok(store.record_convergence(lease, &outcomes)?)
}

fn session(claimed: &ClaimedRun, context: &WorkerContext) -> Result<(Session, Vec<FittedNetwork>), TrainError> {
    let settings = Settings::from_values(claimed.settings.iter().map(|(key, value)| (key.as_str(), value)))?;
    let now = check_fingerprints(&settings, Some(&claimed.identity), context.cache)?;
    let device = context.device.open()?;
    let Resolved { settings, prints, fitted } = resolve(&settings, &now, context.cache, &device, context.progress)?;
    let inputs = Inputs::prepare(&settings, &prints, context.cache, &device, context.progress)?;
    let (seed, horizon, identity) = (claimed.seed, Epoch(claimed.horizon), identity(&claimed.settings));
    let start = Start { settings, identity, inputs, seed, horizon, device };
    Ok((Session::new(start, context.cache, context.interrupter.clone())?, fitted))
}

/// The settings that identify the run: those that are hashed and differ from their default.
fn identity(settings: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let is_part = |key: &str, value: &Value| {
        Setting::find(key).is_some_and(|setting| setting.hashed && setting.default_value() != *value)
    };
    let part = settings.iter().filter(|(key, value)| is_part(key, value));
    part.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Saves the state, then records the values and the checkpoint in one transaction, then removes the replaced folders.
fn record_epoch(
    store: &Store,
    lease: Lease,
    session: &Session,
    report: &EpochReport,
    best: &mut Best,
) -> Result<(), TrainError> {
    let training = report.training.iter().map(|&(metric, value)| (metric, ProtocolId::none(), value));
    let evaluation = report.evaluation.iter();
    let evaluation = evaluation.map(|Measurement { metric, protocol, value }| (*metric, protocol.clone(), *value));
    let values = training.chain(evaluation).map(|(metric, protocol, value)| NewValue { metric, protocol, value });
    let new_grid = |grid: &ImageGrid| NewImageGrid {
        role: grid.role,
        columns: grid.columns,
        tile: grid.tile,
        png: grid.png.clone(),
    };
    let write = |checkpoint: NewArtifact, generator: Option<NewArtifact>, best: Option<NewArtifact>| {
        let epoch = EpochRecord {
            epoch: report.epoch,
            step: report.step,
            values: values.collect(),
            image_grids: report.grids.iter().map(new_grid).collect(),
            protocols: if report.grids.is_empty() { Vec::new() } else { session.protocols().to_vec() },
            checkpoint,
            generator,
            best,
        };
        store.record_epoch(lease, &epoch)
    };
    let is_best = best.update(report);
    save_generator_if(store, lease, session, ("generator", session.keeps_generator(report.epoch)), |generator| {
        save_generator_if(store, lease, session, ("best", is_best), |best| {
            save_checkpoint(store, lease, session, |last| write(last, generator, best))
        })
    })
}

/// Saves the generator under a name if required, and calls `write`.
fn save_generator_if(
    store: &Store,
    lease: Lease,
    session: &Session,
    (name, is_required): (&str, bool),
    write: impl FnOnce(Option<NewArtifact>) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    match is_required {
        true => save_generator(store, lease, session, name, write),
        false => write(None),
    }
}

/// Saves the steps since the last checkpoint, so that the next attempt resumes within the epoch.
fn save_partial_epoch(store: &Store, lease: Lease, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (epoch, step) = session.position();
    let saved = store.last_checkpoint(lease.run)?.map_or(0, |last| last.step);
    if step > saved {
        save_checkpoint(store, lease, session, |checkpoint| store.record_checkpoint(lease, epoch, step, &checkpoint))?;
        log.info(&format!("stopped within epoch {}, at step {step}, and saved", epoch.next()));
    }
    Ok(())
}

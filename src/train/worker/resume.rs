//! Resuming a run from its last checkpoint, or starting it from the beginning.

use crate::error_chain::error_chain;
use crate::measure::Epoch;
use crate::prepare::FittedNetwork;
use crate::store::{AttemptOutcome, FittedFile, Lease, Store};
use crate::train::input_check::check_fitted_files;
use crate::train::session::Session;
use crate::train::{RunLog, TrainError};

/// Loads the last checkpoint into the session, and rewinds the database to it.
///
/// A run has one complete checkpoint. If it is missing or damaged, the run is trained again from its beginning, with a
/// line in the log and an event in the database. This does not apply to a run that reached its horizon: its
/// measurements would be deleted only to evaluate a measure that was added.
///
/// # Errors
///
/// [`TrainError::Damaged`] for a run that reached its horizon, [`TrainError::Incompatible`] if the checkpoint is of
/// another run or format, and if the database cannot be written.
pub fn resume(
    store: &Store,
    lease: Lease,
    session: &mut Session,
    fitted: &[FittedNetwork],
    horizon: Epoch,
    log: &RunLog,
) -> Result<(), TrainError> {
    let Some(last) = store.last_checkpoint(lease.run)? else { return begin(store, lease, session, fitted, log) };
    match session.resume(&store.files().join(&last.path), &last.sha256) {
        Ok(()) => {
            check_fitted_files(store, lease.run, fitted)?;
            Ok(store.rewind(lease, Some(last.epoch))?)
        }
        Err(TrainError::Damaged { path, why }) if last.epoch < horizon => {
            let at = format!("epoch {}, step {}", last.epoch, last.step);
            let path = path.display();
            let text = format!("from the beginning: the checkpoint of {at} is missing or damaged: {path}: {why}");
            store.restart(lease, &text)?;
            log.warn(&format!("trained again {text}"));
            begin(store, lease, session, fitted, log)
        }
        Err(error) => Err(error),
    }
}

fn begin(
    store: &Store,
    lease: Lease,
    session: &Session,
    fitted: &[FittedNetwork],
    log: &RunLog,
) -> Result<(), TrainError> {
    session.warnings().iter().for_each(|warning| log.write(&format!("warning: {warning}")));
    store.rewind(lease, None)?;
    for part in fitted {
        log.write(&part.summary());
        store.record_fitted(lease, &fitted_file(part)?)?;
    }
    Ok(())
}

/// Marks a run as failed if it has a checkpoint and its whole folder is missing, with its log. A disk that is not
/// mounted has this effect, and every run would be trained again. Must be called before anything is written to the
/// folder.
///
/// # Errors
///
/// [`TrainError::MissingFiles`], which is also recorded in the database.
pub fn require_files(store: &Store, lease: Lease) -> Result<(), TrainError> {
    let folder = store.files().join(lease.run.to_string());
    if folder.is_dir() || store.last_checkpoint(lease.run)?.is_none() {
        return Ok(());
    }
    let error = TrainError::MissingFiles { path: folder, run: lease.run };
    store.release(lease, &AttemptOutcome::Failed { why: error_chain(&error) })?;
    Err(error)
}

/// The database record of a fitted network.
fn fitted_file(part: &FittedNetwork) -> Result<FittedFile, TrainError> {
    Ok(FittedFile {
        setting: part.setting().to_owned(),
        recipe: part.recipe().to_owned(),
        sha256: part.sha256().to_owned(),
        record: part.record()?,
    })
}

//! Where an attempt goes on from: the last checkpoint, or the beginning where there is none or it was lost.

use crate::measure::Epoch;
use crate::prepare::FittedPart;
use crate::store::{Ending, FittedFile, Hold, RunId, Store};

use super::session::Session;
use super::worker::chain;
use super::{RunLog, TrainError};

/// Brings the session and the record to where the run goes on from.
///
/// A run keeps one whole state, so when that is missing or damaged it is trained again from its beginning, with a note in
/// the log and an event in the record. One that was trained to its end is left as it is: what it measured would be
/// thrown away for nothing but a measure that was added.
///
/// # Errors
///
/// [`TrainError::Damaged`] for a run that was trained to its end, [`TrainError::Refused`] if the checkpoint is whole and
/// of something else, and if the database cannot be written.
pub fn resume(
    store: &Store,
    hold: Hold,
    session: &mut Session,
    fitted: &[FittedPart],
    horizon: Epoch,
    log: &RunLog,
) -> Result<(), TrainError> {
    let Some(last) = store.last_checkpoint(hold.run)? else { return begin(store, hold, session, fitted, log) };
    match session.resume(&store.files().join(&last.path), &last.sha256) {
        Ok(()) => {
            same_weights(store, hold.run, fitted)?;
            Ok(store.rewind(hold, Some(last.epoch))?)
        }
        Err(TrainError::Damaged { path, why }) if last.epoch < horizon => {
            let at = format!("epoch {}, step {}", last.epoch, last.step);
            let text = format!(
                "from the beginning, since the checkpoint of {at} is lost or damaged: {}: {why}",
                path.display()
            );
            store.restart(hold, &text)?;
            log.warn(&format!("trained again {text}"));
            begin(store, hold, session, fitted, log)
        }
        Err(error) => Err(error),
    }
}

fn begin(store: &Store, hold: Hold, session: &Session, fitted: &[FittedPart], log: &RunLog) -> Result<(), TrainError> {
    session.warnings().iter().for_each(|warning| log.note(&format!("warning: {warning}")));
    store.rewind(hold, None)?;
    for part in fitted {
        log.note(&part.about());
        store.record_fitted(hold, &file(part)?)?;
    }
    Ok(())
}

/// Fails a run that was begun and whose whole folder is gone, its log too: a disk that is not mounted looks like that,
/// and every run would be trained anew. To be called before anything is written to the folder.
///
/// # Errors
///
/// [`TrainError::NoFiles`], which is then recorded of the run.
pub fn require_files(store: &Store, hold: Hold) -> Result<(), TrainError> {
    let folder = store.files().join(hold.run.to_string());
    if folder.is_dir() || store.last_checkpoint(hold.run)?.is_none() {
        return Ok(());
    }
    let error = TrainError::NoFiles { path: folder, run: hold.run };
    store.let_go(hold, &Ending::Failed { why: chain(&error) })?;
    Err(error)
}

/// What the database keeps of a fitted network.
fn file(part: &FittedPart) -> Result<FittedFile, TrainError> {
    Ok(FittedFile {
        setting: part.setting().to_owned(),
        recipe: part.recipe().to_owned(),
        sha256: part.sha256().to_owned(),
        record: part.record()?,
    })
}

/// Refuses to go on with other weights than the run was begun with.
pub(super) fn same_weights(store: &Store, run: RunId, fitted: &[FittedPart]) -> Result<(), TrainError> {
    for FittedFile { setting, sha256: before, .. } in store.fitted(run)? {
        let now = fitted.iter().find(|part| part.setting() == setting && part.sha256() != before);
        if let Some(now) = now.map(|part| part.sha256().to_owned()) {
            return Err(TrainError::Refitted { setting, before, now });
        }
    }
    Ok(())
}

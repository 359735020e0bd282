//! Checks that the inputs of a run are those that it was queued and begun with.

use crate::prepare::{Cache, FittedNetwork, fingerprints};
use crate::spec::{Fingerprints, Settings};
use crate::store::{FittedFile, RunId, Store};

use super::TrainError;

/// The part of a cell's identity that is checked.
#[derive(serde::Deserialize)]
struct Identity {
    fingerprints: Fingerprints,
}

/// The fingerprints of the inputs now. `identity` is the recorded identity of the cell as JSON.
///
/// # Errors
///
/// [`TrainError::Changed`] if an input differs from the recorded one: captions and guides would have another meaning.
pub(super) fn check_fingerprints(
    settings: &Settings,
    identity: Option<&str>,
    cache: &Cache,
) -> Result<Fingerprints, TrainError> {
    let recorded = |json| serde_json::from_str::<Identity>(json).map(|identity| identity.fingerprints);
    let recorded = identity.map(recorded).transpose()?.unwrap_or_default();
    let now = fingerprints(settings, &cache.digests())?;
    match recorded.iter().find(|(role, print)| now.get(*role) != Some(print)) {
        None => Ok(now),
        Some((what, _)) => Err(TrainError::Changed { what: format!("{what} ({})", settings.data.root.display()) }),
    }
}

/// Checks that fitted files are those that the run was begun with.
///
/// # Errors
///
/// [`TrainError::FittedFileChanged`] if one is not.
pub(super) fn check_fitted_files(store: &Store, run: RunId, fitted: &[FittedNetwork]) -> Result<(), TrainError> {
    for FittedFile { setting, sha256: before, .. } in store.fitted(run)? {
        let now = fitted.iter().find(|part| part.setting() == setting && part.sha256() != before);
        if let Some(now) = now.map(|part| part.sha256().to_owned()) {
            return Err(TrainError::FittedFileChanged { setting, before, now });
        }
    }
    Ok(())
}

//! Checks that the files of the database exist and are those that were written.

use std::path::Path;

use crate::store::{Finding, RunState, Store};

use super::TrainError;
use super::checkpoint::{digest_of_generator, digest_of_state};

/// Checks every checkpoint folder in the database: that it exists and has the recorded hash. Returns the number of
/// folders and the findings.
///
/// # Errors
///
/// If the database cannot be read.
pub fn verify(store: &Store) -> Result<(usize, Vec<Finding>), TrainError> {
    let artifacts = store.artifacts()?;
    let mut findings = Vec::new();
    for artifact in &artifacts {
        let folder = store.files().join(&artifact.path);
        let digest = match artifact.kind.as_str() {
            "last" => digest_of_state(&folder),
            _ => digest_of_generator(&folder),
        };
        let fault = match digest {
            Ok(sha256) if sha256 == artifact.sha256 => continue,
            Ok(_) => "are not the ones that were written",
            Err(_) if !folder.exists() => "are missing",
            Err(_) => "cannot be read",
        };
        // A running run replaces its checkpoint at every epoch.
        if !store.artifact_paths(artifact.run)?.contains(&artifact.path) {
            continue;
        }
        let fault = format!("the files of {} {fault}", description(&folder, &artifact.kind));
        findings.push(Finding::of_run(artifact.run, fault, remedy(&artifact.kind, artifact.state)));
    }
    Ok((artifacts.len(), findings))
}

fn description(folder: &Path, kind: &str) -> String {
    let kind = match kind {
        "last" => "the last checkpoint",
        "best" => "the best generator",
        _ => "a saved generator",
    };
    format!("{kind} ({})", folder.display())
}

fn remedy(kind: &str, state: RunState) -> &'static str {
    match (kind, state) {
        ("last", RunState::Finished | RunState::Diverged) => {
            "restore the folder from a copy; without it the run cannot be sampled or trained further"
        }
        ("last", _) => {
            "restore the folder from a copy, or train the run from its beginning: `jem retry RUN --from-start`"
        }
        _ => "restore the folder from a copy; without it this generator cannot be sampled",
    }
}

//! The identity of a cell: a hash that stays the same across upgrades, reorderings and spellings.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{PlannedCell, Value};

/// The version of the identity's own form. Raised only if what is hashed changes its meaning.
const FORMAT: u32 = 1;

/// Content hashes of what a cell reads, by role (`data`, `segmentation`, `guide.weights`).
pub type Fingerprints = BTreeMap<String, String>;

#[derive(Serialize)]
struct Identity<'a> {
    format: u32,
    settings: BTreeMap<&'static str, Value>,
    fingerprints: &'a Fingerprints,
}

/// The JSON that a cell's id is the hash of: format, sorted distinct settings, fingerprints.
///
/// Weights that are a file count by their fingerprint, not by their path.
pub fn canonical(cell: &PlannedCell, fingerprints: &Fingerprints) -> String {
    let mut settings = cell.identity();
    for weights in ["guide.weights", "text.weights"] {
        if fingerprints.contains_key(weights) {
            settings.remove(weights);
        }
    }
    let identity = Identity { format: FORMAT, settings, fingerprints };
    serde_json::to_string(&identity).expect("an identity holds only text and finite numbers")
}

/// The cell's id: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON.
pub fn cell_id(cell: &PlannedCell, fingerprints: &Fingerprints) -> String {
    let digest = Sha256::digest(canonical(cell, fingerprints).as_bytes());
    hex::encode(&digest[..8])
}

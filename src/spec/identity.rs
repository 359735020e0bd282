//! The identity of a cell: a hash that does not depend on jem's version or on the order and spelling of keys.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{PlannedCell, Value};

/// The version of the identity's format. Increased only if the meaning of the hashed JSON changes.
const FORMAT: u32 = 1;

/// Content hashes of the inputs of a cell, by role (`data`, `segmentation`, `guide.weights`).
pub type Fingerprints = BTreeMap<String, String>;

#[derive(Serialize)]
struct Identity<'a> {
    format: u32,
    settings: BTreeMap<&'static str, Value>,
    fingerprints: &'a Fingerprints,
}

/// The JSON that is hashed to a cell's id: the format, the settings that differ from their defaults, and the
/// fingerprints.
///
/// A file of weights is represented by its fingerprint and not by its path.
pub fn canonical(cell: &PlannedCell, fingerprints: &Fingerprints) -> String {
    let mut settings = cell.identity();
    for weights in ["guide.weights", "text.weights"] {
        if fingerprints.contains_key(weights) {
            settings.remove(weights);
        }
    }
    let identity = Identity { format: FORMAT, settings, fingerprints };
    serde_json::to_string(&identity).expect("strings and finite numbers can be serialized")
}

/// The cell's id: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON.
pub fn cell_id(cell: &PlannedCell, fingerprints: &Fingerprints) -> String {
    let digest = Sha256::digest(canonical(cell, fingerprints).as_bytes());
    hex::encode(&digest[..8])
}

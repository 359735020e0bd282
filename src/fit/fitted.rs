//! What fitting leaves: a file of weights, and a record of how it came about.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::FitError;

/// The weights, under torchvision's names.
pub(super) const WEIGHTS: &str = "weights.safetensors";
/// The record; where it is, the weights are whole.
const RECORD: &str = "record.json";

/// How well held-out images were told apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The mean cross-entropy.
    pub loss: f64,
    /// The share whose class came first, 0 to 1.
    pub top1: f64,
    /// The share whose class was among the first five, 0 to 1.
    pub top5: f64,
}

impl Score {
    /// Whether it tells more apart than another, or as many with less doubt.
    pub(super) fn beats(&self, other: &Score) -> bool {
        self.top1 > other.top1 || (self.top1 == other.top1 && self.loss < other.loss)
    }
}

/// Weights that were fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// All that they follow from ([`Recipe::print`](super::Recipe::print)).
    pub recipe: String,
    /// SHA-256 of the file of weights.
    pub sha256: String,
    /// The classes that were told apart, in the order of the last layer's outputs.
    pub classes: Vec<u16>,
    /// Images that were learned from.
    pub learned: usize,
    /// Images that it was tried on.
    pub held_out: usize,
    /// Epochs that were done.
    pub epochs: u32,
    /// The one whose weights these are.
    pub epoch: u32,
    /// How they did.
    pub score: Score,
    /// How each epoch did, the first one first.
    pub history: Vec<Score>,
}

impl Fitted {
    /// The file of weights in the folder of a fit.
    pub fn weights(folder: &Path) -> PathBuf {
        folder.join(WEIGHTS)
    }

    /// The record in `folder`, if fitting was finished there.
    ///
    /// # Errors
    ///
    /// If it is there and cannot be read, or the weights are not there.
    pub fn read(folder: &Path) -> Result<Option<Self>, FitError> {
        let path = folder.join(RECORD);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FitError::File { path, source }),
        };
        let record: Self =
            serde_json::from_slice(&text).map_err(|error| FitError::Damaged { path, why: error.to_string() })?;
        let weights = Self::weights(folder);
        File::open(&weights).map_err(|source| FitError::File { path: weights, source })?;
        Ok(Some(record))
    }

    /// What came of it, in a sentence.
    pub fn about(&self) -> String {
        let Self { classes, learned, held_out, epochs, epoch, score, sha256, .. } = self;
        format!(
            "the guide's network was fitted on {learned} images of {} classes: of {held_out} held out it tells {:.1} % at \
             once and {:.1} % within five (by chance {:.1} %), after epoch {epoch} of {epochs}; SHA-256 {}",
            classes.len(),
            100.0 * score.top1,
            100.0 * score.top5,
            100.0 / classes.len() as f64,
            &sha256[..16],
        )
    }

    /// Writes the record, by which the weights are whole.
    pub(super) fn write(&self, folder: &Path) -> Result<(), FitError> {
        let json = serde_json::to_vec_pretty(self).expect("a record holds text and finite numbers");
        put(&folder.join(RECORD), &json)
    }
}

/// Writes named tensors as a safetensors file, and gives its SHA-256.
pub(super) fn write_weights(
    folder: &Path,
    state: Vec<(String, Vec<usize>, Vec<f32>)>,
    about: &str,
) -> Result<String, FitError> {
    let path = folder.join(WEIGHTS);
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = state
        .into_iter()
        .map(|(name, shape, values)| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many bytes as the shape says"))
    });
    let about = HashMap::from([("fit".to_owned(), about.to_owned())]);
    let file = safetensors::serialize(views, Some(about))
        .map_err(|error| FitError::Damaged { path: path.clone(), why: error.to_string() })?;
    put(&path, &file)?;
    Ok(hex::encode(Sha256::digest(&file)))
}

/// Writes a file that has its name only when all of it is on the disk.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), FitError> {
    let failed = |source| FitError::File { path: path.into(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let draft = tempfile::Builder::new().prefix(".draft-").tempfile_in(folder).map_err(failed)?;
    std::fs::write(draft.path(), bytes).map_err(failed)?;
    draft.as_file().sync_all().map_err(failed)?;
    draft.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

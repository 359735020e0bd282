//! What fitting leaves: a file of weights, and a record of how it came about.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::FitError;
use super::folder::{put, record};
use super::state::Graded;

/// The weights, under torchvision's names.
pub(super) const WEIGHTS: &str = "weights.safetensors";

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

impl Graded for Score {
    /// Whether it tells more apart than another, or as many with less doubt.
    fn beats(&self, other: &Score) -> bool {
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
        record(folder, &Self::weights(folder))
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

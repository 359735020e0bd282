//! The result of fitting a network: a file of weights and a record.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::FitError;
use super::folder::{read_record, write_file};
use super::state::EpochScore;

/// The file of weights, with torchvision's parameter names.
pub(super) const WEIGHTS: &str = "weights.safetensors";

/// Loss and accuracy on the held-out images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValidationScore {
    /// The mean cross-entropy.
    pub loss: f64,
    /// Top-1 accuracy, from 0 to 1.
    pub top1: f64,
    /// Top-5 accuracy, from 0 to 1.
    pub top5: f64,
}

impl EpochScore for ValidationScore {
    /// Whether top-1 accuracy is higher, or equal with a lower loss.
    fn is_better_than(&self, other: &ValidationScore) -> bool {
        self.top1 > other.top1 || (self.top1 == other.top1 && self.loss < other.loss)
    }
}

/// The record of a fitted network, which is stored as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedWeights {
    /// The recipe ([`Recipe::fingerprint`](super::Recipe::fingerprint)).
    pub recipe: String,
    /// SHA-256 of the file of weights.
    pub sha256: String,
    /// The class of each output of the last layer.
    pub classes: Vec<u16>,
    /// The number of training images.
    #[serde(rename = "learned")]
    pub train_images: usize,
    /// The number of held-out images.
    #[serde(rename = "held_out")]
    pub held_out_images: usize,
    /// The number of epochs.
    pub epochs: u32,
    /// The best epoch, from 1. The weights are those after this epoch.
    pub epoch: u32,
    /// The score of the best epoch.
    pub score: ValidationScore,
    /// The score of each epoch, in order.
    pub history: Vec<ValidationScore>,
}

impl FittedWeights {
    /// The path of the weights in the folder of a fit.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(WEIGHTS)
    }

    /// Reads the record in `folder`. Returns `None` if the fit is not complete.
    ///
    /// # Errors
    ///
    /// If the record cannot be read, or the weights are missing.
    pub fn read(folder: &Path) -> Result<Option<Self>, FitError> {
        read_record(folder, &Self::path(folder))
    }

    /// A summary of the record in one sentence.
    pub fn summary(&self) -> String {
        let Self { classes, train_images, held_out_images, epochs, epoch, score, sha256, .. } = self;
        format!(
            "the guide's network was fitted on {train_images} images of {} classes: top-1 {:.1} %, top-5 {:.1} % \
             (chance: {:.1} %), validation loss {:.3} on {held_out_images} held-out images after epoch {epoch} of \
             {epochs}; SHA-256 {}",
            classes.len(),
            100.0 * score.top1,
            100.0 * score.top5,
            100.0 / classes.len() as f64,
            score.loss,
            &sha256[..16],
        )
    }
}

/// Writes named tensors to a safetensors file and returns its SHA-256.
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
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the number of bytes matches the shape"))
    });
    let about = HashMap::from([("fit".to_owned(), about.to_owned())]);
    let file = safetensors::serialize(views, Some(about))
        .map_err(|error| FitError::Damaged { path: path.clone(), why: error.to_string() })?;
    write_file(&path, &file)?;
    Ok(hex::encode(Sha256::digest(&file)))
}

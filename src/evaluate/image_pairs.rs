//! Images of two folders in pairs, and their LPIPS distances.

use std::collections::BTreeMap;
use std::path::Path;

use image::RgbImage;

use crate::data::{DataError, DigestCache};
use crate::error_chain::error_chain;
use crate::fetch::PublishedDigest;
use crate::metric::Lpips;
use crate::vision::{Network, Weights};

use super::error::EvaluateError;
use super::event::{Event, OnEvent};
use super::extraction::weights_digest;
use super::image_folder::ImageFolder;
use super::image_source::ImageSource as _;
use super::measure_name::short_digest;

/// Two folders whose images are paired by name without extension.
pub struct ImagePairs {
    folders: [ImageFolder; 2],
    pairs: Vec<ImagePair>,
}

/// Two images of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePair {
    /// Their name without extension.
    pub name: String,
    /// The index of each in its folder.
    pub indices: [usize; 2],
}

/// The distances of all pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct PairDistances {
    /// One for each pair.
    pub distances: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (N − 1); `None` for one pair.
    pub deviation: Option<f64>,
}

/// The network and linear weights of LPIPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LpipsNetwork {
    /// The network.
    pub network: Network,
    /// `random:<seed>`, or the SHA-256 of its weights file in hexadecimal digits.
    pub weights: String,
    /// The SHA-256 of the file of linear weights in hexadecimal digits.
    pub linear: String,
}

impl LpipsNetwork {
    /// Hashes the weights.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn new(
        network: Network,
        weights: &Weights,
        linear: &Path,
        digests: &DigestCache,
    ) -> Result<Self, EvaluateError> {
        let weights = weights_digest(weights, digests)?;
        let linear = hex::encode(digests.sha256(linear).map_err(DataError::from)?);
        // DigestCache that cannot be saved are computed again next time.
        let _ = digests.save();
        Ok(Self { network, weights, linear })
    }

    /// `LPIPS` with the published weights of both, else `distance` with the network and the first digits of its
    /// weights.
    pub fn measure_name(&self) -> String {
        let Self { network, weights, linear } = self;
        let file = crate::fetch::weights::Weights::named(&format!("lpips-{network}"));
        let is_known = match file.and_then(|known| known.file().published) {
            Some(PublishedDigest::Sha256(sha256)) => linear.starts_with(sha256),
            _ => false,
        };
        match is_known && network.is_published(weights) {
            true => "LPIPS".into(),
            false => format!("distance({network}:{})", short_digest(weights, 8)),
        }
    }
}

impl ImagePairs {
    /// Pairs the images of two folders.
    ///
    /// # Errors
    ///
    /// If a folder has no images or two of the same name, or an image has no partner.
    pub fn open(first: &Path, second: &Path) -> Result<Self, EvaluateError> {
        let folders = [ImageFolder::open(first)?, ImageFolder::open(second)?];
        let [first, mut second] = [stems(&folders[0])?, stems(&folders[1])?];
        let (mut pairs, mut files) = (Vec::new(), Vec::new());
        for (name, index) in first {
            match second.remove(&name) {
                Some(other) => pairs.push(ImagePair { name, indices: [index, other] }),
                None => files.push(folders[0].files()[index].display().to_string()),
            }
        }
        files.extend(second.into_values().map(|index| folders[1].files()[index].display().to_string()));
        if files.is_empty() { Ok(Self { folders, pairs }) } else { Err(EvaluateError::Unpaired { files }) }
    }

    /// The folders.
    pub fn folders(&self) -> &[ImageFolder; 2] {
        &self.folders
    }

    /// The pairs, sorted by name.
    pub fn pairs(&self) -> &[ImagePair] {
        &self.pairs
    }

    /// The LPIPS distance of every pair; `batch` pairs are decoded at once.
    ///
    /// # Errors
    ///
    /// If images cannot be read (the error lists all of one folder), or the images of a pair differ in size or are too
    /// small for the network.
    pub fn distances(&self, lpips: &Lpips, batch: usize, on_event: OnEvent) -> Result<PairDistances, EvaluateError> {
        let (source, total) = (self.folders[0].path(), self.pairs.len());
        let mut errors: [Vec<String>; 2] = Default::default();
        let mut distances = Vec::with_capacity(total);
        for batch in self.pairs.chunks(batch) {
            let mut images: [Vec<RgbImage>; 2] = Default::default();
            for (k, folder) in self.folders.iter().enumerate() {
                for decoded in folder.decode(batch.iter().map(|pair| pair.indices[k])) {
                    match decoded {
                        Ok(image) => images[k].push(image),
                        Err(error) => errors[k].push(error_chain(&error)),
                    }
                }
            }
            // After an error, the other images are only decoded, so that the error lists all that cannot be read.
            if errors.iter().all(Vec::is_empty) {
                self.check_sizes(batch, &images)?;
                distances.extend(lpips.distance(&images[0], &images[1])?);
            }
            let done = (distances.len() + errors[0].len() + errors[1].len()).min(total);
            on_event(Event::Progress { source, done, total });
        }
        match self.folders.iter().zip(errors).find(|(_, errors)| !errors.is_empty()) {
            None => Ok(PairDistances::new(distances)),
            Some((folder, errors)) => {
                let (path, total) = (folder.path().into(), folder.count());
                Err(EvaluateError::Unreadable { path, total, errors, may_skip: false })
            }
        }
    }

    fn check_sizes(&self, batch: &[ImagePair], images: &[Vec<RgbImage>; 2]) -> Result<(), EvaluateError> {
        for ((pair, first), second) in batch.iter().zip(&images[0]).zip(&images[1]) {
            let sizes = [first.dimensions(), second.dimensions()];
            if sizes[0] != sizes[1] {
                let file = |k: usize| self.folders[k].files()[pair.indices[k]].display().to_string();
                return Err(EvaluateError::Sizes { first: file(0), second: file(1), sizes });
            }
        }
        Ok(())
    }
}

impl PairDistances {
    fn new(distances: Vec<f64>) -> Self {
        let count = distances.len() as f64;
        let mean = distances.iter().sum::<f64>() / count;
        let squares: f64 = distances.iter().map(|distance| (distance - mean).powi(2)).sum();
        let deviation = (distances.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        Self { distances, mean, deviation }
    }
}

/// The index of each file by its name without extension.
fn stems(folder: &ImageFolder) -> Result<BTreeMap<String, usize>, EvaluateError> {
    let mut stems = BTreeMap::new();
    for (index, file) in folder.files().iter().enumerate() {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(other) = stems.insert(stem.clone(), index) {
            let (first, second) = (folder.name(other), folder.name(index));
            return Err(EvaluateError::SameStem { path: folder.path().into(), stem, first, second });
        }
    }
    Ok(stems)
}

//! Samples of a run as a set of images that can be evaluated.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::RgbImage;

use crate::data::{DataError, DigestCache};
use crate::evaluate::ImageSource;
use crate::prepare::ReferenceImages;

use super::Sampler;
use super::evaluation::CHUNK;

/// Samples of a run for the captions of its held-out images in turn.
pub struct RunSamples {
    path: PathBuf,
    count: usize,
    set: ReferenceImages,
    // Networks are not `Sync`.
    sampler: Mutex<Sampler>,
}

impl RunSamples {
    /// `count` samples. `path` is what the user wrote, such as `run:3@2`.
    pub fn new(path: PathBuf, count: usize, set: ReferenceImages, sampler: Sampler) -> Self {
        Self { path, count, set, sampler: Mutex::new(sampler) }
    }
}

impl ImageSource for RunSamples {
    fn path(&self) -> &Path {
        &self.path
    }

    fn kind(&self) -> &'static str {
        "samples"
    }

    fn count(&self) -> usize {
        self.count
    }

    fn name(&self, index: usize) -> String {
        let (image, sentence) = self.set.sources.source(index);
        let caption = sentence - self.set.sources.captions[image].start + 1;
        format!("sample {} of caption {caption} of image {}", index + 1, self.set.ids[image])
    }

    fn load(&self, range: Range<usize>) -> Vec<Result<RgbImage, DataError>> {
        let sampler = self.sampler.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<usize> = range.collect();
        // In the chunks of evaluations during training, so that the samples are equal bit for bit.
        numbers.chunks(CHUNK).flat_map(|numbers| sampler.samples(&self.set.sources, numbers)).map(Ok).collect()
    }

    fn digest(&self, _: &DigestCache) -> Result<Option<[u8; 32]>, DataError> {
        Ok(None)
    }
}

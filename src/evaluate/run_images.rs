//! The real images that the samples of a run are compared with.

use std::ops::Range;
use std::path::{Path, PathBuf};

use image::RgbImage;
use sha2::{Digest as _, Sha256};

use crate::data::{DataError, DigestCache};
use crate::prepare::ReferenceImages;

use super::image_source::ImageSource;

/// The held-out images of a run, at the size of its samples.
pub struct RunImages {
    path: PathBuf,
    set: ReferenceImages,
}

impl RunImages {
    /// `path` is what the user wrote, such as `images:3`.
    pub fn new(path: PathBuf, set: ReferenceImages) -> Self {
        Self { path, set }
    }
}

impl ImageSource for RunImages {
    fn path(&self) -> &Path {
        &self.path
    }

    fn kind(&self) -> &'static str {
        "photos"
    }

    fn count(&self) -> usize {
        self.set.ids.len()
    }

    fn name(&self, index: usize) -> String {
        format!("image {}", self.set.ids[index])
    }

    fn load(&self, range: Range<usize>) -> Vec<Result<RgbImage, DataError>> {
        range.map(|index| Ok(self.set.image(index))).collect()
    }

    fn digest(&self, _: &DigestCache) -> Result<Option<[u8; 32]>, DataError> {
        let mut hash = Sha256::new();
        (0..self.count()).for_each(|index| hash.update(self.set.pixels.row(index)));
        Ok(Some(hash.finalize().into()))
    }
}

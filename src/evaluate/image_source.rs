//! A set of images that features can be extracted from.

use std::ops::Range;
use std::path::Path;

use image::RgbImage;

use crate::data::{DataError, DigestCache};

/// A set of images in a fixed order.
pub trait ImageSource: Sync {
    /// Its path, or what the user wrote instead of one, such as `run:3`.
    fn path(&self) -> &Path;

    /// Its kind in JSON: `folder`, `samples` or `photos`.
    fn kind(&self) -> &'static str;

    /// The number of images, including those that cannot be read.
    fn count(&self) -> usize;

    /// Names of files and folders next to the images that are ignored.
    fn other_files(&self) -> &[String] {
        &[]
    }

    /// The name of an image; `index` must be below [`ImageSource::count`].
    fn name(&self, index: usize) -> String;

    /// Loads the images of a range, which must end at or below [`ImageSource::count`].
    fn load(&self, range: Range<usize>) -> Vec<Result<RgbImage, DataError>>;

    /// A hash of the content of all images, as the key of a cache; `None` if results should not be cached.
    ///
    /// # Errors
    ///
    /// If an image cannot be read.
    fn digest(&self, digests: &DigestCache) -> Result<Option<[u8; 32]>, DataError>;
}

//! Segmentation: masks of the flowers in images, and images composed with masks.

mod compose;
mod drawn_masks;
mod error;
mod mask;
mod mask_folder;
mod official_masks;

pub use compose::{Composition, Style, UnknownComposition};
pub use drawn_masks::DrawnMasks;
pub use error::{SegmentError, SizeMismatch};
pub use mask::Mask;
pub use mask_folder::{MaskFolder, read_mask};
pub use official_masks::OfficialMasks;

use image::RgbImage;

use crate::data::{DataSet, DigestCache};
use crate::spec::SegmentSettings;

/// A source of the masks of images.
pub trait Segmenter: Sync {
    /// The mask of image `id`, whose pixels are `image`; both have the same size. A mask without a flower is not an
    /// error.
    ///
    /// # Errors
    ///
    /// If the segmentation cannot be read or has another size than the image.
    fn mask(&self, id: u32, image: &RgbImage) -> Result<Mask, SegmentError>;

    /// A text that identifies the masks of these images, in addition to the fingerprint of the images.
    ///
    /// # Errors
    ///
    /// If a segmentation cannot be read.
    fn fingerprint(&self, ids: &[u32], digests: &DigestCache) -> Result<String, SegmentError>;
}

/// The segmenter that `segment.source` selects.
///
/// # Errors
///
/// If its folder does not exist.
pub fn segmenter<'a>(set: &'a DataSet, settings: &SegmentSettings) -> Result<Box<dyn Segmenter + 'a>, SegmentError> {
    match (settings.source.as_str(), set) {
        ("masks", _) => Ok(Box::new(MaskFolder::new(&settings.masks)?)),
        (_, DataSet::Oxford102(set)) => Ok(Box::new(OfficialMasks::new(set)?)),
        (_, DataSet::Drawn(flowers)) => Ok(Box::new(DrawnMasks::new(flowers))),
    }
}

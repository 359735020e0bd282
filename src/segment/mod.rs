//! Where the flower is, and pictures composed with and without it.

mod compose;
mod error;
mod folder;
mod mask;
mod official;
mod truth;

pub use compose::{Composition, Style, UnknownComposition};
pub use error::{MaskSize, SegmentError};
pub use folder::{Folder, read_mask};
pub use mask::Mask;
pub use official::Official;
pub use truth::Truth;

use image::RgbImage;

use crate::data::{DataSet, Digests};
use crate::spec::SegmentSettings;

/// Finds the flowers in a photograph.
pub trait Segmenter: Sync {
    /// The mask of image `id`, of the size of `photo`. A mask without a flower is an answer, not an error.
    ///
    /// # Errors
    ///
    /// If the segmentation cannot be read or has another size than the photograph.
    fn mask(&self, id: u32, photo: &RgbImage) -> Result<Mask, SegmentError>;

    /// What the masks of these images follow from, beside the photos.
    ///
    /// # Errors
    ///
    /// If a segmentation cannot be read.
    fn fingerprint(&self, ids: &[u32], digests: &Digests) -> Result<String, SegmentError>;
}

/// The segmenter that `segment.source` names.
///
/// # Errors
///
/// If its folder is not there.
pub fn segmenter<'a>(set: &'a DataSet, settings: &SegmentSettings) -> Result<Box<dyn Segmenter + 'a>, SegmentError> {
    match (settings.source.as_str(), set) {
        ("masks", _) => Ok(Box::new(Folder::new(&settings.masks)?)),
        (_, DataSet::Oxford102(set)) => Ok(Box::new(Official::new(set)?)),
        (_, DataSet::Drawn(flowers)) => Ok(Box::new(Truth::new(flowers))),
    }
}

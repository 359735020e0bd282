//! The masks of drawn flowers, from their ground truth.

use image::RgbImage;

use super::error::{SegmentError, SizeMismatch};
use super::{Mask, Segmenter};
use crate::data::{DigestCache, DrawnFlowers, drawn};

/// The masks of drawn flowers: each bloom of an image is one instance.
#[derive(Clone, Copy)]
pub struct DrawnMasks<'a> {
    flowers: &'a DrawnFlowers,
}

impl<'a> DrawnMasks<'a> {
    /// The masks of these flowers.
    pub fn new(flowers: &'a DrawnFlowers) -> Self {
        Self { flowers }
    }
}

impl Segmenter for DrawnMasks<'_> {
    fn mask(&self, id: u32, image: &RgbImage) -> Result<Mask, SegmentError> {
        let side = self.flowers.side();
        if image.dimensions() != (side, side) {
            return Err(SegmentError::DrawnSize(SizeMismatch { mask: (side, side), image: image.dimensions() }));
        }
        Ok(Mask::from_instances(side, side, self.flowers.draw(id).labels))
    }

    fn fingerprint(&self, _ids: &[u32], _digests: &DigestCache) -> Result<String, SegmentError> {
        // The fingerprint of the images contains the other parameters.
        Ok(format!("drawn flowers {}", drawn::VERSION))
    }
}

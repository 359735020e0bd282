//! Where the flower is, and pictures composed with and without it.

mod compose;
mod error;
mod mask;
mod official;

pub use compose::{Composition, UnknownComposition};
pub use error::{MaskSize, SegmentError};
pub use mask::Mask;
pub use official::Official;

use image::RgbImage;

/// Finds the flower in a photograph.
pub trait Segmenter {
    /// The mask of image `id`, of the size of `photo`.
    ///
    /// # Errors
    ///
    /// If the segmentation cannot be read or has another size than the photograph.
    fn mask(&self, id: u32, photo: &RgbImage) -> Result<Mask, SegmentError>;
}

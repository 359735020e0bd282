//! What can be wrong with a segmentation.

use crate::data::DataError;
use std::path::PathBuf;

/// A mask and a photograph that do not fit each other; sizes are width × height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mask is {}×{} and the photo {}×{}", .mask.0, .mask.1, .photo.0, .photo.1)]
pub struct MaskSize {
    /// Size of the mask.
    pub mask: (u32, u32),
    /// Size of the photograph.
    pub photo: (u32, u32),
}

/// An error of the segmentation layer.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The segmented pictures, or one of them, cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A segmented picture does not fit its photograph.
    #[error("{}: does not fit its photo", .path.display())]
    Size {
        /// The segmented picture.
        path: PathBuf,
        /// Both sizes.
        source: MaskSize,
    },
}

impl SegmentError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            SegmentError::Data(error) => error.help(),
            SegmentError::Size { .. } => {
                Some("jpg/ and segmim/ have to hold the pictures of one release, at one size".into())
            }
        }
    }
}

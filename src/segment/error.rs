//! Errors of segmentations.

use crate::data::DataError;
use std::path::PathBuf;

/// A mask and an image of different sizes; sizes are width × height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mask has {}×{} pixels and the image has {}×{}", .mask.0, .mask.1, .image.0, .image.1)]
pub struct SizeMismatch {
    /// The size of the mask.
    pub mask: (u32, u32),
    /// The size of the image.
    pub image: (u32, u32),
}

/// An error of the segmentation layer.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The segmented images, or one of them, cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A segmentation has another size than its image.
    #[error("{}: not of the size of its image", .path.display())]
    Size {
        /// The mask or the segmented image.
        path: PathBuf,
        /// Both sizes.
        source: SizeMismatch,
    },
    /// An image of drawn flowers has another size than the drawn masks.
    #[error("the masks of the drawn flowers have another size than the image")]
    DrawnSize(#[source] SizeMismatch),
    /// The folder of masks does not exist.
    #[error("{}: no such folder of masks", .path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A mask that is not a PNG file.
    #[error("{}: not a PNG file", .path.display())]
    NotPng {
        /// The file.
        path: PathBuf,
    },
    /// A mask with colours or with more than 8 bits.
    #[error("{}: not a greyscale image: its pixels are {found}", .path.display())]
    NotGrey {
        /// The file.
        path: PathBuf,
        /// The type of its pixels.
        found: String,
    },
}

impl SegmentError {
    /// What to do about it, if there is a remedy.
    pub fn help(&self) -> Option<String> {
        match self {
            SegmentError::Data(error) => error.help(),
            SegmentError::Size { .. } => {
                Some("use images and segmentations of the same release and the same size".into())
            }
            SegmentError::NoFolder { .. } => Some("set the folder of the masks: --set segment.masks=<folder>".into()),
            SegmentError::NotPng { .. } | SegmentError::NotGrey { .. } => {
                Some("a mask is an 8-bit greyscale PNG: 0 for the background, n for flower n".into())
            }
            SegmentError::DrawnSize(_) => None,
        }
    }
}

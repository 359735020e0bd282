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
    /// A drawn flower at another size than it is drawn at.
    #[error("a drawing and its mask do not fit")]
    Truth(#[source] MaskSize),
    /// There is no folder of masks.
    #[error("{}: no such folder of masks", .path.display())]
    NoFolder {
        /// The folder that was asked for.
        path: PathBuf,
    },
    /// A mask in another format.
    #[error("{}: no PNG", .path.display())]
    NoPng {
        /// The file.
        path: PathBuf,
    },
    /// A picture with colours, or with more than 8 bits.
    #[error("{}: no mask: it holds {found}", .path.display())]
    NoMask {
        /// The file.
        path: PathBuf,
        /// Its pixels' type.
        found: String,
    },
}

impl SegmentError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            SegmentError::Data(error) => error.help(),
            SegmentError::Size { .. } => {
                Some("photos and their segmentations have to be of one release, at one size".into())
            }
            SegmentError::NoFolder { .. } => Some("name it: --set segment.masks=<folder>".into()),
            SegmentError::NoPng { .. } | SegmentError::NoMask { .. } => {
                Some("a mask is a grey PNG of 8 bits: 0 where there is no flower, n where flower n is".into())
            }
            SegmentError::Truth(_) => None,
        }
    }
}

use std::path::PathBuf;

use crate::data::DataError;
use crate::fit::FitError;
use crate::segment::{SegmentError, SizeMismatch};
use crate::text::TextError;
use crate::vision::VisionError;

/// Why the inputs of training cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The images, labels or captions.
    #[error("the data set cannot be used")]
    Data(#[from] DataError),
    /// The segmentations.
    #[error("the segmentations cannot be used")]
    Segment(#[from] SegmentError),
    /// A mask and its image differ in size.
    #[error("a segmentation does not have the size of its image")]
    SizeMismatch(#[from] SizeMismatch),
    /// The text encoder.
    #[error("the captions cannot be encoded")]
    Text(#[from] TextError),
    /// The guide network.
    #[error("the guide network cannot be used")]
    Vision(#[from] VisionError),
    /// Fitting a network.
    #[error("a network cannot be fitted")]
    Fit(#[from] FitError),
    /// The guide network has not been fitted yet.
    #[error("the guide network has not been fitted yet")]
    NotFitted,
    /// Weights that are not the published ones, for a measure that requires these.
    #[error("{}: not the published Inception network, which FID, KID and IS require: SHA-256 {found}", path.display())]
    NotPublished {
        /// The file.
        path: PathBuf,
        /// Its SHA-256.
        found: String,
    },
    /// Too few images for one batch.
    #[error("{images} training images do not fill one batch of {batch}")]
    TooFew {
        /// Training images.
        images: usize,
        /// `train.batch`.
        batch: usize,
        /// What to change.
        help: String,
    },
    /// Too few held-out images.
    #[error("`eval.items` is {items}, but the {split} part has {images} images")]
    TooFewItems {
        /// `eval.items`.
        items: usize,
        /// `eval.split`.
        split: String,
        /// Images of the part.
        images: usize,
        /// What to change.
        help: String,
    },
    /// Every training image is of one class.
    #[error("all training images are of one class, so there is no text of another class")]
    OneClass,
    /// A single image, whose guide cannot be replaced by that of another.
    #[error("`guide.source` is \"shuffled\", but there is only one {what}")]
    NoOther {
        /// A training image, or an evaluation item.
        what: &'static str,
    },
    /// The cache cannot be written or read.
    #[error("{}: the cache cannot be used", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An array was computed with another size than specified.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The cache would exceed its limit.
    #[error(
        "{}: the cache is full: {needed} more bytes are needed, {in_use} are in use, and the limit is {limit}",
        folder.display()
    )]
    Full {
        /// The cache.
        folder: PathBuf,
        /// The size of the new array, in bytes.
        needed: u64,
        /// The size of the files that cannot be evicted, in bytes.
        in_use: u64,
        /// `--cache-limit`, in bytes.
        limit: u64,
    },
}

impl PrepareError {
    /// Whether the data set exists and has fewer images than the settings require.
    pub fn is_too_few_images(&self) -> bool {
        matches!(
            self,
            PrepareError::TooFew { .. }
                | PrepareError::TooFewItems { .. }
                | PrepareError::OneClass
                | PrepareError::NoOther { .. }
                | PrepareError::Data(DataError::TooFewImages { .. } | DataError::NoImages { .. })
        )
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            PrepareError::Data(error) => error.help(),
            PrepareError::Segment(error) => error.help(),
            PrepareError::Text(error) => error.help(),
            PrepareError::Vision(error) => error.help(),
            PrepareError::Fit(error) => error.help(),
            PrepareError::NotPublished { .. } => Some(
                "download it: jem weights fetch inception-fid (its SHA-256 begins with 6726825d); with another \
                 network, use frechet_distance and kernel_distance"
                    .to_owned(),
            ),
            PrepareError::NotFitted => Some("fit it first: jem prepare <experiment>".to_owned()),
            PrepareError::TooFew { help, .. } | PrepareError::TooFewItems { help, .. } => Some(help.clone()),
            PrepareError::OneClass => Some("raise data.limit, or use objective.kind = \"gan\"".to_owned()),
            PrepareError::NoOther { .. } => Some("raise eval.items and data.limit to at least 2".to_owned()),
            PrepareError::Full { .. } => {
                Some("raise --cache-limit (JEM_CACHE_LIMIT), or choose another --cache".to_owned())
            }
            PrepareError::Damaged { .. } | PrepareError::SizeMismatch(_) | PrepareError::Cache { .. } => None,
        }
    }
}

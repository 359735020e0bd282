use std::path::PathBuf;

use crate::data::DataError;
use crate::fit::FitError;
use crate::segment::{MaskSize, SegmentError};
use crate::text::TextError;
use crate::vision::VisionError;

/// Why the inputs of training cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The images, labels or captions.
    #[error("the data set cannot be used")]
    Data(#[from] DataError),
    /// The segmentations.
    #[error("the segmentations cannot be used")]
    Segment(#[from] SegmentError),
    /// A mask of another size than its photo.
    #[error("a segmentation does not fit its photo")]
    MaskSize(#[from] MaskSize),
    /// The sentence encoder.
    #[error("the captions cannot be encoded")]
    Text(#[from] TextError),
    /// The guide network.
    #[error("the guide network cannot be used")]
    Vision(#[from] VisionError),
    /// Fitting the guide network.
    #[error("a network cannot be fitted")]
    Fit(#[from] FitError),
    /// A network whose weights are still to be fitted.
    #[error("the guide network has no weights yet: they are to be fitted")]
    NotFitted,
    /// Weights that are not the published ones, for a measure that only these give.
    #[error("{}: not the published Inception network, which FID, KID and IS are named after: SHA-256 {found}", path.display())]
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
        /// What there is.
        images: usize,
        /// What to change.
        help: String,
    },
    /// Every training image is of one class, so no text is of another.
    #[error("all training images are of one class, so there is no text of another class")]
    OneClass,
    /// One image alone, whose guide cannot be exchanged for another's.
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
    /// An array was not made as it was to be.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The cache would grow beyond its limit.
    #[error(
        "{}: the cache is full: {needed} bytes are needed beside {held} that are in use, and the limit is {limit}",
        folder.display()
    )]
    Full {
        /// The cache.
        folder: PathBuf,
        /// What one array more needs.
        needed: u64,
        /// What cannot be cleared away.
        held: u64,
        /// `--cache-limit`.
        limit: u64,
    },
}

impl PrepareError {
    /// Whether the data are there, and hold less than the settings ask for.
    pub fn is_about_numbers(&self) -> bool {
        matches!(
            self,
            PrepareError::TooFew { .. }
                | PrepareError::TooFewItems { .. }
                | PrepareError::OneClass
                | PrepareError::NoOther { .. }
                | PrepareError::Data(DataError::TooFew { .. } | DataError::NoImages { .. })
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
                "jem weights fetch inception-fid brings it (its SHA-256 begins with 6726825d); by any other network, ask for \
                 frechet_distance and kernel_distance"
                    .to_owned(),
            ),
            PrepareError::NotFitted => Some("fit it first: jem prepare <experiment>".to_owned()),
            PrepareError::TooFew { help, .. } | PrepareError::TooFewItems { help, .. } => Some(help.clone()),
            PrepareError::OneClass => Some("raise data.limit, or use objective.kind = \"gan\"".to_owned()),
            PrepareError::NoOther { .. } => Some("raise eval.items and data.limit to 2 at least".to_owned()),
            PrepareError::Full { .. } => {
                Some("raise --cache-limit (JEM_CACHE_LIMIT), or name another --cache".to_owned())
            }
            PrepareError::Damaged { .. } | PrepareError::MaskSize(_) | PrepareError::Cache { .. } => None,
        }
    }
}

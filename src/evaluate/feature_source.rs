//! One of the sets that are compared, and where its features come from.

use std::path::{Path, PathBuf};

use crate::metric::{FeatureOrigin, FeatureSet, MetricError, Moments};

use super::error::EvaluateError;
use super::image_folder::ImageFolder;
use super::image_source::ImageSource;

/// Images, their features, or the moments of their features.
pub enum FeatureSource {
    /// Images, whose features have to be extracted.
    Images(Box<dyn ImageSource>),
    /// Features in a file.
    Features {
        /// The file.
        path: PathBuf,
        /// Its content.
        set: FeatureSet,
    },
    /// Mean and covariance of features in a file.
    Moments {
        /// The file.
        path: PathBuf,
        /// Its content.
        moments: Moments,
        /// How the features were extracted, if the file has it.
        origin: Option<FeatureOrigin>,
    },
}

impl FeatureSource {
    /// Opens a folder of images, or reads a file of features or moments.
    ///
    /// # Errors
    ///
    /// If the path does not exist, or the file is of another kind.
    pub fn open(path: &Path) -> Result<Self, EvaluateError> {
        if !path.is_file() {
            return Ok(FeatureSource::Images(Box::new(ImageFolder::open(path)?)));
        }
        let path = path.to_owned();
        if path.extension().is_some_and(|extension| extension == "npz") {
            let moments = Moments::read_npz(&path)?;
            return Ok(FeatureSource::Moments { path, moments, origin: None });
        }
        match FeatureSet::read(&path) {
            Ok(set) => Ok(FeatureSource::Features { path, set }),
            Err(error) if path.extension().is_some_and(|extension| extension == "safetensors") => {
                match Moments::read(&path) {
                    Ok((moments, origin)) => Ok(FeatureSource::Moments { path, moments, origin }),
                    // Without a tensor `mean` it is not a file of moments: report what is wrong with its features.
                    Err(MetricError::NoTensor { found, .. }) if !found.iter().any(|name| name == "mean") => {
                        Err(error.into())
                    }
                    Err(of_moments) => Err(of_moments.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether features have to be extracted from images.
    pub fn is_images(&self) -> bool {
        matches!(self, FeatureSource::Images(_))
    }

    /// The path, or what the user wrote instead of one, such as `run:3`.
    pub fn path(&self) -> &Path {
        match self {
            FeatureSource::Images(images) => images.path(),
            FeatureSource::Features { path, .. } | FeatureSource::Moments { path, .. } => path,
        }
    }

    /// The number of images, including those that cannot be read; `None` for moments without a count.
    pub fn count(&self) -> Option<usize> {
        match self {
            FeatureSource::Images(images) => Some(images.count()),
            FeatureSource::Features { set, .. } => Some(set.rows().count()),
            FeatureSource::Moments { moments, .. } => moments.count(),
        }
    }

    /// The dimensions of its features; `None` for images, where they follow from the network.
    pub fn dimension(&self) -> Option<usize> {
        match self {
            FeatureSource::Images(_) => None,
            FeatureSource::Features { set, .. } => Some(set.rows().dimension()),
            FeatureSource::Moments { moments, .. } => Some(moments.dimension()),
        }
    }

    /// Names of files and folders next to the images that are ignored.
    pub fn other_files(&self) -> &[String] {
        match self {
            FeatureSource::Images(images) => images.other_files(),
            FeatureSource::Features { .. } | FeatureSource::Moments { .. } => &[],
        }
    }

    /// Its kind in JSON: `folder`, `samples`, `photos`, `features` or `moments`.
    pub fn kind(&self) -> &'static str {
        match self {
            FeatureSource::Images(images) => images.kind(),
            FeatureSource::Features { .. } => "features",
            FeatureSource::Moments { .. } => "moments",
        }
    }

    /// The number of feature vectors, including those of images that cannot be read.
    ///
    /// # Errors
    ///
    /// If it has only moments.
    pub fn rows(&self) -> Result<usize, EvaluateError> {
        match self {
            FeatureSource::Images(images) => Ok(images.count()),
            FeatureSource::Features { set, .. } => Ok(set.rows().count()),
            FeatureSource::Moments { path, .. } => Err(EvaluateError::OnlyMoments { path: path.clone() }),
        }
    }
}

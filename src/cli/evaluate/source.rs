//! One side of a comparison: where its features come from.

use std::path::{Path, PathBuf};

use crate::metric::{FeatureOrigin, FeatureSet, MetricError, Moments};

use super::super::CliError;
use super::error::EvaluateError;
use super::pictures::{PictureFolder, Pictures};
use super::runs::Runs;

/// What a side is given as.
pub enum Source {
    /// Pictures, of which features are still to be taken.
    Pictures(Box<dyn Pictures>),
    /// Features that were taken before.
    Features {
        /// Their file.
        path: PathBuf,
        /// What it holds.
        set: FeatureSet,
    },
    /// Mean and covariance of features that were taken before.
    Moments {
        /// Their file.
        path: PathBuf,
        /// What it holds.
        moments: Moments,
        /// How the features were made, where that is known.
        origin: Option<FeatureOrigin>,
    },
}

impl Source {
    /// What `text` names: a folder, a file of features or of moments, a run's samples or its photos.
    ///
    /// # Errors
    ///
    /// If there is nothing of that name, the file is of another kind, or the run's generator cannot be had.
    pub fn open(text: &str, runs: &Runs) -> Result<Self, CliError> {
        let path = PathBuf::from(text);
        if !path.exists()
            && let Some(pictures) = runs.open(text)?
        {
            return Ok(Source::Pictures(pictures));
        }
        if !path.is_file() {
            return Ok(Source::Pictures(Box::new(PictureFolder::open(&path)?)));
        }
        match FeatureSet::read(&path) {
            Ok(set) => Ok(Source::Features { path, set }),
            Err(error) if path.extension().is_some_and(|ending| ending == "safetensors") => {
                match Moments::read(&path) {
                    Ok((moments, origin)) => Ok(Source::Moments { path, moments, origin }),
                    // Not meant for moments, then: what it lacks as features is to be said.
                    Err(MetricError::NoTensor { found, .. }) if !found.iter().any(|name| name == "mean") => {
                        Err(error.into())
                    }
                    Err(of_moments) => Err(of_moments.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Source::Pictures(pictures) => pictures.path(),
            Source::Features { path, .. } | Source::Moments { path, .. } => path,
        }
    }

    /// How many pictures there are, those that cannot be read included.
    pub fn count(&self) -> usize {
        match self {
            Source::Pictures(pictures) => pictures.count(),
            Source::Features { set, .. } => set.rows().count(),
            Source::Moments { moments, .. } => moments.count(),
        }
    }

    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Source::Pictures(pictures) => pictures.kind(),
            Source::Features { .. } => "features",
            Source::Moments { .. } => "moments",
        }
    }

    /// That it holds more than moments.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub fn has_rows(&self) -> Result<(), EvaluateError> {
        match self {
            Source::Moments { path, .. } => Err(EvaluateError::OnlyMoments { path: path.clone() }),
            Source::Pictures(_) | Source::Features { .. } => Ok(()),
        }
    }
}

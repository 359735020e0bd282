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
        if path.extension().is_some_and(|ending| ending == "npz") {
            let moments = Moments::read_npz(&path)?;
            return Ok(Source::Moments { path, moments, origin: None });
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

    /// How many pictures there are, those that cannot be read included; `None` of moments that do not say it.
    pub fn count(&self) -> Option<usize> {
        match self {
            Source::Pictures(pictures) => Some(pictures.count()),
            Source::Features { set, .. } => Some(set.rows().count()),
            Source::Moments { moments, .. } => moments.count(),
        }
    }

    /// How many numbers a row of its features has; `None` of pictures, of which that follows from the network.
    pub fn dimension(&self) -> Option<usize> {
        match self {
            Source::Pictures(_) => None,
            Source::Features { set, .. } => Some(set.rows().dimension()),
            Source::Moments { moments, .. } => Some(moments.dimension()),
        }
    }

    /// The names of files beside its pictures that are not looked at.
    pub fn beside(&self) -> &[String] {
        match self {
            Source::Pictures(pictures) => pictures.beside(),
            Source::Features { .. } | Source::Moments { .. } => &[],
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

    /// How many pictures there are that have features each, those that cannot be read included.
    ///
    /// # Errors
    ///
    /// If it holds moments alone.
    pub fn rows(&self) -> Result<usize, EvaluateError> {
        match self {
            Source::Pictures(pictures) => Ok(pictures.count()),
            Source::Features { set, .. } => Ok(set.rows().count()),
            Source::Moments { path, .. } => Err(EvaluateError::OnlyMoments { path: path.clone() }),
        }
    }
}

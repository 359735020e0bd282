//! Networks that jem fits when a cell requires them: the guide network, once for every recipe and set of images, and
//! the text encoder, once for every recipe and corpus.
//!
//! A fit is stored in the folder `fits` of the cache, under the hash of its recipe and data. It is not evicted when it
//! has been unused for long, since it takes longer to compute than anything else in the cache.

mod guide;
mod text;

use std::path::Path;

use burn::tensor::Device;

use super::fingerprints::{encoder_fingerprints, guide_fit_fingerprints, weights_fingerprint};
use super::{Cache, OnEvent, PrepareError};
use crate::data::DataSet;
use crate::fit::skip_thought::{SkipThoughtRecipe, TrainedEncoder};
use crate::fit::{FitError, FittedWeights, Recipe};
use crate::spec::{Fingerprints, Settings};

/// Settings in which every `fit` is replaced by the file that was fitted.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The settings: `guide.weights` and `text.weights` name the fitted files if they were `fit`.
    pub settings: Settings,
    /// The fingerprints, with those of the fitted files.
    pub prints: Fingerprints,
    /// The fitted networks.
    pub fitted: Vec<FittedNetwork>,
}

impl Resolved {
    /// The guide network, if it was fitted.
    pub fn guide(&self) -> Option<&FittedWeights> {
        self.fitted.iter().find_map(|part| if let FittedNetwork::Guide(fitted) = part { Some(fitted) } else { None })
    }

    /// The text encoder, if it was trained.
    pub fn text(&self) -> Option<&TrainedEncoder> {
        self.fitted.iter().find_map(|part| if let FittedNetwork::Text(trained) = part { Some(trained) } else { None })
    }
}

/// A fitted network.
#[derive(Clone, Debug)]
pub enum FittedNetwork {
    /// The guide network.
    Guide(FittedWeights),
    /// The text encoder.
    Text(TrainedEncoder),
}

impl FittedNetwork {
    /// The setting that requires it.
    pub fn setting(&self) -> &'static str {
        match self {
            FittedNetwork::Guide(_) => "guide.weights",
            FittedNetwork::Text(_) => "text.weights",
        }
    }

    /// Everything that determines it.
    pub fn recipe(&self) -> &str {
        match self {
            FittedNetwork::Guide(fitted) => &fitted.recipe,
            FittedNetwork::Text(trained) => &trained.recipe,
        }
    }

    /// SHA-256 of its file.
    pub fn sha256(&self) -> &str {
        match self {
            FittedNetwork::Guide(fitted) => &fitted.sha256,
            FittedNetwork::Text(trained) => &trained.sha256,
        }
    }

    /// The result of the fit, in a sentence.
    pub fn summary(&self) -> String {
        match self {
            FittedNetwork::Guide(fitted) => fitted.summary(),
            FittedNetwork::Text(trained) => trained.summary(),
        }
    }

    /// The record of the fit, as JSON.
    ///
    /// # Errors
    ///
    /// If a value of it is not finite.
    pub fn record(&self) -> serde_json::Result<serde_json::Value> {
        match self {
            FittedNetwork::Guide(fitted) => serde_json::to_value(fitted),
            FittedNetwork::Text(trained) => serde_json::to_value(trained),
        }
    }
}

/// Fits the guide network and the text encoder if `settings` require it and the cache does not contain them. `found`
/// are the cell's fingerprints.
///
/// # Errors
///
/// If a network cannot be fitted, the data cannot be read, or the stored file is not the one that was fitted.
pub fn resolve(
    settings: &Settings,
    found: &Fingerprints,
    cache: &Cache,
    device: &Device,
    on_event: OnEvent,
) -> Result<Resolved, PrepareError> {
    let mut resolved = Resolved { settings: settings.clone(), prints: found.clone(), fitted: Vec::new() };
    if let Some(recipe) = Recipe::from_settings(&settings.guide) {
        let (path, fitted) = guide::fit_guide(settings, &recipe, found, cache, device, on_event)?;
        resolved.prints.insert("guide.weights".to_owned(), check_fitted_file(&path, &fitted.sha256, cache)?);
        resolved.settings.guide.weights = path.to_string_lossy().into_owned();
        resolved.fitted.push(FittedNetwork::Guide(fitted));
    }
    if let Some(recipe) = SkipThoughtRecipe::from_settings(&settings.text) {
        let (path, trained) = text::train_encoder(settings, &recipe, found, cache, device, on_event)?;
        resolved.prints.insert("text.weights".to_owned(), check_fitted_file(&path, &trained.sha256, cache)?);
        resolved.settings.text.weights = path.to_string_lossy().into_owned();
        resolved.fitted.push(FittedNetwork::Text(trained));
    }
    Ok(resolved)
}

/// The fingerprint of a fitted file, checked against the one that was recorded.
fn check_fitted_file(path: &Path, sha256: &str, cache: &Cache) -> Result<String, PrepareError> {
    let now = weights_fingerprint(path, &cache.digests())?;
    if now != sha256 {
        let why = "it is not the file that was fitted here".to_owned();
        let path = path.parent().unwrap_or(path).to_owned();
        return Err(FitError::Damaged { path, why }.into());
    }
    Ok(now)
}

/// [`resolve`] without the fingerprints of a cell: reads only the data set or corpus that the fits require.
///
/// # Errors
///
/// As [`resolve`].
pub fn fit_networks(
    settings: &Settings,
    cache: &Cache,
    device: &Device,
    on_event: OnEvent,
) -> Result<Resolved, PrepareError> {
    let digests = cache.digests();
    let mut prints = Fingerprints::new();
    if settings.guide.is_fitted() {
        prints.extend(guide_fit_fingerprints(&DataSet::open(&settings.data)?, settings, &digests)?);
    }
    if settings.text.is_fitted() {
        prints.extend(encoder_fingerprints(settings, &digests)?);
    }
    // If the digests cannot be saved, the files are hashed again the next time.
    let _ = digests.save();
    resolve(settings, &prints, cache, device, on_event)
}

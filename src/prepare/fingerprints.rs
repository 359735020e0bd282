//! Fingerprints: hashes of the contents of everything that a cell reads.

use std::path::Path;

use super::PrepareError;
use super::captions::{grouped_captions, hash_lines};
use super::encoder::encoder_files_fingerprint;
use super::selection::{Selection, guide_fit_images};
use crate::data::{DataError, DataSet, DigestCache};
use crate::file_error::FileError;
use crate::fit::{FitError, Recipe};
use crate::segment::segmenter;
use crate::spec::{Fingerprints, Settings};
use crate::text::{TextError, VectorsError};
use crate::vision::{VisionError, Weights};

/// The fingerprints of a cell: of its images with their captions and labels, of the segmentations if its guide needs
/// them, and of every file of weights or vectors.
///
/// # Errors
///
/// If any of it cannot be read.
pub fn fingerprints(settings: &Settings, digests: &DigestCache) -> Result<Fingerprints, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let images = Selection::for_training(&set, settings)?.all();
    fingerprints_of(&set, settings, &images, digests)
}

/// [`fingerprints`] with `images` instead of the cell's images.
pub(super) fn fingerprints_of(
    set: &DataSet,
    settings: &Settings,
    images: &[u32],
    digests: &DigestCache,
) -> Result<Fingerprints, PrepareError> {
    let mut prints = Fingerprints::new();
    prints.insert("data".to_owned(), set.fingerprint(images, digests)?);
    if settings.guide.is_segmented() {
        prints.insert("segmentation".to_owned(), segmenter(set, &settings.segment)?.fingerprint(images, digests)?);
    }
    if settings.guide.is_fitted() {
        prints.extend(guide_fit_fingerprints(set, settings, digests)?);
    } else if settings.guide.is_on()
        && let Weights::File { path } = Weights::parse(&settings.guide.weights)?
    {
        prints.insert("guide.weights".to_owned(), weights_fingerprint(&path, digests)?);
    }
    prints.extend(encoder_fingerprints(settings, digests)?);
    if settings.text.encoder == "vectors" {
        let digest = digests.sha256(&settings.text.vectors).map_err(|error| match error {
            FileError::Read { path, source } => TextError::Vectors { path, source: VectorsError::Read(source) }.into(),
            other => PrepareError::from(DataError::from(other)),
        })?;
        prints.insert("text.vectors".to_owned(), hex::encode(digest));
    }
    Ok(prints)
}

/// The fingerprints of the images that the guide network is fitted on, and of the weights that the fit starts from if
/// they are a file.
///
/// # Errors
///
/// If any of it cannot be read.
pub(super) fn guide_fit_fingerprints(
    set: &DataSet,
    settings: &Settings,
    digests: &DigestCache,
) -> Result<Fingerprints, PrepareError> {
    let images = guide_fit_images(set, settings)?;
    let mut prints = Fingerprints::from([("guide.fit".to_owned(), set.fingerprint(&images, digests)?)]);
    if let Some(path) = Recipe::from_settings(&settings.guide).and_then(|recipe| recipe.initial_weights()) {
        prints.insert("guide.fit.from".to_owned(), weights_fingerprint(&path, digests)?);
    }
    Ok(prints)
}

/// The fingerprint of a skip-thought encoder, or of the corpus that it is trained on; empty for other encoders.
///
/// # Errors
///
/// If a file cannot be read.
pub fn encoder_fingerprints(settings: &Settings, digests: &DigestCache) -> Result<Fingerprints, PrepareError> {
    let text = &settings.text;
    let print = match text.is_skip_thought() {
        false => return Ok(Fingerprints::new()),
        true if text.is_fitted() => ("text.fit".to_owned(), corpus_fingerprint(settings, digests)?),
        true => ("text.weights".to_owned(), encoder_files_fingerprint(text, digests)?),
    };
    Ok(Fingerprints::from([print]))
}

/// The fingerprint of the corpus that the text encoder is trained on.
fn corpus_fingerprint(settings: &Settings, digests: &DigestCache) -> Result<String, PrepareError> {
    let corpus = &settings.text.fit.corpus;
    if !corpus.as_os_str().is_empty() {
        let digest = digests.sha256(corpus).map_err(|error| match error {
            FileError::Read { path, source } => FitError::File { path, source }.into(),
            other => PrepareError::from(DataError::from(other)),
        })?;
        return Ok(hex::encode(digest));
    }
    let set = DataSet::open(&settings.data)?;
    let captions = grouped_captions(&set, &set.split(&settings.data)?.train)?;
    // Captions have no blank lines, so that a blank line separates the images.
    let groups: Vec<String> = captions.into_iter().map(|group| group.join("\n") + "\n").collect();
    Ok(format!("captions {}", hash_lines(&groups.iter().map(String::as_str).collect::<Vec<_>>())))
}

/// The SHA-256 of a file of weights.
///
/// # Errors
///
/// If it cannot be read.
pub fn weights_fingerprint(path: &Path, digests: &DigestCache) -> Result<String, PrepareError> {
    Ok(hex::encode(digests.sha256(path).map_err(VisionError::from)?))
}

//! Moments of reference images. They are cached, because every generator is compared with the same images.

use sha2::{Digest as _, Sha256};

use crate::data::DigestCache;
use crate::metric::{FeatureOrigin, Moments};
use crate::prepare::Cache;

use super::error::EvaluateError;
use super::event::Event;
use super::extraction::FeatureExtraction;
use super::image_source::ImageSource;

/// Moments of the features of a source.
pub struct ReferenceMoments {
    /// Mean and covariance.
    pub moments: Moments,
    /// The number of images that could not be read.
    pub skipped: usize,
    /// Whether the moments were read from the cache.
    pub cached: bool,
}

/// The moments of a source, from the cache if it has them. The key is the content of the images and how features are
/// extracted. New moments are saved to the cache, unless images were skipped.
///
/// # Errors
///
/// If features cannot be extracted.
pub fn reference_moments(
    images: &dyn ImageSource,
    extraction: &FeatureExtraction,
    cache: &Cache,
    digests: &DigestCache,
) -> Result<ReferenceMoments, EvaluateError> {
    let origin = extraction.origin();
    let Some(digest) = images.digest(digests)? else {
        let extracted = extraction.extract(images, false)?;
        let moments = Moments::from_rows(&extracted.features.rows());
        return Ok(ReferenceMoments { moments, skipped: extracted.skipped, cached: false });
    };
    let folder = cache.folder().join("moments");
    let path = folder.join(format!("{}.safetensors", key(digest, origin)));
    let read = || {
        let (moments, read_origin) = Moments::read(&path).ok()?;
        (read_origin.as_ref() == Some(origin)).then_some(moments)
    };
    if let Some(moments) = read() {
        extraction.report(Event::CachedMoments { path: &path });
        return Ok(ReferenceMoments { moments, skipped: 0, cached: true });
    }
    let extracted = extraction.extract(images, false)?;
    let mut moments = Moments::from_rows(&extracted.features.rows());
    if extracted.skipped == 0 && moments.count().is_some_and(|count| count > 1) {
        let save = || std::fs::create_dir_all(&folder).is_ok() && moments.save(&path, Some(origin)).is_ok();
        match save().then(read).flatten() {
            // Saving rounds the covariance: the first result must equal later ones, which use the saved moments.
            Some(read) => moments = read,
            None => {
                let warning = format!("warning: {}: the moments cannot be saved there", folder.display());
                extraction.report(Event::Note(warning));
            }
        }
    }
    Ok(ReferenceMoments { moments, skipped: extracted.skipped, cached: false })
}

fn key(images: [u8; 32], origin: &FeatureOrigin) -> String {
    let origin = serde_json::to_string(origin).expect("an origin has only strings and finite numbers");
    let mut hash = Sha256::new();
    hash.update(b"jem moments 1\n");
    hash.update(images);
    hash.update(origin.as_bytes());
    hex::encode(hash.finalize())
}

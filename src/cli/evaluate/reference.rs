//! Moments of real pictures, kept in the cache: they are asked for again with every generator.

use sha2::{Digest as _, Sha256};

use crate::data::Digests;
use crate::metric::{FeatureOrigin, Moments};
use crate::prepare::Cache;
use crate::screen::note;

use super::super::CliError;
use super::observer::Observer;
use super::pictures::Pictures;

/// Moments, and how they were come by.
pub struct Kept {
    /// Mean and covariance.
    pub moments: Moments,
    /// How many pictures could not be read.
    pub skipped: usize,
    /// Whether they were in the cache.
    pub cached: bool,
}

/// The moments of pictures, by what these show and by how features are made. Where none were
/// kept, they are made and kept, but not where pictures had to be skipped.
///
/// # Errors
///
/// If pictures cannot be looked at.
pub fn moments(
    pictures: &dyn Pictures,
    observer: &Observer,
    cache: &Cache,
    digests: &Digests,
) -> Result<Kept, CliError> {
    let origin = observer.origin();
    let Some(digest) = pictures.digest(digests)? else {
        let seen = observer.look(pictures, false)?;
        return Ok(Kept { moments: Moments::of(&seen.features.rows()), skipped: seen.skipped, cached: false });
    };
    let name = format!("{}.safetensors", key(digest, origin));
    let kept = cache.folder().join("moments");
    let path = kept.join(name);
    let read =
        || Moments::read(&path).ok().filter(|(_, made)| made.as_ref() == Some(origin)).map(|(moments, _)| moments);
    if let Some(moments) = read() {
        if !observer.is_quiet() {
            note(format!("moments from the cache: {}", path.display()));
        }
        return Ok(Kept { moments, skipped: 0, cached: true });
    }
    let seen = observer.look(pictures, false)?;
    let (skipped, cached) = (seen.skipped, false);
    let mut moments = Moments::of(&seen.features.rows());
    if skipped == 0 && moments.count().is_some_and(|count| count > 1) {
        let save = || std::fs::create_dir_all(&kept).is_ok() && moments.save(&path, Some(origin)).is_ok();
        match save().then(read).flatten() {
            // What is kept rounds anew: the first answer has to be the later ones' equal.
            Some(read) => moments = read,
            None => note(format!("warning: {}: moments cannot be kept there", kept.display())),
        }
    }
    Ok(Kept { moments, skipped, cached })
}

fn key(pictures: [u8; 32], origin: &FeatureOrigin) -> String {
    let made = serde_json::to_string(origin).expect("an origin is words and finite numbers");
    let mut hash = Sha256::new();
    hash.update(b"jem moments 1\n");
    hash.update(pictures);
    hash.update(made.as_bytes());
    hex::encode(hash.finalize())
}

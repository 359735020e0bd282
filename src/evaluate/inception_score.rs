//! The inception score of a source.

use crate::data::DigestCache;
use crate::metric::{self, FeatureOrigin, FeatureSet, InceptionScore, Rows};
use crate::vision::INCEPTION_SCORE_LAYER;

use super::comparison::SourceInfo;
use super::error::EvaluateError;
use super::extraction::FeatureExtraction;
use super::feature_source::FeatureSource;

/// An inception score.
pub struct ScoreResult {
    /// The score.
    pub score: InceptionScore,
    /// How the features were extracted, if known.
    pub origin: Option<FeatureOrigin>,
    /// The images.
    pub source: SourceInfo,
}

/// The inception score over `splits` parts in an order drawn with `seed`. `extraction` is used if the source is images.
///
/// # Errors
///
/// If the source has no class scores, features cannot be extracted, or there are more splits than images.
pub fn inception_score(
    source: &FeatureSource,
    extraction: Option<&FeatureExtraction>,
    splits: usize,
    seed: u64,
    digests: &DigestCache,
) -> Result<ScoreResult, EvaluateError> {
    let (set, skipped) = match source {
        FeatureSource::Features { set, .. } => (set.clone(), 0),
        FeatureSource::Moments { path, .. } => return Err(EvaluateError::OnlyMoments { path: path.clone() }),
        FeatureSource::Images(images) => {
            let extraction = extraction.expect("images come with an extraction");
            if !extraction.has_logits() {
                return Err(EvaluateError::NoLogits { what: extraction.origin().network.clone() });
            }
            let extracted = extraction.extract(&**images, true)?;
            // DigestCache that cannot be saved are computed again next time.
            let _ = digests.save();
            (extracted.features, extracted.skipped)
        }
    };
    let no_logits = || EvaluateError::NoLogits { what: source.path().display().to_string() };
    let logits = logits(&set).ok_or_else(no_logits)?;
    let score = metric::inception_score(&logits, splits, seed)?;
    let info = SourceInfo { count: Some(logits.count()), skipped, ..SourceInfo::new(source) };
    Ok(ScoreResult { score, origin: set.origin().cloned(), source: info })
}

/// The class scores of a set: another layer beside the features, or the features themselves.
fn logits(set: &FeatureSet) -> Option<Rows<'_>> {
    let are_features = set.origin().is_some_and(|origin| origin.layer == INCEPTION_SCORE_LAYER);
    set.layer(INCEPTION_SCORE_LAYER).or_else(|| are_features.then(|| set.rows()))
}

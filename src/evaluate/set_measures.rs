//! All measures of a set of samples against a set of real images, with fixed settings: training records them.

use crate::metric::{
    MetricError, Moments, Rows, density_coverage, frechet_distance, inception_score, kernel_distance, kid_subsets,
    precision_recall,
};

/// Neighbours of precision and recall (Kynkäänniemi et al. 2019).
pub const NEIGHBOURS_PR: usize = 3;
/// Neighbours of density and coverage (Naeem et al. 2020).
pub const NEIGHBOURS_DC: usize = 5;
/// Splits of the inception score (Salimans et al. 2016).
pub const SCORE_SPLITS: usize = 10;
/// Pairs of subsets of the kernel distance (Bińkowski et al. 2018).
pub const SUBSETS: usize = 100;
/// Images in a subset of the kernel distance (Bińkowski et al. 2018).
pub const SUBSET_SIZE: usize = 1000;
/// The smallest sample of an extrapolated Fréchet distance (Chong and Forsyth 2020).
pub const EXTRAPOLATION_START: usize = 5000;
/// Sample sizes of an extrapolated Fréchet distance (Chong and Forsyth 2020).
pub const EXTRAPOLATION_POINTS: usize = 15;

/// Features of real images and of samples.
#[derive(Clone, Copy, Debug)]
pub struct SetMeasures<'a> {
    /// Features of the real images.
    pub real: Rows<'a>,
    /// Features of the samples.
    pub samples: Rows<'a>,
    /// Unbiased logits of the samples, for the inception score.
    pub logits: Option<Rows<'a>>,
    /// The seed of subsets and splits.
    pub seed: u64,
}

impl SetMeasures<'_> {
    /// The values of the measures that `wanted` accepts by name. `inception_score` is only computed with logits.
    /// Subsets of the kernel distance are smaller than [`SUBSET_SIZE`] if a set is.
    ///
    /// # Errors
    ///
    /// If there are too few images for a measure, or a decomposition does not converge.
    pub fn compute(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<(&'static str, f64)>, MetricError> {
        let Self { real, samples, logits, seed } = self;
        let mut values = Vec::new();
        let select = |names: [&'static str; 2]| names.into_iter().filter(|name| wanted(name)).collect::<Vec<_>>();
        let frechet = select(["fid", "frechet_distance"]);
        if !frechet.is_empty() {
            let distance = frechet_distance(&Moments::from_rows(real), &Moments::from_rows(samples))?.distance;
            values.extend(frechet.into_iter().map(|name| (name, distance)));
        }
        let kernel = select(["kid", "kernel_distance"]);
        if !kernel.is_empty() {
            let size = SUBSET_SIZE.min(real.count()).min(samples.count());
            let subsets = kid_subsets(real.count(), samples.count(), SUBSETS, size, *seed)?;
            let distance = kernel_distance(real, samples, &subsets)?.mean;
            values.extend(kernel.into_iter().map(|name| (name, distance)));
        }
        if let Some(logits) = logits.as_ref().filter(|_| wanted("inception_score")) {
            values.push(("inception_score", inception_score(logits, SCORE_SPLITS, *seed)?.mean));
        }
        if !select(["precision", "recall"]).is_empty() {
            let found = precision_recall(real, samples, NEIGHBOURS_PR)?;
            values.extend([("precision", found.precision), ("recall", found.recall)]);
        }
        if !select(["density", "coverage"]).is_empty() {
            let found = density_coverage(real, samples, NEIGHBOURS_DC)?;
            values.extend([("density", found.density), ("coverage", found.coverage)]);
        }
        values.retain(|(name, _)| wanted(name));
        Ok(values)
    }
}

//! The comparison of generated with real images.

use std::borrow::Cow;

use crate::data::DigestCache;
use crate::metric::{
    DensityCoverage, Extrapolation, FeatureOrigin, FeatureSet, Frechet, Kid, Moments, PrecisionRecall,
    extrapolated_frechet, frechet_distance, kernel_distance, kid_subsets, precision_recall_density_coverage,
};
use crate::prepare::Cache;

use super::error::EvaluateError;
use super::event::OnEvent;
use super::extraction::{ExtractionSettings, FeatureExtraction};
use super::feature_source::FeatureSource;
use super::image_source::ImageSource;
use super::measure_name::origin_differences;
use super::reference_moments::reference_moments;

/// Two comparable sources, and the network for those that are images.
pub struct Comparison<'a> {
    /// The generated images.
    pub generated: FeatureSource,
    /// The real images.
    pub real: FeatureSource,
    extraction: Option<FeatureExtraction<'a>>,
    cache: &'a Cache,
    digests: DigestCache,
}

/// What the output says about one of the sources.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceInfo {
    /// Its path.
    pub path: String,
    /// Its kind: folder, features, moments, samples or photos.
    pub kind: &'static str,
    /// The number of images that were used, if known.
    pub count: Option<usize>,
    /// The number of images that could not be read.
    pub skipped: usize,
    /// Names of files and folders next to the images that were ignored.
    pub other_files: Vec<String>,
    /// Whether its moments were read from the cache.
    pub cached: bool,
}

/// How the Fréchet distance is extrapolated to infinitely many generated images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extrapolate {
    /// The smallest sample size.
    pub start: usize,
    /// The number of sample sizes.
    pub points: usize,
    /// The seed of the samples.
    pub seed: u64,
}

/// A Fréchet distance.
pub struct FrechetResult {
    /// The distance.
    pub distance: Frechet,
    /// The extrapolated distance, if requested.
    pub extrapolation: Option<Extrapolation>,
    /// The generated images.
    pub generated: SourceInfo,
    /// The real images.
    pub real: SourceInfo,
}

/// A kernel distance.
pub struct KernelResult {
    /// The distance.
    pub distance: Kid,
    /// The generated images.
    pub generated: SourceInfo,
    /// The real images.
    pub real: SourceInfo,
}

/// The measures of neighbours.
pub struct NeighbourResult {
    /// Precision and recall.
    pub precision_recall: PrecisionRecall,
    /// Density and coverage.
    pub density_coverage: DensityCoverage,
    /// The generated images.
    pub generated: SourceInfo,
    /// The real images.
    pub real: SourceInfo,
}

impl<'a> Comparison<'a> {
    /// Checks that the features of both sources are comparable. `extraction` is required if one of them is images.
    ///
    /// # Errors
    ///
    /// If the features are extracted in different ways or have different dimensions, or the weights file cannot be
    /// read.
    pub fn new(
        generated: FeatureSource,
        real: FeatureSource,
        extraction: Option<ExtractionSettings>,
        cache: &'a Cache,
        on_event: OnEvent<'a>,
    ) -> Result<Self, EvaluateError> {
        let digests = cache.digests();
        let extraction = extraction.map(|settings| FeatureExtraction::new(settings, &digests, on_event)).transpose()?;
        let comparison = Self { generated, real, extraction, cache, digests };
        let paths = || [&comparison.generated, &comparison.real].map(|source| source.path().display().to_string());
        if let [Some(first), Some(second)] = comparison.origins() {
            let differences = origin_differences(first, second);
            if !differences.is_empty() {
                let [first, second] = paths();
                return Err(EvaluateError::DifferentOrigins { first, second, differences });
            }
        }
        if let [Some(first), Some(second)] = comparison.dimensions()
            && first != second
        {
            let [generated, real] = paths();
            return Err(EvaluateError::Dimensions { generated, first, real, second });
        }
        Ok(comparison)
    }

    fn dimensions(&self) -> [Option<usize>; 2] {
        let of_network = || self.extraction.as_ref().map(FeatureExtraction::dimension);
        [&self.generated, &self.real].map(|source| source.dimension().or_else(of_network))
    }

    /// How the features of the generated and of the real images were extracted, where that is known.
    pub fn origins(&self) -> [Option<&FeatureOrigin>; 2] {
        [&self.generated, &self.real].map(|source| match source {
            FeatureSource::Images(_) => self.extraction.as_ref().map(FeatureExtraction::origin),
            FeatureSource::Features { set, .. } => set.origin(),
            FeatureSource::Moments { origin, .. } => origin.as_ref(),
        })
    }

    /// How the features of both were extracted; `None` if it is unknown for one of them.
    pub fn origin(&self) -> Option<&FeatureOrigin> {
        let [first, second] = self.origins();
        first.and(second)
    }

    /// The Fréchet distance, also extrapolated if `extrapolate` is given.
    ///
    /// # Errors
    ///
    /// If features cannot be extracted, there are too few images, or only moments where features are required.
    pub fn frechet(&self, extrapolate: Option<Extrapolate>) -> Result<FrechetResult, EvaluateError> {
        let (real_moments, real) = self.real_moments()?;
        let Some(Extrapolate { start, points, seed }) = extrapolate else {
            let (moments, generated) = self.generated_moments()?;
            let distance = frechet_distance(&moments, &real_moments)?;
            return Ok(FrechetResult { distance, extrapolation: None, generated, real });
        };
        let (features, generated) = self.features(&self.generated)?;
        let distance = frechet_distance(&Moments::from_rows(&features.rows()), &real_moments)?;
        let line = extrapolated_frechet(&real_moments, &features.rows(), start, points, seed)?;
        Ok(FrechetResult { distance, extrapolation: Some(line), generated, real })
    }

    /// The kernel distance over `subsets` pairs of subsets of `size` images, drawn with `seed`.
    ///
    /// # Errors
    ///
    /// If features cannot be extracted, or a set has fewer than `size` images.
    pub fn kernel(&self, subsets: usize, size: usize, seed: u64) -> Result<KernelResult, EvaluateError> {
        let (generated_set, generated) = self.features(&self.generated)?;
        let (real_set, real) = self.features(&self.real)?;
        let (generated_rows, real_rows) = (generated_set.rows(), real_set.rows());
        let subsets = kid_subsets(generated_rows.count(), real_rows.count(), subsets, size, seed)?;
        let distance = kernel_distance(&generated_rows, &real_rows, &subsets)?;
        Ok(KernelResult { distance, generated, real })
    }

    /// Precision and recall with `k_pr` neighbours, density and coverage with `k_dc`.
    ///
    /// # Errors
    ///
    /// If features cannot be extracted, or there are not enough images for so many neighbours.
    pub fn neighbours(&self, k_pr: usize, k_dc: usize) -> Result<NeighbourResult, EvaluateError> {
        let (generated_set, generated) = self.features(&self.generated)?;
        let (real_set, real) = self.features(&self.real)?;
        let (real_rows, generated_rows) = (real_set.rows(), generated_set.rows());
        let (precision_recall, density_coverage) =
            precision_recall_density_coverage(&real_rows, &generated_rows, k_pr, k_dc)?;
        Ok(NeighbourResult { precision_recall, density_coverage, generated, real })
    }

    fn features<'s>(&self, source: &'s FeatureSource) -> Result<(Cow<'s, FeatureSet>, SourceInfo), EvaluateError> {
        match source {
            FeatureSource::Images(images) => {
                let extracted = self.extraction().extract(&**images, false)?;
                let count = Some(extracted.features.rows().count());
                let info = SourceInfo { count, skipped: extracted.skipped, ..SourceInfo::new(source) };
                Ok((Cow::Owned(extracted.features), info))
            }
            FeatureSource::Features { set, .. } => Ok((Cow::Borrowed(set), SourceInfo::new(source))),
            FeatureSource::Moments { path, .. } => Err(EvaluateError::OnlyMoments { path: path.clone() }),
        }
    }

    fn generated_moments(&self) -> Result<(Cow<'_, Moments>, SourceInfo), EvaluateError> {
        match &self.generated {
            FeatureSource::Moments { moments, .. } => Ok((Cow::Borrowed(moments), SourceInfo::new(&self.generated))),
            source => {
                let (features, info) = self.features(source)?;
                Ok((Cow::Owned(Moments::from_rows(&features.rows())), info))
            }
        }
    }

    fn real_moments(&self) -> Result<(Cow<'_, Moments>, SourceInfo), EvaluateError> {
        let info = SourceInfo::new(&self.real);
        Ok(match &self.real {
            FeatureSource::Images(images) => {
                let found = reference_moments(&**images, self.extraction(), self.cache, &self.digests)?;
                let (count, skipped, cached) = (found.moments.count(), found.skipped, found.cached);
                (Cow::Owned(found.moments), SourceInfo { count, skipped, cached, ..info })
            }
            FeatureSource::Features { set, .. } => (Cow::Owned(Moments::from_rows(&set.rows())), info),
            FeatureSource::Moments { moments, .. } => (Cow::Borrowed(moments), info),
        })
    }

    fn extraction(&self) -> &FeatureExtraction<'a> {
        self.extraction.as_ref().expect("a comparison of images has an extraction")
    }
}

impl Drop for Comparison<'_> {
    /// Saves the digests of the files that were hashed. If that fails, they are hashed again next time.
    fn drop(&mut self) {
        let _ = self.digests.save();
    }
}

impl SourceInfo {
    /// Of a source, all of whose images can be read.
    pub fn new(source: &FeatureSource) -> Self {
        let path = source.path().display().to_string();
        let other_files = source.other_files().to_vec();
        Self { path, kind: source.kind(), count: source.count(), skipped: 0, other_files, cached: false }
    }

    /// Of images, all of which can be read.
    pub fn of_images(images: &dyn ImageSource) -> Self {
        let (path, count) = (images.path().display().to_string(), Some(images.count()));
        let other_files = images.other_files().to_vec();
        Self { path, kind: images.kind(), count, skipped: 0, other_files, cached: false }
    }
}

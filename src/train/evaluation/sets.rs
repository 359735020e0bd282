//! Many samples against many photos, by what a network sees of both.

use burn::module::Module as _;

use crate::gan::Generator;
use crate::measure::ProtocolSets;
use crate::metric::{
    Moments, Rows, density_coverage, extrapolated_frechet, frechet_distance, inception_score, kernel_distance,
    kid_subsets, precision_recall,
};
use crate::prepare::{Extractor, HeldOut, ItemSet};
use crate::spec::{EvalSettings, InfinitySettings};
use crate::vision::{Network, Resizer};

use super::{CHUNK, Evaluator, Measured};
use crate::train::TrainError;

/// Neighbours that make a neighbourhood of precision and recall (Kynkäänniemi et al. 2019).
const NEIGHBOURS: usize = 3;
/// The same of density and coverage (Naeem et al. 2020).
const DENSE_NEIGHBOURS: usize = 5;
/// Parts that the Inception Score is taken of (Salimans et al. 2016).
const SPLITS: usize = 10;
/// Subsets of the kernel distance, and their size where there are as many pictures (Bińkowski et al. 2018).
const SUBSETS: (usize, usize) = (100, 1000);

/// How sets are compared.
pub(super) struct Sets {
    samples: usize,
    resizer: Resizer,
    infinity: InfinitySettings,
}

/// What the network sees of samples.
pub struct SampleFeatures {
    /// `[samples, length]`, row by row.
    pub features: Vec<f32>,
    /// `[samples, classes]`, where classes were asked for.
    pub logits: Option<Vec<f32>>,
}

impl Sets {
    pub(super) fn new(eval: &EvalSettings) -> Self {
        let resizer = eval.resizer.parse().expect("the catalogue lists only resizers that there are");
        Self { samples: eval.samples, resizer, infinity: eval.infinity.clone() }
    }

    /// The samples' side of a protocol, extrapolated or not.
    pub(super) fn protocol(&self, set: &ItemSet, to_infinity: bool) -> ProtocolSets {
        let count = |count: usize| u32::try_from(count).expect("there are at most ten million");
        let InfinitySettings { samples, from, points } = self.infinity;
        let samples = count(if to_infinity { samples } else { self.samples });
        let line = to_infinity.then(|| (count(from), count(points)));
        ProtocolSets { samples, photos: count(set.photos()), resizer: self.resizer.to_string(), line }
    }
}

impl Evaluator {
    /// Draws `count` samples, the ones from number `first` on, and gives what the network sees of each; `classes` says
    /// whether the Inception network's classes are wanted beside its layer.
    ///
    /// # Errors
    ///
    /// If the network has no classes, and they are asked for.
    pub fn features_of_samples(
        &self,
        generator: &Generator,
        set: &ItemSet,
        (first, count): (usize, usize),
        classes: bool,
    ) -> Result<SampleFeatures, TrainError> {
        let (extractor, _) = self.extractor.as_ref().expect("a plan refuses sets without an extractor");
        let sets = self.sets.as_ref().expect("sets are compared");
        let mut layers = vec![extractor.layer()];
        if classes {
            layers.push(classes_of(extractor)?);
        }
        let (mut features, mut logits) = (Vec::new(), Vec::new());
        let numbers: Vec<usize> = (first..first + count).collect();
        for chunk in numbers.chunks(CHUNK) {
            let pictures = self.artist.samples(generator, &set.from, chunk);
            let mut seen = extractor.features(&pictures, sets.resizer, &layers);
            if classes {
                logits.extend(seen.pop().into_iter().flatten().flatten());
            }
            features.extend(seen.pop().into_iter().flatten().flatten());
        }
        Ok(SampleFeatures { features, logits: classes.then_some(logits) })
    }

    /// The measures that take so many samples that they are taken once, when a run ends, of the set of these items.
    ///
    /// # Errors
    ///
    /// If a feature is not finite.
    pub fn extrapolate(&self, generator: &Generator, held_out: &HeldOut) -> Result<Vec<Measured>, TrainError> {
        let Some((sets, set)) = self.sets.as_ref().zip(held_out.set.as_ref()) else { return Ok(Vec::new()) };
        if self.last.is_empty() {
            return Ok(Vec::new());
        }
        let InfinitySettings { samples, from, points } = sets.infinity;
        let drawn = self.features_of_samples(&generator.valid(), set, (0, samples), false)?;
        let (photos, dimension) = photos(set);
        let (photos, fakes) = (Rows::new(&photos, dimension)?, Rows::new(&drawn.features, dimension)?);
        let value = extrapolated_frechet(&Moments::of(&photos), &fakes, from, points, self.seed)?.intercept;
        let measured =
            |&metric: &&'static str| Measured { metric, protocol: self.protocol(held_out, metric).id(), value };
        Ok(self.last.iter().map(measured).collect())
    }

    /// The measures of sets that are taken.
    pub(super) fn of_sets(&self, generator: &Generator, set: &ItemSet) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let Some(sets) = &self.sets else { return Ok(Vec::new()) };
        let classes = self.takes("inception_score");
        let samples = self.features_of_samples(generator, set, (0, sets.samples), classes)?;
        let (photos, dimension) = photos(set);
        let (photos, fakes) = (Rows::new(&photos, dimension)?, Rows::new(&samples.features, dimension)?);
        let mut values = Vec::new();
        let takes = |names: &[&'static str]| names.iter().copied().filter(|name| self.takes(name)).collect::<Vec<_>>();
        let frechet = takes(&["fid", "frechet_distance"]);
        if !frechet.is_empty() {
            let distance = frechet_distance(&Moments::of(&photos), &Moments::of(&fakes))?.distance;
            values.extend(frechet.into_iter().map(|name| (name, distance)));
        }
        let kernel = takes(&["kid", "kernel_distance"]);
        if !kernel.is_empty() {
            let size = SUBSETS.1.min(photos.count()).min(fakes.count());
            let subsets = kid_subsets(photos.count(), fakes.count(), SUBSETS.0, size, self.seed)?;
            let distance = kernel_distance(&photos, &fakes, &subsets)?.mean;
            values.extend(kernel.into_iter().map(|name| (name, distance)));
        }
        if let Some(logits) = &samples.logits {
            let logits = Rows::new(logits, logits.len() / fakes.count())?;
            values.push(("inception_score", inception_score(&logits, SPLITS, self.seed)?.mean));
        }
        if !takes(&["precision", "recall"]).is_empty() {
            let found = precision_recall(&photos, &fakes, NEIGHBOURS)?;
            values.extend([("precision", found.precision), ("recall", found.recall)]);
        }
        if !takes(&["density", "coverage"]).is_empty() {
            let found = density_coverage(&photos, &fakes, DENSE_NEIGHBOURS)?;
            values.extend([("density", found.density), ("coverage", found.coverage)]);
        }
        values.retain(|(name, _)| self.takes(name));
        Ok(values)
    }
}

/// What the network sees of the set's photos, row by row, and the length of a row.
fn photos(set: &ItemSet) -> (Vec<f32>, usize) {
    let dimension = set.reference.row_length();
    let mut photos = Vec::with_capacity(set.photos() * dimension);
    (0..set.photos()).for_each(|row| set.reference.extend_from_row(row, &mut photos));
    (photos, dimension)
}

/// The layer of an Inception network that its score is taken of.
fn classes_of(extractor: &Extractor) -> Result<crate::vision::Layer, TrainError> {
    let network: Network = extractor.network();
    let none = |why: String| TrainError::NoClasses { network: network.to_string(), why };
    let layer = network.layer("logits_unbiased").map_err(|error| none(error.to_string()))?;
    match extractor.reaches(layer) {
        true => Ok(layer),
        false => Err(none("its file of weights lacks the layer of classes".into())),
    }
}

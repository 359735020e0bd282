//! Measures that compare the feature distributions of many samples and of reference images.

use burn::module::Module as _;

use crate::evaluate::SetMeasures;
use crate::gan::Generator;
use crate::measure::ProtocolSets;
use crate::metric::{Moments, Rows, extrapolated_frechet};
use crate::prepare::{Extractor, HeldOut, ReferenceSet};
use crate::spec::{EvalSettings, InfinitySettings};
use crate::vision::{INCEPTION_SCORE_LAYER, Network, Resizer};

use super::{CHUNK, Evaluator, Measurement};
use crate::train::TrainError;

/// The settings of a comparison of sets.
pub(super) struct SetComparison {
    samples: usize,
    resizer: Resizer,
    infinity: InfinitySettings,
}

/// Features of samples.
pub struct SampleFeatures {
    /// `[samples, length]`, row by row.
    pub features: Vec<f32>,
    /// `[samples, classes]`, if class logits were requested.
    pub logits: Option<Vec<f32>>,
}

impl SetComparison {
    pub(super) fn new(eval: &EvalSettings) -> Self {
        let resizer = eval.resizer.parse().expect("the catalogue lists only existing resizers");
        Self { samples: eval.samples, resizer, infinity: eval.infinity.clone() }
    }

    /// The protocol entry of the sets, with or without extrapolation to infinitely many samples.
    pub(super) fn protocol(&self, set: &ReferenceSet, to_infinity: bool) -> ProtocolSets {
        let count = |count: usize| u32::try_from(count).expect("there are at most ten million");
        let InfinitySettings { samples, from, points } = self.infinity;
        let samples = count(if to_infinity { samples } else { self.samples });
        let line = to_infinity.then(|| (count(from), count(points)));
        ProtocolSets { samples, photos: count(set.images()), resizer: self.resizer.to_string(), line }
    }
}

impl Evaluator {
    /// Generates `count` samples, from number `first` on, and extracts their features. `classes` requests the class
    /// logits of the Inception network too.
    ///
    /// # Errors
    ///
    /// If class logits are requested and the network has none.
    pub fn sample_features(
        &self,
        generator: &Generator,
        set: &ReferenceSet,
        (first, count): (usize, usize),
        classes: bool,
    ) -> Result<SampleFeatures, TrainError> {
        let (extractor, _) = self.extractor.as_ref().expect("a plan with set measures has an extractor");
        let sets = self.sets.as_ref().expect("sets are compared");
        let mut layers = vec![extractor.layer()];
        if classes {
            layers.push(class_layer(extractor)?);
        }
        let (mut features, mut logits) = (Vec::new(), Vec::new());
        let numbers: Vec<usize> = (first..first + count).collect();
        for chunk in numbers.chunks(CHUNK) {
            let images = self.sample_generator.samples(generator, &set.sources, chunk);
            let mut of_layers = extractor.features(&images, sets.resizer, &layers);
            if classes {
                logits.extend(of_layers.pop().into_iter().flatten().flatten());
            }
            features.extend(of_layers.pop().into_iter().flatten().flatten());
        }
        Ok(SampleFeatures { features, logits: classes.then_some(logits) })
    }

    /// The measures that need so many samples that they are evaluated once, when a run ends.
    ///
    /// # Errors
    ///
    /// If a feature is not finite.
    pub fn evaluate_final(&self, generator: &Generator, held_out: &HeldOut) -> Result<Vec<Measurement>, TrainError> {
        let Some((sets, set)) = self.sets.as_ref().zip(held_out.reference.as_ref()) else { return Ok(Vec::new()) };
        if self.final_measures.is_empty() {
            return Ok(Vec::new());
        }
        let InfinitySettings { samples, from, points } = sets.infinity;
        let samples = self.sample_features(&generator.valid(), set, (0, samples), false)?;
        let (real, dimension) = reference_features(set);
        let (real, fakes) = (Rows::new(&real, dimension)?, Rows::new(&samples.features, dimension)?);
        let value = extrapolated_frechet(&Moments::from_rows(&real), &fakes, from, points, self.seed)?.intercept;
        let measurement =
            |&metric: &&'static str| Measurement { metric, protocol: self.protocol(held_out, metric).id(), value };
        Ok(self.final_measures.iter().map(measurement).collect())
    }

    /// The set measures of every evaluation.
    pub(super) fn evaluate_sets(
        &self,
        generator: &Generator,
        set: &ReferenceSet,
    ) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let Some(sets) = &self.sets else { return Ok(Vec::new()) };
        let classes = self.includes("inception_score");
        let samples = self.sample_features(generator, set, (0, sets.samples), classes)?;
        let (real, dimension) = reference_features(set);
        let (real, fakes) = (Rows::new(&real, dimension)?, Rows::new(&samples.features, dimension)?);
        let logits = samples.logits.as_deref();
        let logits = logits.map(|logits| Rows::new(logits, logits.len() / fakes.count())).transpose()?;
        let measures = SetMeasures { real, samples: fakes, logits, seed: self.seed };
        Ok(measures.compute(|name| self.includes(name))?)
    }
}

/// The features of the reference images, row by row, and the length of a row.
fn reference_features(set: &ReferenceSet) -> (Vec<f32>, usize) {
    let dimension = set.features.row_length();
    let mut values = Vec::with_capacity(set.images() * dimension);
    (0..set.images()).for_each(|row| set.features.extend_from_row(row, &mut values));
    (values, dimension)
}

/// The layer of an Inception network that gives the logits of the Inception Score.
fn class_layer(extractor: &Extractor) -> Result<crate::vision::Layer, TrainError> {
    let network: Network = extractor.network();
    let none = |why: String| TrainError::NoClasses { network: network.to_string(), why };
    let layer = network.layer(INCEPTION_SCORE_LAYER).map_err(|error| none(error.to_string()))?;
    match extractor.has_layer(layer) {
        true => Ok(layer),
        false => Err(none("its weights do not include the layer of classes".into())),
    }
}

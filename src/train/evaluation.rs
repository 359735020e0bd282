//! Evaluation on held-out items: fixed images, captions and noise, the same for every method and seed.

mod grid;
mod samples;
mod sets;
mod strips;

use burn::module::Module;
use burn::tensor::Device;

use crate::gan::Generator;
use crate::measure::{Protocol, ProtocolId, metric};
use crate::metric::{BloomTruth, Lpips, Planes, colour_distance, diversity, feature_distance, has_colour, ssim};
use crate::prepare::{
    Array, Cache, EvalItem, Extractor, ExtractorConfig, GuideInput, HeldOut, PrepareError, weights_fingerprint,
};
use crate::random::{Random, Stream};
use crate::spec::{EvalSettings, Settings};

use super::TrainError;
use super::batches::tensor;
pub use grid::ImageGrid;
use grid::image_grid;
use samples::{Conditions, to_rgb_image};
pub use samples::{SampleGenerator, planes};
use sets::SetComparison;

/// Samples of a batch.
pub(super) const CHUNK: usize = 32;

/// The measures of drawn flowers, in the order of [`BloomTruth`].
const BLOOMS: [&str; 4] = ["bloom_count", "bloom_colour", "bloom_place", "bloom_size"];

/// The value of a measure on held-out items.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The metric's name.
    pub metric: &'static str,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// The value.
    pub value: f64,
}

/// The result of an evaluation.
pub struct Evaluation {
    /// The values of the measures.
    pub values: Vec<Measurement>,
    /// The sample grid.
    pub samples: ImageGrid,
}

/// Evaluates the measures of a run.
pub struct Evaluator {
    /// The measures of every evaluation.
    measures: Vec<&'static str>,
    /// The measures that are evaluated once, when a run ends.
    final_measures: Vec<&'static str>,
    side: usize,
    sample_generator: SampleGenerator,
    noises: usize,
    seed: u64,
    /// The feature extractor, and its identifier in protocols.
    extractor: Option<(Extractor, String)>,
    /// The comparison of sets, if a measure requires it.
    sets: Option<SetComparison>,
    /// LPIPS, and its identifier in protocols.
    lpips: Option<(Lpips, String)>,
    device: Device,
}

impl Evaluator {
    /// The evaluator of a run on `device`, which has no autodiff.
    ///
    /// # Errors
    ///
    /// If a network cannot be loaded.
    pub fn new(settings: &Settings, cache: &Cache, device: &Device) -> Result<Self, TrainError> {
        let (final_measures, measures): (Vec<_>, Vec<_>) =
            required_measures(settings).into_iter().partition(|name| EvalSettings::FINAL_MEASURES.contains(name));
        let compares_sets = settings.eval.has_set_measures(&settings.keep.best);
        let config = ExtractorConfig::of_evaluation(&settings.eval).map_err(PrepareError::from)?;
        let identifier = |config: &ExtractorConfig| {
            let file = config.file().map(|path| weights_fingerprint(path, &cache.digests())).transpose()?;
            Ok::<_, TrainError>(config.identifier(file.as_deref()))
        };
        let needs_features = measures.contains(&"feature_distance") || compares_sets;
        let extractor = config
            .as_ref()
            .filter(|_| needs_features)
            .map(|config| Ok::<_, TrainError>((config.load(settings.image.resolution, device)?, identifier(config)?)));
        let lpips = config.as_ref().filter(|_| measures.contains(&"lpips")).map(|config| {
            let linear = settings.eval.lpips.as_path();
            let network =
                Lpips::load(config.network(), config.weights()?, linear, device).map_err(PrepareError::from)?;
            let name =
                format!("lpips 0.1 {} linear {}", identifier(config)?, weights_fingerprint(linear, &cache.digests())?);
            Ok::<_, TrainError>((network, name))
        });
        Ok(Self {
            sets: compares_sets.then(|| SetComparison::new(&settings.eval)),
            lpips: lpips.transpose()?,
            measures,
            final_measures,
            side: settings.image.resolution,
            sample_generator: SampleGenerator::new(settings, device),
            noises: settings.eval.noises,
            seed: settings.data.seed,
            extractor: extractor.transpose()?,
            device: device.clone(),
        })
    }

    /// The measures of every evaluation.
    pub fn measures(&self) -> &[&'static str] {
        &self.measures
    }

    /// The measures that are evaluated once, when a run ends.
    pub fn final_measures(&self) -> &[&'static str] {
        &self.final_measures
    }

    /// The protocol of a measure on these items.
    pub fn protocol(&self, held_out: &HeldOut, metric: &str) -> Protocol {
        let kind = match metric {
            "feature_distance" => "own-features",
            "lpips" => "own-perception",
            metric if EvalSettings::FINAL_MEASURES.contains(&metric) => "sets-to-infinity",
            metric if EvalSettings::SET_MEASURES.contains(&metric) => "sets",
            "diversity" => "between-noises",
            "text_sensitivity" => "recoloured-text",
            metric if BLOOMS.contains(&metric) => "drawn-truth",
            _ => "own-image",
        };
        let of_sets = kind.starts_with("sets");
        let by_network = of_sets || kind == "own-features";
        let extractor = match kind {
            "own-perception" => self.lpips.as_ref().map(|(_, identifier)| identifier.clone()),
            _ => self.extractor.as_ref().filter(|_| by_network).map(|(_, identifier)| identifier.clone()),
        };
        let sets = self.sets.as_ref().zip(held_out.reference.as_ref()).filter(|_| of_sets);
        let noises = (kind == "between-noises").then_some(self.noises);
        let item = |item: &EvalItem| crate::measure::ProtocolItem {
            image: item.image,
            class: item.class,
            caption: item.caption.clone(),
        };
        Protocol {
            kind: kind.to_owned(),
            split: held_out.split.clone(),
            resolution: u32::try_from(self.side).expect("a resolution is at most 256"),
            seed: self.seed,
            // Reference images are identified by their fingerprint, since there can be thousands.
            items: if sets.is_some() { Vec::new() } else { held_out.items.iter().map(item).collect() },
            data: sets.map_or(&held_out.data, |(_, set)| &set.data).clone(),
            sets: sets.map(|(sets, set)| sets.protocol(set, kind == "sets-to-infinity")),
            extractor,
            noises: noises.map(|noises| u32::try_from(noises).expect("there are at most 64 noises")),
        }
    }

    /// Every protocol of the measures on these items, once each.
    pub fn protocols(&self, held_out: &HeldOut) -> Vec<Protocol> {
        let mut all: Vec<Protocol> = Vec::new();
        // Image grids are stored under the first.
        for metric in ["colour_distance"].iter().chain(&self.measures).chain(&self.final_measures) {
            let protocol = self.protocol(held_out, metric);
            if !all.contains(&protocol) {
                all.push(protocol);
            }
        }
        all
    }

    /// Generates the sample of every item and evaluates the measures. Batch norms use their running statistics, which
    /// do not change.
    ///
    /// # Errors
    ///
    /// If a feature is not finite, or the sample grid cannot be encoded.
    pub fn evaluate(&self, generator: &Generator, held_out: &HeldOut) -> Result<Evaluation, TrainError> {
        let generator = generator.valid();
        let samples = self.generate(&generator, held_out, &CaptionKind::Own, 1);
        let mut values = self.evaluate_samples(&samples, held_out)?;
        if self.includes("diversity") {
            let more: Vec<Vec<Planes>> = (2..=self.noises as u64)
                .map(|noise| self.generate(&generator, held_out, &CaptionKind::Own, noise))
                .collect();
            let of = |place: usize| {
                let all: Vec<Planes> =
                    std::iter::once(&samples).chain(&more).map(|samples| samples[place].clone()).collect();
                diversity(&all)
            };
            values.push(("diversity", mean((0..samples.len()).map(of))));
        }
        if let Some((list, _)) = held_out.recoloured.as_ref().filter(|_| self.includes("text_sensitivity")) {
            let recoloured = self.generate(&generator, held_out, &CaptionKind::Recoloured, 1);
            let has_changed =
                recoloured.iter().zip(list).map(|(sample, to)| f64::from(u8::from(has_colour(sample, to.colour))));
            values.push(("text_sensitivity", mean(has_changed)));
        }
        if let Some(set) = &held_out.reference {
            values.extend(self.evaluate_sets(&generator, set)?);
        }
        values.sort_by_key(|(name, _)| self.measures.iter().position(|measure| measure == name));
        let values = values.into_iter().map(|(metric, value)| Measurement {
            metric,
            protocol: self.protocol(held_out, metric).id(),
            value,
        });
        Ok(Evaluation { values: values.collect(), samples: image_grid("samples", &samples)? })
    }

    /// The measures of the items' own images, where they do not follow from the definition of the measure. Samples
    /// cannot be expected to be much better.
    pub fn evaluate_originals(&self, held_out: &HeldOut) -> Vec<(&'static str, f64)> {
        self.evaluate_blooms(&originals(held_out, self.side), held_out)
    }

    /// Whether a measure can be evaluated on these items: the flowers of photographs are not known, and a caption may
    /// name no colour.
    pub fn is_available(&self, held_out: &HeldOut, measure: &str) -> bool {
        match measure {
            "text_sensitivity" => held_out.recoloured.is_some(),
            "feature_distance" => self.extractor.is_some(),
            "lpips" => self.lpips.is_some(),
            name if EvalSettings::SET_MEASURES.contains(&name) => held_out.reference.is_some(),
            name if BLOOMS.contains(&name) => held_out.items.iter().all(|item| item.truth.is_some()),
            _ => true,
        }
    }

    fn includes(&self, measure: &str) -> bool {
        self.measures.contains(&measure)
    }

    /// The measures that need one sample of each item.
    fn evaluate_samples(&self, samples: &[Planes], held_out: &HeldOut) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let originals = originals(held_out, self.side);
        let pairs = || samples.iter().zip(&originals);
        let mut values = Vec::new();
        if self.includes("colour_distance") {
            values.push(("colour_distance", mean(pairs().map(|(sample, own)| colour_distance(own, sample)))));
        }
        if self.includes("ssim") {
            values.push(("ssim", mean(pairs().map(|(sample, own)| ssim(own, sample)))));
        }
        if let Some((extractor, _)) = self.extractor.as_ref().filter(|_| self.includes("feature_distance")) {
            let (found, own) = (self.features(extractor, samples), self.features(extractor, &originals));
            values.push(("feature_distance", mean(found.iter().zip(&own).map(|(a, b)| feature_distance(a, b)))));
        }
        if let Some((lpips, _)) = &self.lpips {
            let of = |images: &[Planes]| images.iter().map(to_rgb_image).collect::<Vec<_>>();
            let distances = lpips.distance(&of(samples), &of(&originals)).map_err(PrepareError::from)?;
            values.push(("lpips", mean(distances.into_iter())));
        }
        values.extend(self.evaluate_blooms(samples, held_out));
        Ok(values)
    }

    /// The measures of drawn flowers, if the flowers of every item are known.
    fn evaluate_blooms(&self, samples: &[Planes], held_out: &HeldOut) -> Vec<(&'static str, f64)> {
        let mut values = Vec::new();
        let truths: Vec<Option<BloomTruth>> = held_out.items.iter().map(truth).collect();
        if BLOOMS.iter().any(|name| self.includes(name)) && truths.iter().all(Option::is_some) {
            let matches = samples.iter().zip(truths.iter().flatten()).map(|(sample, truth)| truth.compare(sample));
            let matches: Vec<[bool; 4]> = matches.collect();
            for (i, name) in BLOOMS.into_iter().enumerate().filter(|(_, name)| self.includes(name)) {
                values.push((name, mean(matches.iter().map(|matches| f64::from(u8::from(matches[i]))))));
            }
        }
        values
    }

    fn features(&self, extractor: &Extractor, images: &[Planes]) -> Vec<Vec<f32>> {
        let mut features = Vec::with_capacity(images.len());
        for chunk in images.chunks(CHUNK) {
            let values = chunk.iter().flat_map(|image| image.values.iter().map(|value| 2.0 * value - 1.0)).collect();
            let found = extractor.extract(tensor(values, [chunk.len(), 3, self.side, self.side], &self.device));
            let length = found.dims()[1];
            let data = found.into_data_as::<f32>();
            let values = data.as_slice::<f32>().expect("the data was converted to f32");
            features.extend(values.chunks_exact(length).map(<[f32]>::to_vec));
        }
        features
    }

    /// One sample for each item or each recoloured caption. `number` selects the noise.
    fn generate(&self, generator: &Generator, held_out: &HeldOut, captions: &CaptionKind, number: u64) -> Vec<Planes> {
        let length = self.sample_generator.noise;
        // The noise is part of the protocol, not of the run, and therefore keyed by `data.seed`.
        let mut random = Random::keyed(self.seed, Stream::Evaluation, number, 0);
        let count = held_out.items.len() * length;
        let noise = random.noise(self.sample_generator.uniform, count);
        // The index of each item, and the sentence vector of its sample.
        let rows_of_items: Vec<(usize, &Array, usize)> = match (captions, &held_out.recoloured) {
            (CaptionKind::Own, _) => {
                let own = |(place, item): (usize, &EvalItem)| (place, &*held_out.sentences, item.sentence);
                held_out.items.iter().enumerate().map(own).collect()
            }
            (CaptionKind::Recoloured, Some((list, vectors))) => {
                list.iter().enumerate().map(|(row, recoloured)| (recoloured.item, vectors, row)).collect()
            }
            (CaptionKind::Recoloured, None) => Vec::new(),
        };
        let mut samples = Vec::with_capacity(rows_of_items.len());
        for chunk in rows_of_items.chunks(CHUNK) {
            // All rows of a chunk are in the same array.
            let sentences = chunk[0].1;
            let noises = chunk.iter().flat_map(|(place, ..)| &noise[place * length..(place + 1) * length]);
            let rows: Vec<(usize, GuideInput)> =
                chunk.iter().map(|(place, _, row)| (*row, held_out.items[*place].guide)).collect();
            let conditions = Conditions { sentences, features: held_out.features.as_deref() };
            samples.extend(self.sample_generator.generate(generator, noises.copied().collect(), &rows, &conditions));
        }
        samples
    }
}

/// The caption that a sample is generated from.
enum CaptionKind {
    Own,
    Recoloured,
}

/// The measures that `settings` require, with those of early stopping and `keep.best`, in the order of the catalogue.
fn required_measures(settings: &Settings) -> Vec<&'static str> {
    let listed = settings.eval.measures.iter().map(String::as_str);
    let best = Some(settings.keep.best.as_str()).filter(|name| !["none", "d_loss", "g_loss"].contains(name));
    let watched = (settings.train.collapse_floor > 0.0).then_some("diversity");
    let mut all: Vec<&'static str> =
        listed.chain(best).chain(watched).filter_map(|name| metric(name).map(|metric| metric.name)).collect();
    let place = |name: &str| crate::measure::METRICS.iter().position(|metric| metric.name == name);
    all.sort_by_key(|name| place(name));
    all.dedup();
    all
}

fn truth(item: &EvalItem) -> Option<BloomTruth> {
    let truth = item.truth.as_ref()?;
    Some(BloomTruth { count: truth.count, colour: truth.colour, centroid: truth.centroid, area: truth.area })
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn originals(held_out: &HeldOut, side: usize) -> Vec<Planes> {
    held_out.items.iter().map(|item| Planes::from_bytes(side, held_out.pixels.row(item.pixels))).collect()
}

/// The grids of the items' own images and of the inputs of the guide network for their guides.
///
/// # Errors
///
/// If a grid cannot be encoded.
pub fn reference_grids(held_out: &HeldOut, side: usize) -> Result<Vec<ImageGrid>, TrainError> {
    let mut grids = vec![image_grid("originals", &originals(held_out, side))?];
    if let Some(guides) = &held_out.guide_images {
        let guides: Vec<Planes> = (0..guides.rows()).map(|row| Planes::from_bytes(side, guides.row(row))).collect();
        grids.push(image_grid("guides", &guides)?);
    }
    Ok(grids)
}

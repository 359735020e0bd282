//! Looking at held-out items: fixed images, captions and noise, the same for every method and seed.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::gan::Generator;
use crate::measure::{Protocol, ProtocolId, metric};
use crate::metric::{BloomTruth, Planes, colour_distance, diversity, feature_distance, has_colour, ssim};
use crate::prepare::{Cache, EvalItem, Extractor, ExtractorConfig, HeldOut, weights_print};
use crate::random::{Random, Stream};
use crate::spec::Settings;

use super::TrainError;
use super::batches::{extend_from_guide, tensor};
use super::grid::grid;
use super::session::NewImage;

/// Images drawn at once.
const CHUNK: usize = 32;

/// The measures of drawn flowers, in the order in which the truth gives them.
const BLOOMS: [&str; 4] = ["bloom_count", "bloom_colour", "bloom_place", "bloom_size"];

/// A measure of held-out items.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The metric's name.
    pub metric: &'static str,
    /// How it was made.
    pub protocol: ProtocolId,
    /// The value.
    pub value: f64,
}

/// What an evaluation gives.
pub struct Evaluated {
    /// The measures.
    pub values: Vec<Measured>,
    /// The sample grid.
    pub samples: NewImage,
}

/// Takes the measures that a run asks for.
pub struct Evaluator {
    /// Their names.
    measures: Vec<&'static str>,
    side: usize,
    noise: usize,
    uniform: bool,
    noises: usize,
    seed: u64,
    /// The network that features are compared by, and what it is called in protocols.
    extractor: Option<(Extractor, String)>,
    device: Device,
}

impl Evaluator {
    /// The evaluator of a run on `device`, which keeps no gradients.
    ///
    /// # Errors
    ///
    /// If the network that features are compared by cannot be loaded.
    pub fn new(settings: &Settings, cache: &Cache, device: &Device) -> Result<Self, TrainError> {
        let measures = wanted(settings);
        let extractor = match measures.contains(&"feature_distance") {
            false => None,
            true => ExtractorConfig::of_evaluation(&settings.eval).map_err(crate::prepare::PrepareError::from)?,
        };
        let extractor = extractor.map(|config| {
            let print = config.file().map(|path| weights_print(path, &cache.digests())).transpose()?;
            let network = config.load(settings.image.resolution, device)?;
            Ok::<_, TrainError>((network, config.print(print.as_deref())))
        });
        Ok(Self {
            measures,
            side: settings.image.resolution,
            noise: settings.generator.noise,
            uniform: settings.generator.noise_kind == "uniform",
            noises: settings.eval.noises,
            seed: settings.data.seed,
            extractor: extractor.transpose()?,
            device: device.clone(),
        })
    }

    /// The measures that are taken.
    pub fn measures(&self) -> &[&'static str] {
        &self.measures
    }

    /// How a measure of these items is made.
    pub fn protocol(&self, held_out: &HeldOut, metric: &str) -> Protocol {
        let kind = match metric {
            "feature_distance" => "own-features",
            "diversity" => "between-noises",
            "text_sensitivity" => "recoloured-text",
            metric if BLOOMS.contains(&metric) => "drawn-truth",
            _ => "own-image",
        };
        let extractor = self.extractor.as_ref().filter(|_| kind == "own-features").map(|(_, print)| print.clone());
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
            items: held_out.items.iter().map(item).collect(),
            data: held_out.data.clone(),
            extractor,
            noises: noises.map(|noises| u32::try_from(noises).expect("there are at most 64 noises")),
        }
    }

    /// Every protocol that the measures of these items are made by, once each.
    pub fn protocols(&self, held_out: &HeldOut) -> Vec<Protocol> {
        let mut all: Vec<Protocol> = Vec::new();
        // Pictures are kept under the first.
        for metric in ["colour_distance"].iter().chain(&self.measures) {
            let protocol = self.protocol(held_out, metric);
            if !all.contains(&protocol) {
                all.push(protocol);
            }
        }
        all
    }

    /// Draws every item and takes the measures. Running statistics are used, and left as they are.
    ///
    /// # Errors
    ///
    /// If the sample grid cannot be encoded.
    pub fn evaluate(&self, generator: &Generator, held_out: &HeldOut) -> Result<Evaluated, TrainError> {
        let generator = generator.valid();
        let samples = self.draw(&generator, held_out, &Sentences::Own, 1);
        let mut values = self.of_samples(&samples, held_out);
        if self.takes("diversity") {
            let more: Vec<Vec<Planes>> =
                (2..=self.noises as u64).map(|noise| self.draw(&generator, held_out, &Sentences::Own, noise)).collect();
            let of = |place: usize| {
                let all: Vec<Planes> =
                    std::iter::once(&samples).chain(&more).map(|drawn| drawn[place].clone()).collect();
                diversity(&all)
            };
            values.push(("diversity", mean((0..samples.len()).map(of))));
        }
        if let Some((list, _)) = held_out.recoloured.as_ref().filter(|_| self.takes("text_sensitivity")) {
            let drawn = self.draw(&generator, held_out, &Sentences::Recoloured, 1);
            let moved = drawn.iter().zip(list).map(|(sample, to)| f64::from(u8::from(has_colour(sample, to.colour))));
            values.push(("text_sensitivity", mean(moved)));
        }
        values.sort_by_key(|(name, _)| self.measures.iter().position(|measure| measure == name));
        let values = values.into_iter().map(|(metric, value)| Measured {
            metric,
            protocol: self.protocol(held_out, metric).id(),
            value,
        });
        Ok(Evaluated { values: values.collect(), samples: grid("samples", &samples)? })
    }

    /// What the measures say of the items' own photos, which no sample can do much better than: their floor, where
    /// that is not plain from their definition.
    pub fn of_originals(&self, held_out: &HeldOut) -> Vec<(&'static str, f64)> {
        let blooms = self.of_samples(&originals(held_out, self.side), held_out).into_iter();
        blooms.filter(|(name, _)| BLOOMS.contains(name)).collect()
    }

    /// Whether a measure can be taken of these items: what flowers are drawn is not known of photos, and a caption
    /// may name no colour.
    pub fn is_taken(&self, held_out: &HeldOut, measure: &str) -> bool {
        match measure {
            "text_sensitivity" => held_out.recoloured.is_some(),
            "feature_distance" => self.extractor.is_some(),
            name if BLOOMS.contains(&name) => held_out.items.iter().all(|item| item.truth.is_some()),
            _ => true,
        }
    }

    fn takes(&self, measure: &str) -> bool {
        self.measures.contains(&measure)
    }

    /// The measures that one sample of each item is enough for.
    fn of_samples(&self, samples: &[Planes], held_out: &HeldOut) -> Vec<(&'static str, f64)> {
        let originals = originals(held_out, self.side);
        let pairs = || samples.iter().zip(&originals);
        let mut values = Vec::new();
        if self.takes("colour_distance") {
            values.push(("colour_distance", mean(pairs().map(|(sample, own)| colour_distance(own, sample)))));
        }
        if self.takes("ssim") {
            values.push(("ssim", mean(pairs().map(|(sample, own)| ssim(own, sample)))));
        }
        if let Some((extractor, _)) = &self.extractor {
            let (found, own) = (self.features(extractor, samples), self.features(extractor, &originals));
            values.push(("feature_distance", mean(found.iter().zip(&own).map(|(a, b)| feature_distance(a, b)))));
        }
        let truths: Vec<Option<BloomTruth>> = held_out.items.iter().map(truth).collect();
        if BLOOMS.iter().any(|name| self.takes(name)) && truths.iter().all(Option::is_some) {
            let holds = samples.iter().zip(truths.iter().flatten()).map(|(sample, truth)| truth.holds(sample));
            let holds: Vec<[bool; 4]> = holds.collect();
            for (i, name) in BLOOMS.into_iter().enumerate().filter(|(_, name)| self.takes(name)) {
                values.push((name, mean(holds.iter().map(|holds| f64::from(u8::from(holds[i]))))));
            }
        }
        values
    }

    fn features(&self, extractor: &Extractor, pictures: &[Planes]) -> Vec<Vec<f32>> {
        let mut features = Vec::with_capacity(pictures.len());
        for chunk in pictures.chunks(CHUNK) {
            let values =
                chunk.iter().flat_map(|picture| picture.values.iter().map(|value| 2.0 * value - 1.0)).collect();
            let found = extractor.look(tensor(values, [chunk.len(), 3, self.side, self.side], &self.device));
            let length = found.dims()[1];
            let data = found.into_data_as::<f32>();
            let values = data.as_slice::<f32>().expect("the data was asked for as f32");
            features.extend(values.chunks_exact(length).map(<[f32]>::to_vec));
        }
        features
    }

    /// One sample for each item, or for each recoloured caption of one, from the noise of that number.
    fn draw(&self, generator: &Generator, held_out: &HeldOut, sentences: &Sentences, number: u64) -> Vec<Planes> {
        let length = self.noise;
        // Keyed by the data's seed: the noise is part of the protocol, not of the run.
        let mut random = Random::keyed(self.seed, Stream::Evaluation, number, 0);
        let count = held_out.items.len() * length;
        let noise = random.noise(self.uniform, count);
        // The place of each item among the items, and the vector that it is drawn from.
        let drawn: Vec<(usize, &crate::prepare::Array, usize)> = match (sentences, &held_out.recoloured) {
            (Sentences::Own, _) => {
                let own = |(place, item): (usize, &EvalItem)| (place, &*held_out.sentences, item.sentence);
                held_out.items.iter().enumerate().map(own).collect()
            }
            (Sentences::Recoloured, Some((list, vectors))) => {
                list.iter().enumerate().map(|(row, recoloured)| (recoloured.item, vectors, row)).collect()
            }
            (Sentences::Recoloured, None) => Vec::new(),
        };
        let mut samples = Vec::with_capacity(drawn.len());
        for chunk in drawn.chunks(CHUNK) {
            let (mut noises, mut sentences, mut guides) = (Vec::new(), Vec::new(), Vec::new());
            for (place, vectors, row) in chunk {
                noises.extend(&noise[place * length..(place + 1) * length]);
                vectors.extend_from_row(*row, &mut sentences);
                if let Some(features) = &held_out.features {
                    extend_from_guide(features, held_out.items[*place].guide, false, &mut guides);
                }
            }
            let n = chunk.len();
            let features = held_out.features.as_ref().map(|features| features.row_length() / 2);
            samples.extend(planes(generator.forward(
                tensor(noises, [n, length], &self.device),
                tensor(sentences, [n, held_out.sentences.row_length()], &self.device),
                features.map(|features| tensor(guides, [n, features], &self.device)),
            )));
        }
        samples
    }
}

/// Which sentence an item is drawn from.
enum Sentences {
    Own,
    Recoloured,
}

/// Images `[n, 3, s, s]` in [−1, 1] as pictures.
pub fn planes(images: Tensor<4>) -> Vec<Planes> {
    let [_, _, side, _] = images.dims();
    let data = images.into_data_as::<f32>();
    let values = data.as_slice::<f32>().expect("the data was asked for as f32");
    let picture = |values: &[f32]| Planes { side, values: values.iter().map(|value| (value + 1.0) / 2.0).collect() };
    values.chunks(3 * side * side).map(picture).collect()
}

/// The measures that `settings` ask for, those that stopping and keeping go by among them, in the catalogue's order.
fn wanted(settings: &Settings) -> Vec<&'static str> {
    let asked = settings.eval.measures.iter().map(String::as_str);
    let best = Some(settings.keep.best.as_str()).filter(|name| !["none", "d_loss", "g_loss"].contains(name));
    let watched = (settings.train.collapse_floor > 0.0).then_some("diversity");
    let mut all: Vec<&'static str> =
        asked.chain(best).chain(watched).filter_map(|name| metric(name).map(|metric| metric.name)).collect();
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

/// The items' own photos, and what the guide network saw of the guides that they are drawn with.
///
/// # Errors
///
/// If a grid cannot be encoded.
pub fn references(held_out: &HeldOut, side: usize) -> Result<Vec<NewImage>, TrainError> {
    let mut pictures = vec![grid("originals", &originals(held_out, side))?];
    if let Some(guides) = &held_out.guide_pictures {
        let guides: Vec<Planes> = (0..guides.rows()).map(|row| Planes::from_bytes(side, guides.row(row))).collect();
        pictures.push(grid("guides", &guides)?);
    }
    Ok(pictures)
}

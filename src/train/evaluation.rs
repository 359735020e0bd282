//! Looking at held-out items: fixed images, captions and noise, the same for every method and seed.

mod artist;
mod sets;

use burn::module::Module;
use burn::tensor::Device;

use crate::gan::Generator;
use crate::measure::{Protocol, ProtocolId, metric};
use crate::metric::{BloomTruth, Lpips, Planes, colour_distance, diversity, feature_distance, has_colour, ssim};
use crate::prepare::{Array, Cache, EvalItem, Extractor, ExtractorConfig, Fed, HeldOut, PrepareError, weights_print};
use crate::random::{Random, Stream};
use crate::spec::{EvalSettings, Settings};

use super::TrainError;
use super::batches::tensor;
use super::grid::grid;
use super::session::NewImage;
pub use artist::{Artist, planes};
use artist::{Source, picture};
use sets::Sets;

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
    /// The names of those that are taken once, when a run ends.
    last: Vec<&'static str>,
    side: usize,
    artist: Artist,
    noises: usize,
    seed: u64,
    /// The network that features are compared by, and what it is called in protocols.
    extractor: Option<(Extractor, String)>,
    /// How sets are compared, where they are.
    sets: Option<Sets>,
    /// LPIPS, and what it is called in protocols.
    lpips: Option<(Lpips, String)>,
    device: Device,
}

impl Evaluator {
    /// The evaluator of a run on `device`, which keeps no gradients.
    ///
    /// # Errors
    ///
    /// If the network that features are compared by cannot be loaded.
    pub fn new(settings: &Settings, cache: &Cache, device: &Device) -> Result<Self, TrainError> {
        let (last, measures): (Vec<_>, Vec<_>) =
            wanted(settings).into_iter().partition(|name| EvalSettings::AT_THE_END.contains(name));
        let compares_sets = settings.eval.compares_sets(&settings.keep.best);
        let config = ExtractorConfig::of_evaluation(&settings.eval).map_err(PrepareError::from)?;
        let print = |config: &ExtractorConfig| {
            let file = config.file().map(|path| weights_print(path, &cache.digests())).transpose()?;
            Ok::<_, TrainError>(config.print(file.as_deref()))
        };
        let looks = measures.contains(&"feature_distance") || compares_sets;
        let extractor = config
            .as_ref()
            .filter(|_| looks)
            .map(|config| Ok::<_, TrainError>((config.load(settings.image.resolution, device)?, print(config)?)));
        let lpips = config.as_ref().filter(|_| measures.contains(&"lpips")).map(|config| {
            let linear = settings.eval.lpips.as_path();
            let network =
                Lpips::load(config.network(), config.weights()?, linear, device).map_err(PrepareError::from)?;
            let name = format!("lpips 0.1 {} linear {}", print(config)?, weights_print(linear, &cache.digests())?);
            Ok::<_, TrainError>((network, name))
        });
        Ok(Self {
            sets: compares_sets.then(|| Sets::new(&settings.eval)),
            lpips: lpips.transpose()?,
            measures,
            last,
            side: settings.image.resolution,
            artist: Artist::new(settings, device),
            noises: settings.eval.noises,
            seed: settings.data.seed,
            extractor: extractor.transpose()?,
            device: device.clone(),
        })
    }

    /// The measures that are taken at every look.
    pub fn measures(&self) -> &[&'static str] {
        &self.measures
    }

    /// The measures that are taken once, when a run ends.
    pub fn measures_at_the_end(&self) -> &[&'static str] {
        &self.last
    }

    /// How a measure of these items is made.
    pub fn protocol(&self, held_out: &HeldOut, metric: &str) -> Protocol {
        let kind = match metric {
            "feature_distance" => "own-features",
            "lpips" => "own-perception",
            metric if EvalSettings::AT_THE_END.contains(&metric) => "sets-to-infinity",
            metric if EvalSettings::OF_SETS.contains(&metric) => "sets",
            "diversity" => "between-noises",
            "text_sensitivity" => "recoloured-text",
            metric if BLOOMS.contains(&metric) => "drawn-truth",
            _ => "own-image",
        };
        let of_sets = kind.starts_with("sets");
        let by_network = of_sets || kind == "own-features";
        let extractor = match kind {
            "own-perception" => self.lpips.as_ref().map(|(_, print)| print.clone()),
            _ => self.extractor.as_ref().filter(|_| by_network).map(|(_, print)| print.clone()),
        };
        let sets = self.sets.as_ref().zip(held_out.set.as_ref()).filter(|_| of_sets);
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
            // A set's photos are told by their fingerprint: there may be thousands.
            items: if sets.is_some() { Vec::new() } else { held_out.items.iter().map(item).collect() },
            data: sets.map_or(&held_out.data, |(_, set)| &set.data).clone(),
            sets: sets.map(|(sets, set)| sets.protocol(set, kind == "sets-to-infinity")),
            extractor,
            noises: noises.map(|noises| u32::try_from(noises).expect("there are at most 64 noises")),
        }
    }

    /// Every protocol that the measures of these items are made by, once each.
    pub fn protocols(&self, held_out: &HeldOut) -> Vec<Protocol> {
        let mut all: Vec<Protocol> = Vec::new();
        // Pictures are kept under the first.
        for metric in ["colour_distance"].iter().chain(&self.measures).chain(&self.last) {
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
        let mut values = self.of_samples(&samples, held_out)?;
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
        if let Some(set) = &held_out.set {
            values.extend(self.of_sets(&generator, set)?);
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
        self.of_blooms(&originals(held_out, self.side), held_out)
    }

    /// Whether a measure can be taken of these items: what flowers are drawn is not known of photos, and a caption
    /// may name no colour.
    pub fn is_taken(&self, held_out: &HeldOut, measure: &str) -> bool {
        match measure {
            "text_sensitivity" => held_out.recoloured.is_some(),
            "feature_distance" => self.extractor.is_some(),
            "lpips" => self.lpips.is_some(),
            name if EvalSettings::OF_SETS.contains(&name) => held_out.set.is_some(),
            name if BLOOMS.contains(&name) => held_out.items.iter().all(|item| item.truth.is_some()),
            _ => true,
        }
    }

    fn takes(&self, measure: &str) -> bool {
        self.measures.contains(&measure)
    }

    /// The measures that one sample of each item is enough for.
    fn of_samples(&self, samples: &[Planes], held_out: &HeldOut) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let originals = originals(held_out, self.side);
        let pairs = || samples.iter().zip(&originals);
        let mut values = Vec::new();
        if self.takes("colour_distance") {
            values.push(("colour_distance", mean(pairs().map(|(sample, own)| colour_distance(own, sample)))));
        }
        if self.takes("ssim") {
            values.push(("ssim", mean(pairs().map(|(sample, own)| ssim(own, sample)))));
        }
        if let Some((extractor, _)) = self.extractor.as_ref().filter(|_| self.takes("feature_distance")) {
            let (found, own) = (self.features(extractor, samples), self.features(extractor, &originals));
            values.push(("feature_distance", mean(found.iter().zip(&own).map(|(a, b)| feature_distance(a, b)))));
        }
        if let Some((lpips, _)) = &self.lpips {
            let of = |pictures: &[Planes]| pictures.iter().map(picture).collect::<Vec<_>>();
            let distances = lpips.distance(&of(samples), &of(&originals)).map_err(PrepareError::from)?;
            values.push(("lpips", mean(distances.into_iter())));
        }
        values.extend(self.of_blooms(samples, held_out));
        Ok(values)
    }

    /// What is drawn, where it is known what should be.
    fn of_blooms(&self, samples: &[Planes], held_out: &HeldOut) -> Vec<(&'static str, f64)> {
        let mut values = Vec::new();
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
        let length = self.artist.noise;
        // Keyed by the data's seed: the noise is part of the protocol, not of the run.
        let mut random = Random::keyed(self.seed, Stream::Evaluation, number, 0);
        let count = held_out.items.len() * length;
        let noise = random.noise(self.artist.uniform, count);
        // The place of each item among the items, and the vector that it is drawn from.
        let drawn: Vec<(usize, &Array, usize)> = match (sentences, &held_out.recoloured) {
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
            // All of them are in one array: the captions' own, or the recoloured ones'.
            let sentences = chunk[0].1;
            let noises = chunk.iter().flat_map(|(place, ..)| &noise[place * length..(place + 1) * length]);
            let rows: Vec<(usize, Fed)> =
                chunk.iter().map(|(place, _, row)| (*row, held_out.items[*place].guide)).collect();
            let from = Source { sentences, features: held_out.features.as_deref() };
            samples.extend(self.artist.draw(generator, noises.copied().collect(), &rows, &from));
        }
        samples
    }
}

/// Which sentence an item is drawn from.
enum Sentences {
    Own,
    Recoloured,
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

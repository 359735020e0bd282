//! A generator of a run, loaded to draw what a person asks for.

use burn::module::Module as _;
use burn::tensor::Device;
use image::RgbImage;

use crate::device::DeviceSpec;
use crate::gan::{Generator, Pair};
use crate::measure::Epoch;
use crate::prepare::{
    Cache, PhotoSet, PrepareError, Progress, SampleSources, fingerprints, guide_length, resolve, sentence_length,
};
use crate::random::{Random, Stream};
use crate::spec::{Fingerprints, Settings};
use crate::store::{RunId, RunRecord, RunState, Store, StoreError, StoredCheckpoint};

use super::TrainError;
use super::batches::tensor;
use super::checkpoint::{load_generator, load_shown};
use super::evaluation::{Artist, planes};
use super::resume::same_weights;

/// How often a checkpoint is looked up: the run may go on, and replace it while it is read.
const TRIES: usize = 5;

/// Which generator of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That of the newest checkpoint.
    Last,
    /// The best so far.
    Best,
    /// That of an epoch; of epoch 0, before training, it is drawn again from the seed.
    At(Epoch),
}

/// What one picture is drawn from.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The noise.
    pub noise: Vec<f32>,
    /// The sentence's vector.
    pub sentence: Vec<f32>,
    /// The guide's features; zeros where there is none and the run has guides.
    pub guide: Option<Vec<f32>>,
}

/// A generator of a run, as it draws for people.
pub struct Sampler {
    generator: Generator,
    settings: Settings,
    epoch: Epoch,
    guide: Option<usize>,
    device: Device,
}

impl Sampler {
    /// The generator of `run`; `None` where no such one is kept.
    ///
    /// # Errors
    ///
    /// If what the run reads has changed since it was queued, or the checkpoint is damaged.
    pub fn open(
        store: &Store,
        run: &RunRecord,
        which: Which,
        cache: &Cache,
        device: DeviceSpec,
        progress: Progress,
    ) -> Result<Option<Self>, TrainError> {
        let settings = Settings::from_values(run.settings.iter().map(|(key, value)| (key.as_str(), value)))?;
        let now = unchanged(store, run.id, &settings, cache)?;
        let device = device.open()?;
        let resolved = resolve(&settings, &now, cache, &device, progress)?;
        same_weights(store, run.id, &resolved.fitted)?;
        let settings = resolved.settings;
        let sentence = sentence_length(&settings.text).map_err(PrepareError::from)?;
        let guide = guide_length(&settings).map_err(PrepareError::from)?;
        let initial = || Pair::new(&settings, sentence, guide, run.seed, &device.clone().autodiff());
        let found = match which {
            Which::At(Epoch::ZERO) => Some((initial().generator, Epoch::ZERO)),
            _ => patiently(|| stored(store, run, which), |kept| read(store, kept, initial()))?,
        };
        Ok(found.map(|(generator, epoch)| Self { generator: generator.valid(), settings, epoch, guide, device }))
    }

    /// The settings of the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many whole epochs it was trained for.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Where it draws.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Whether it draws from noise of one size in all directions, and not from a cube of it.
    pub fn is_normal(&self) -> bool {
        self.settings.generator.noise_kind != "uniform"
    }

    /// Noise number `column`, from 1, under `seed`: the same however much is drawn beside it.
    pub fn noise(&self, seed: u64, column: usize) -> Vec<f32> {
        let mut random = Random::keyed(seed, Stream::Sample, column as u64, 0);
        random.noise(!self.is_normal(), self.settings.generator.noise)
    }

    /// The photos that samples of this run are held against, and what these are drawn from.
    ///
    /// # Errors
    ///
    /// If anything that they are made of cannot be read, or the cache cannot be written.
    pub fn photos(&self, cache: &Cache, progress: Progress) -> Result<PhotoSet, TrainError> {
        Ok(PhotoSet::prepare(&self.settings, cache, &self.device, progress)?)
    }

    /// Samples of a set by their numbers, from 0: the very ones that evaluations draw of this generator. Few enough for
    /// the networks to take at once.
    pub fn samples(&self, set: &SampleSources, numbers: &[usize]) -> Vec<RgbImage> {
        Artist::new(&self.settings, &self.device).samples(&self.generator, set, numbers)
    }

    /// The picture. It follows from its drawing alone: nothing else is drawn with it.
    ///
    /// # Panics
    ///
    /// If a vector is not as long as the run's are.
    pub fn draw(&self, drawing: &Drawing) -> RgbImage {
        let row = |values: &[f32]| tensor(values.to_vec(), [1, values.len()], &self.device);
        let zeros = |length: usize| vec![0.0; length];
        let guide = self.guide.map(|length| row(&drawing.guide.clone().unwrap_or_else(|| zeros(length))));
        let drawn = planes(self.generator.forward(row(&drawing.noise), row(&drawing.sentence), guide)).remove(0);
        let side = u32::try_from(drawn.side).expect("a resolution is at most 256");
        RgbImage::from_raw(side, side, drawn.to_rgb()).expect("a picture has three bytes for each of its pixels")
    }
}

/// The epochs whose generators can be had by number.
///
/// # Errors
///
/// If the database cannot be read.
pub fn kept_epochs(store: &Store, run: &RunRecord) -> Result<Vec<Epoch>, StoreError> {
    let mut epochs: Vec<Epoch> = store.kept_generators(run.id)?.into_keys().collect();
    epochs.extend(store.best_generator(run.id)?.map(|best| best.epoch));
    epochs.extend(last_of_finished(store, run)?.map(|last| last.epoch));
    epochs.push(Epoch::ZERO);
    epochs.sort_unstable();
    epochs.dedup();
    Ok(epochs)
}

/// A way from `from`, at 0, to `to`, at 1, straight.
pub fn line(from: &[f32], to: &[f32], at: f64) -> Vec<f32> {
    weighed(from, to, 1.0 - at, at)
}

/// The same along a sphere, which keeps to lengths that normal noise has (White 2016, arXiv 1609.04468).
pub fn sphere(from: &[f32], to: &[f32], at: f64) -> Vec<f32> {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let cosine = product(from, to) / (product(from, from) * product(to, to)).sqrt();
    let angle = cosine.clamp(-1.0, 1.0).acos();
    // Between nearly parallel vectors the two ways are the same; between opposite ones there is no shortest.
    match angle.sin() {
        sine if sine > 1e-6 => weighed(from, to, (angle * (1.0 - at)).sin() / sine, (angle * at).sin() / sine),
        _ => line(from, to, at),
    }
}

fn weighed(from: &[f32], to: &[f32], one: f64, other: f64) -> Vec<f32> {
    from.iter().zip(to).map(|(&a, &b)| (one * f64::from(a) + other * f64::from(b)) as f32).collect()
}

#[derive(serde::Deserialize)]
struct Identity {
    fingerprints: Fingerprints,
}

/// Refuses inputs that are not those that the run is trained on: words and guides would mean something else.
fn unchanged(store: &Store, run: RunId, settings: &Settings, cache: &Cache) -> Result<Fingerprints, TrainError> {
    let now = fingerprints(settings, &cache.digests())?;
    let Some(identity) = store.identity_of(run)? else { return Ok(now) };
    let queued: Identity = serde_json::from_str(&identity)?;
    match queued.fingerprints.iter().find(|(role, print)| now.get(*role) != Some(print)) {
        None => Ok(now),
        Some((what, _)) => Err(TrainError::Changed { what: format!("{what} ({})", settings.data.root.display()) }),
    }
}

/// A row that names a generator, and whether it stands for a whole state.
type Kept = (StoredCheckpoint, bool);

fn stored(store: &Store, run: &RunRecord, which: Which) -> Result<Option<Kept>, TrainError> {
    let whole = |found: Option<StoredCheckpoint>| found.map(|row| (row, true));
    let alone = |found: Option<StoredCheckpoint>| found.map(|row| (row, false));
    let epoch = match which {
        Which::Last => return Ok(whole(store.last_checkpoint(run.id)?)),
        Which::Best => return Ok(alone(store.best_generator(run.id)?)),
        Which::At(epoch) => epoch,
    };
    let of_epoch = |row: &StoredCheckpoint| row.epoch == epoch;
    if let Some(row) = store.kept_generators(run.id)?.remove(&epoch) {
        return Ok(Some((row, false)));
    }
    Ok(match store.best_generator(run.id)?.filter(of_epoch) {
        Some(row) => Some((row, false)),
        None => whole(last_of_finished(store, run)?.filter(of_epoch)),
    })
}

/// The last checkpoint of a run that has ended: before, it may lie within an epoch.
fn last_of_finished(store: &Store, run: &RunRecord) -> Result<Option<StoredCheckpoint>, StoreError> {
    if run.state == RunState::Finished { store.last_checkpoint(run.id) } else { Ok(None) }
}

fn read(store: &Store, (row, is_whole): &Kept, initial: Pair) -> Result<Generator, TrainError> {
    let folder = store.files().join(&row.path);
    match is_whole {
        true => load_shown(initial, &folder, &row.sha256),
        false => load_generator(initial.generator, &folder, &row.sha256),
    }
}

/// Reads what a row names. A run that goes on drops a checkpoint when its row names the next: then that one is read.
fn patiently(
    look_up: impl Fn() -> Result<Option<Kept>, TrainError>,
    read: impl Fn(&Kept) -> Result<Generator, TrainError>,
) -> Result<Option<(Generator, Epoch)>, TrainError> {
    let mut kept = look_up()?;
    for tried in 1.. {
        let Some(now) = kept else { break };
        match read(&now) {
            Ok(generator) => return Ok(Some((generator, now.0.epoch))),
            Err(error) => {
                kept = look_up()?;
                let is_replaced = kept.as_ref().is_none_or(|(row, _)| row.path != now.0.path);
                if !is_replaced || tried == TRIES {
                    return Err(error);
                }
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_end_at_their_ends_to_the_last_bit() {
        let (from, to) = (Random::named(1, "from").normals(100), Random::named(1, "to").normals(100));
        for way in [line, sphere] {
            assert_eq!(way(&from, &to, 0.0), from);
            assert_eq!(way(&from, &to, 1.0), to);
            assert_eq!(way(&from, &from, 0.5), from);
        }
    }

    #[test]
    fn the_way_along_the_sphere_keeps_the_length() {
        let length = |vector: &[f32]| vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let (from, to) = ([3.0, 0.0], [0.0, 3.0]);
        assert!((length(&sphere(&from, &to, 0.5)) - 3.0).abs() < 1e-5);
        assert!(length(&line(&from, &to, 0.5)) < 2.2);
    }
}

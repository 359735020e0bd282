//! A generator of a run, loaded to generate samples that a user requests.

use burn::module::Module as _;
use burn::tensor::Device;
use image::RgbImage;

use crate::device::DeviceSpec;
use crate::gan::{Gan, Generator};
use crate::measure::Epoch;
use crate::prepare::{
    Cache, OnEvent, PrepareError, ReferenceImages, SampleSources, guide_length, resolve, sentence_length,
};
use crate::random::{Random, Stream};
use crate::spec::Settings;
use crate::store::{RunRecord, RunState, Store, StoreError, StoredCheckpoint};

use super::TrainError;
use super::batches::tensor;
use super::checkpoint::{load_generator, load_sampling_generator};
use super::evaluation::{SampleGenerator, planes};
use super::input_check::{check_fingerprints, check_fitted_files};

/// How often a checkpoint is looked up: a running run can replace it while it is read.
const TRIES: usize = 5;

/// A version of the generator of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratorVersion {
    /// The one of the last checkpoint.
    Last,
    /// The best so far.
    Best,
    /// The one of an epoch. That of epoch 0, before training, is initialised again from the seed.
    Epoch(Epoch),
}

/// The input of one sample.
#[derive(Clone, Debug)]
pub struct SampleInput {
    /// The noise.
    pub noise: Vec<f32>,
    /// The sentence vector.
    pub sentence: Vec<f32>,
    /// The features of the guide. `None` is zeros if the run has guides.
    pub guide: Option<Vec<f32>>,
}

/// A generator of a run, ready to generate samples.
pub struct Sampler {
    generator: Generator,
    settings: Settings,
    epoch: Epoch,
    guide: Option<usize>,
    device: Device,
}

impl Sampler {
    /// The generator of `run`; `None` if this version is not saved.
    ///
    /// # Errors
    ///
    /// If the inputs of the run have changed since it was queued, or the checkpoint is damaged.
    pub fn open(
        store: &Store,
        run: &RunRecord,
        version: GeneratorVersion,
        cache: &Cache,
        device: DeviceSpec,
        progress: OnEvent,
    ) -> Result<Option<Self>, TrainError> {
        let settings = Settings::from_values(run.settings.iter().map(|(key, value)| (key.as_str(), value)))?;
        let now = check_fingerprints(&settings, store.identity_of(run.id)?.as_deref(), cache)?;
        let device = device.open()?;
        let resolved = resolve(&settings, &now, cache, &device, progress)?;
        check_fitted_files(store, run.id, &resolved.fitted)?;
        let settings = resolved.settings;
        let sentence = sentence_length(&settings.text).map_err(PrepareError::from)?;
        let guide = guide_length(&settings).map_err(PrepareError::from)?;
        let initial = || Gan::new(&settings, sentence, guide, run.seed, &device.clone().autodiff());
        let found = match version {
            GeneratorVersion::Epoch(Epoch::ZERO) => Some((initial().generator, Epoch::ZERO)),
            _ => retry_if_replaced(|| stored_generator(store, run, version), |stored| read(store, stored, initial()))?,
        };
        Ok(found.map(|(generator, epoch)| Self { generator: generator.valid(), settings, epoch, guide, device }))
    }

    /// The settings of the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The complete epochs that it was trained for.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Its device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Whether its noise is normal, and not uniform in a cube.
    pub fn is_normal(&self) -> bool {
        self.settings.generator.noise_kind != "uniform"
    }

    /// The noise with number `column`, from 1, and `seed`. It does not depend on the other noises of a command.
    pub fn noise(&self, seed: u64, column: usize) -> Vec<f32> {
        let mut random = Random::keyed(seed, Stream::Sample, column as u64, 0);
        random.noise(!self.is_normal(), self.settings.generator.noise)
    }

    /// The reference images of this run, and the inputs of the samples that are compared with them.
    ///
    /// # Errors
    ///
    /// If the data or weights cannot be read, or the cache cannot be written.
    pub fn reference_images(&self, cache: &Cache, progress: OnEvent) -> Result<ReferenceImages, TrainError> {
        Ok(ReferenceImages::prepare(&self.settings, cache, &self.device, progress)?)
    }

    /// The samples of a set with these numbers, from 0, as evaluations generate them with this generator. All of them
    /// are one batch.
    pub fn samples(&self, set: &SampleSources, numbers: &[usize]) -> Vec<RgbImage> {
        SampleGenerator::new(&self.settings, &self.device).samples(&self.generator, set, numbers)
    }

    /// Generates one sample, as a batch of its own, so that it depends on its input only.
    ///
    /// # Panics
    ///
    /// If a vector does not have the length that the run requires.
    pub fn generate(&self, input: &SampleInput) -> RgbImage {
        let row = |values: &[f32]| tensor(values.to_vec(), [1, values.len()], &self.device);
        let zeros = |length: usize| vec![0.0; length];
        let guide = self.guide.map(|length| row(&input.guide.clone().unwrap_or_else(|| zeros(length))));
        let sample = planes(self.generator.forward(row(&input.noise), row(&input.sentence), guide)).remove(0);
        let side = u32::try_from(sample.side).expect("a resolution is at most 256");
        RgbImage::from_raw(side, side, sample.to_rgb()).expect("every pixel has three bytes")
    }
}

/// The epochs whose generators are saved.
///
/// # Errors
///
/// If the database cannot be read.
pub fn saved_epochs(store: &Store, run: &RunRecord) -> Result<Vec<Epoch>, StoreError> {
    let mut epochs: Vec<Epoch> = store.kept_generators(run.id)?.into_keys().collect();
    epochs.extend(store.best_generator(run.id)?.map(|best| best.epoch));
    epochs.extend(last_if_finished(store, run)?.map(|last| last.epoch));
    epochs.push(Epoch::ZERO);
    epochs.sort_unstable();
    epochs.dedup();
    Ok(epochs)
}

/// A checkpoint of the database, and whether it is a complete state and not a generator alone.
type StoredGenerator = (StoredCheckpoint, bool);

fn stored_generator(
    store: &Store,
    run: &RunRecord,
    version: GeneratorVersion,
) -> Result<Option<StoredGenerator>, TrainError> {
    let complete = |found: Option<StoredCheckpoint>| found.map(|row| (row, true));
    let alone = |found: Option<StoredCheckpoint>| found.map(|row| (row, false));
    let epoch = match version {
        GeneratorVersion::Last => return Ok(complete(store.last_checkpoint(run.id)?)),
        GeneratorVersion::Best => return Ok(alone(store.best_generator(run.id)?)),
        GeneratorVersion::Epoch(epoch) => epoch,
    };
    let of_epoch = |row: &StoredCheckpoint| row.epoch == epoch;
    if let Some(row) = store.kept_generators(run.id)?.remove(&epoch) {
        return Ok(Some((row, false)));
    }
    Ok(match store.best_generator(run.id)?.filter(of_epoch) {
        Some(row) => Some((row, false)),
        None => complete(last_if_finished(store, run)?.filter(of_epoch)),
    })
}

/// The last checkpoint of a finished run. Before, it can be within an epoch.
fn last_if_finished(store: &Store, run: &RunRecord) -> Result<Option<StoredCheckpoint>, StoreError> {
    if run.state == RunState::Finished { store.last_checkpoint(run.id) } else { Ok(None) }
}

fn read(store: &Store, (row, is_complete): &StoredGenerator, initial: Gan) -> Result<Generator, TrainError> {
    let folder = store.files().join(&row.path);
    match is_complete {
        true => load_sampling_generator(initial, &folder, &row.sha256),
        false => load_generator(initial.generator, &folder, &row.sha256),
    }
}

/// Reads a stored generator. A running run removes its checkpoint when it records the next one, which is then read.
fn retry_if_replaced(
    look_up: impl Fn() -> Result<Option<StoredGenerator>, TrainError>,
    read: impl Fn(&StoredGenerator) -> Result<Generator, TrainError>,
) -> Result<Option<(Generator, Epoch)>, TrainError> {
    let mut stored = look_up()?;
    for tried in 1.. {
        let Some(now) = stored else { break };
        match read(&now) {
            Ok(generator) => return Ok(Some((generator, now.0.epoch))),
            Err(error) => {
                stored = look_up()?;
                let is_replaced = stored.as_ref().is_none_or(|(row, _)| row.path != now.0.path);
                if !is_replaced || tried == TRIES {
                    return Err(error);
                }
            }
        }
    }
    Ok(None)
}

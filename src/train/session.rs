//! One run from its first step to its last: an iterator over epochs, without the database.

mod report;
mod step_values;

use std::path::Path;
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::Device;
use burn::train::Interrupter;
use sha2::{Digest as _, Sha256};

use crate::gan::{FeatureFn, Gan, Generator, Recipe, StepReport, hash, nonfinite};
use crate::measure::{Epoch, Protocol};
use crate::prepare::{Cache, ExtractorConfig, Inputs, PrepareError};
use crate::spec::Settings;

use super::TrainError;
use super::batches::Batches;
use super::checkpoint::{Identity, Position, SavedFiles, load, load_generator, save, save_generator};
use super::evaluation::{Evaluator, Measurement, reference_grids};
pub use report::{EpochReport, GeneratorSource, SessionEvent, Start};
use step_values::{first_nonfinite, means};

/// A run in training.
pub struct Session {
    settings: Settings,
    inputs: Inputs,
    identity: Identity,
    recipe: Recipe,
    evaluator: Evaluator,
    protocols: Vec<Protocol>,
    device: Device,
    seed: u64,
    horizon: Epoch,
    position: Option<Position>,
    gan: Option<Gan>,
    interrupter: Interrupter,
    ended: bool,
}

impl Session {
    /// A run before training.
    ///
    /// # Errors
    ///
    /// If a feature extractor cannot be loaded.
    pub fn new(start: Start, cache: &Cache, interrupter: Interrupter) -> Result<Self, TrainError> {
        let Start { settings, identity, inputs, seed, horizon, device } = start;
        let gan = initial_gan(&settings, &inputs, seed, &device);
        let recipe = Recipe::new(&settings, guide_features(&settings, &device)?);
        let evaluator = Evaluator::new(&settings, cache, &device)?;
        let mut protocols = evaluator.protocols(&inputs.eval);
        protocols.extend(inputs.test.iter().flat_map(|test| evaluator.protocols(test)));
        Ok(Self {
            settings,
            inputs,
            identity,
            recipe,
            evaluator,
            protocols,
            device,
            seed,
            horizon,
            position: None,
            gan: Some(gan),
            interrupter,
            ended: false,
        })
    }

    /// Loads the checkpoint in `folder`, whose files must have the hash `sha256`. After an error the session is at its
    /// beginning, without any part of the checkpoint.
    ///
    /// # Errors
    ///
    /// [`TrainError::Damaged`] if the checkpoint is missing or not what was written, [`TrainError::Incompatible`] if it
    /// is complete and of another run or format, [`TrainError::Checkpoint`] if it cannot be read.
    pub fn resume(&mut self, folder: &Path, sha256: &str) -> Result<(), TrainError> {
        let initial = || initial_gan(&self.settings, &self.inputs, self.seed, &self.device);
        let gan = self.gan.take().unwrap_or_else(initial);
        match load(gan, &self.identity, folder, sha256) {
            Ok((gan, position)) => {
                (self.gan, self.position) = (Some(gan), Some(position));
                Ok(())
            }
            Err(error) => {
                (self.gan, self.position) = (Some(initial()), None);
                Err(error)
            }
        }
    }

    /// Writes the complete state to `folder`, which must not exist: both networks and both optimizers.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written; it then does not exist.
    pub fn save(&self, folder: &Path) -> Result<SavedFiles, TrainError> {
        match &self.position {
            Some(position) => save(self.gan(), position, &self.identity, folder),
            None => save(self.gan(), &Position::default(), &self.identity, folder),
        }
    }

    /// SHA-256 over the weights and running statistics of both networks.
    pub fn weights(&self) -> String {
        let gan = self.gan();
        let mut all = [hash(&gan.generator.valid()), hash(&gan.discriminator.valid())].concat();
        all.extend(gan.average.as_ref().map(hash));
        hex::encode(Sha256::digest(all.as_bytes()))
    }

    /// The protocols of the session's evaluations. Image grids are stored under the first.
    pub fn protocols(&self) -> &[Protocol] {
        &self.protocols
    }

    /// The protocol of a measure on the evaluation items.
    pub fn protocol(&self, metric: &str) -> Protocol {
        self.evaluator.protocol(&self.inputs.eval, metric)
    }

    /// The measures of the held-out images themselves, where they do not follow from the definition of the measure.
    pub fn original_values(&self) -> Vec<(&'static str, f64)> {
        self.evaluator.evaluate_originals(&self.inputs.eval)
    }

    /// Evaluates a generator on the test items, with the measures at every evaluation and the final measures.
    ///
    /// # Errors
    ///
    /// If a saved generator is missing or not what was written.
    pub fn evaluate_test(&self, source: GeneratorSource) -> Result<Vec<Measurement>, TrainError> {
        let Some(test) = &self.inputs.test else { return Ok(Vec::new()) };
        let generator = self.generator(source)?;
        let mut values = self.evaluator.evaluate(&generator, test)?.values;
        values.extend(self.evaluator.evaluate_final(&generator, test)?);
        Ok(values)
    }

    /// Evaluates the final measures of the current generator. To be called when the run has reached its horizon.
    ///
    /// # Errors
    ///
    /// If a feature is not finite.
    pub fn evaluate_final(&self) -> Result<Vec<Measurement>, TrainError> {
        self.evaluator.evaluate_final(self.gan().sampling_generator(), &self.inputs.eval)
    }

    /// The warnings of preparation.
    pub fn warnings(&self) -> &[String] {
        &self.inputs.warnings
    }

    /// The last complete epoch, and all steps so far with those of the epoch in progress.
    pub fn position(&self) -> (Epoch, u64) {
        self.position.as_ref().map_or((Epoch::ZERO, 0), |position| (position.epoch, position.step))
    }

    /// Writes the generator alone to `folder`, for later evaluation.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written; it then does not exist.
    pub fn save_generator(&self, folder: &Path) -> Result<SavedFiles, TrainError> {
        save_generator(self.gan().sampling_generator(), folder)
    }

    /// Whether `keep.every` requires that the generator of `epoch` is saved.
    pub fn keeps_generator(&self, epoch: Epoch) -> bool {
        let every = self.settings.keep.every;
        every > 0 && epoch > Epoch::ZERO && epoch.0.is_multiple_of(every)
    }

    /// The evaluated epochs so far.
    pub fn evaluated_epochs(&self) -> Vec<Epoch> {
        let (done, _) = self.position();
        (0..=done.0).map(Epoch).filter(|epoch| epoch.is_evaluated(self.settings.eval.every, self.horizon)).collect()
    }

    /// The measures that are evaluated once, when the run has reached its horizon.
    pub fn final_measures(&self) -> &[&'static str] {
        self.evaluator.final_measures()
    }

    /// The measures of every evaluation.
    pub fn measures(&self) -> &[&'static str] {
        self.evaluator.measures()
    }

    /// Whether a measure can be evaluated on the evaluation items: the flowers of photographs are not known.
    pub fn is_available(&self, measure: &str) -> bool {
        self.evaluator.is_available(&self.inputs.eval, measure)
    }

    /// The settings of the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Evaluates a generator of this run on the evaluation items.
    ///
    /// # Errors
    ///
    /// If a saved generator is missing or not what was written.
    pub fn evaluate(&self, source: GeneratorSource) -> Result<Vec<Measurement>, TrainError> {
        Ok(self.evaluator.evaluate(&self.generator(source)?, &self.inputs.eval)?.values)
    }

    fn generator(&self, source: GeneratorSource) -> Result<Generator, TrainError> {
        let initial = || initial_gan(&self.settings, &self.inputs, self.seed, &self.device).generator;
        match source {
            GeneratorSource::Current => Ok(self.gan().sampling_generator().clone()),
            GeneratorSource::Initial => Ok(initial()),
            GeneratorSource::Saved(folder, sha256) => load_generator(initial(), folder, sha256),
        }
    }

    fn gan(&self) -> &Gan {
        self.gan.as_ref().expect("the networks are only taken during a step")
    }

    /// The evaluation before training.
    fn begin(&mut self) -> Result<SessionEvent, TrainError> {
        self.position = Some(Position::default());
        let mut report = EpochReport {
            epoch: Epoch::ZERO,
            step: 0,
            training: Vec::new(),
            evaluation: Vec::new(),
            grids: reference_grids(&self.inputs.eval, self.settings.image.resolution)?,
        };
        self.evaluate_epoch(&mut report)?;
        Ok(SessionEvent::Epoch(Box::new(report)))
    }

    fn train_epoch(&mut self, done: Position) -> Result<SessionEvent, TrainError> {
        let epoch = done.epoch.next();
        let training = self.device.clone().autodiff();
        let batches = Batches::new(&self.settings, &self.inputs, self.seed, epoch.0);
        let started = Instant::now();
        let mut waited = Duration::ZERO;
        let mut reports: Vec<StepReport> = Vec::with_capacity(batches.len());
        let mut stopped = false;
        let steps = done.partial.len()..batches.len();
        batches.prefetch(steps.clone(), |prefetched| {
            for _ in steps {
                stopped = self.interrupter.should_stop();
                if stopped {
                    break;
                }
                let requested = Instant::now();
                let batch = prefetched.recv().expect("every step has a batch, unless the prefetch thread panics");
                waited += requested.elapsed();
                let gan = self.gan.take().expect("the networks are only taken during a step");
                let (gan, report) = gan.step(&self.recipe, epoch.0, batch.on(&training));
                self.gan = Some(gan);
                reports.push(report);
            }
        });
        let steps_done = reports.len();
        let step = done.step + steps_done as u64;
        let mut values = done.partial;
        values.extend(reports.into_iter().map(StepReport::read));
        let seconds = started.elapsed().as_secs_f64();
        if let Some((step, metric)) = first_nonfinite(&values) {
            let mut what = format!("{metric} was not finite at step {} of epoch {epoch}", step + 1);
            what.push_str(&self.nonfinite_weights().map_or(String::new(), |weights| format!("; {weights}")));
            return Ok(SessionEvent::Diverged { what });
        }
        if stopped {
            self.position =
                Some(Position { epoch: done.epoch, step, partial: values, low_diversity: done.low_diversity });
            return Ok(SessionEvent::Interrupted);
        }
        if let Some(weights) = self.nonfinite_weights() {
            return Ok(SessionEvent::Diverged { what: format!("{weights} after epoch {epoch}, at step {step}") });
        }
        let training = means(&values);
        self.position = Some(Position { epoch, step, partial: Vec::new(), low_diversity: done.low_diversity });
        let mut report = EpochReport { epoch, step, training, evaluation: Vec::new(), grids: Vec::new() };
        report.training.push(("images_per_second", (steps_done * self.settings.train.batch) as f64 / seconds));
        report.training.push(("input_wait", waited.as_secs_f64() / seconds));
        if epoch.is_evaluated(self.settings.eval.every, self.horizon) {
            self.evaluate_epoch(&mut report)?;
        }
        if epoch == self.horizon {
            report.grids.extend(self.evaluator.strips(self.gan().sampling_generator(), &self.inputs.eval)?);
        }
        Ok(SessionEvent::Epoch(Box::new(report)))
    }

    /// A message that names the weights that are not finite, if any.
    fn nonfinite_weights(&self) -> Option<String> {
        let gan = self.gan();
        let of =
            |network: &str, names: Vec<String>| names.into_iter().map(|name| format!("{network}.{name}")).collect();
        let mut names: Vec<String> = of("generator", nonfinite(&gan.generator.valid()));
        names.extend::<Vec<String>>(of("discriminator", nonfinite(&gan.discriminator.valid())));
        let first = names.first()?;
        Some(match names.len() {
            1 => format!("{first} was not finite"),
            count => format!("{first} and {} more weights were not finite", count - 1),
        })
    }

    /// Why the generator counts as collapsed, if it does.
    fn collapse(&self, position: &Position) -> Option<String> {
        let train = &self.settings.train;
        (train.collapse_floor > 0.0 && position.low_diversity >= train.collapse_after).then(|| {
            let (epoch, floor, times) = (position.epoch, train.collapse_floor, train.collapse_after);
            format!(
                "collapsed: diversity was below {floor} at {times} consecutive evaluations, the last at epoch {epoch}"
            )
        })
    }

    fn evaluate_epoch(&mut self, report: &mut EpochReport) -> Result<(), TrainError> {
        let evaluation = self.evaluator.evaluate(self.gan().sampling_generator(), &self.inputs.eval)?;
        let diversity = evaluation.values.iter().find(|measurement| measurement.metric == "diversity");
        if let (Some(position), Some(diversity)) = (&mut self.position, diversity) {
            // An untrained generator has not collapsed.
            let is_low = report.epoch > Epoch::ZERO && diversity.value < self.settings.train.collapse_floor;
            position.low_diversity = if is_low { position.low_diversity + 1 } else { 0 };
        }
        report.evaluation = evaluation.values;
        report.grids.push(evaluation.samples);
        Ok(())
    }
}

impl Iterator for Session {
    type Item = Result<SessionEvent, TrainError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let event = match self.position.clone() {
            // Before the first epoch there is nothing to save.
            None if self.interrupter.should_stop() => Ok(SessionEvent::Interrupted),
            None => self.begin(),
            Some(done) => match self.collapse(&done) {
                Some(what) => Ok(SessionEvent::Diverged { what }),
                None if done.epoch < self.horizon => self.train_epoch(done),
                None => return None,
            },
        };
        self.ended = !matches!(event, Ok(SessionEvent::Epoch(_)));
        Some(event)
    }
}

/// Both networks before the first step.
fn initial_gan(settings: &Settings, inputs: &Inputs, seed: u64, device: &Device) -> Gan {
    let guide = inputs.features.as_ref().map(|features| features.row_length() / 2);
    Gan::new(settings, inputs.sentences.row_length(), guide, seed, &device.clone().autodiff())
}

/// The features of generated images by the guide network, if `objective.guide_match` requires them.
fn guide_features(settings: &Settings, device: &Device) -> Result<Option<FeatureFn>, TrainError> {
    if !settings.guide.is_on() || settings.objective.guide_match <= 0.0 {
        return Ok(None);
    }
    let Some(config) = ExtractorConfig::of_guide(&settings.guide).map_err(PrepareError::from)? else { return Ok(None) };
    let extractor = config.load(settings.image.resolution, &device.clone().autodiff())?;
    Ok(Some(Box::new(move |images| extractor.extract(images))))
}

//! One run from its first step to its last: an iterator over epochs that knows no database.

use std::path::Path;
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::Device;
use burn::train::Interrupter;
use sha2::{Digest as _, Sha256};

use crate::gan::{Generator, Look as Gaze, Pair, Recipe, StepReport, hash, nonfinite};
use crate::measure::{Epoch, Protocol};
use crate::prepare::{Cache, ExtractorConfig, Inputs, PrepareError};
use crate::spec::Settings;

use super::TrainError;
pub use super::advance::{Advance, EpochReport, Look, NewImage, Start};
use super::batches::Batches;
use super::checkpoint::{Identity, Position, Saved, load, load_generator, save, save_generator};
use super::evaluation::{Evaluator, Measured, references};
use super::terms::{first_nonfinite, means};

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
    pair: Option<Pair>,
    interrupter: Interrupter,
    ended: bool,
}

impl Session {
    /// A run that has seen nothing.
    ///
    /// # Errors
    ///
    /// If a network that looks at pictures cannot be loaded.
    pub fn new(start: Start, cache: &Cache, interrupter: Interrupter) -> Result<Self, TrainError> {
        let Start { settings, identity, inputs, seed, horizon, device } = start;
        let pair = initial(&settings, &inputs, seed, &device);
        let recipe = Recipe::new(&settings, gaze(&settings, &device)?);
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
            pair: Some(pair),
            interrupter,
            ended: false,
        })
    }

    /// Goes on from the checkpoint in `folder`, whose files must have the hash `sha256`. After an error the session
    /// stands at its beginning, with nothing of the checkpoint in it.
    ///
    /// # Errors
    ///
    /// [`TrainError::Damaged`] if the checkpoint is not there or not what was written, [`TrainError::Refused`] if it is
    /// whole and of another run or format, [`TrainError::Checkpoint`] if it cannot be read.
    pub fn resume(&mut self, folder: &Path, sha256: &str) -> Result<(), TrainError> {
        let initial = || initial(&self.settings, &self.inputs, self.seed, &self.device);
        let pair = self.pair.take().unwrap_or_else(initial);
        match load(pair, &self.identity, folder, sha256) {
            Ok((pair, position)) => {
                (self.pair, self.position) = (Some(pair), Some(position));
                Ok(())
            }
            Err(error) => {
                (self.pair, self.position) = (Some(initial()), None);
                Err(error)
            }
        }
    }

    /// Writes the whole state to `folder`, which must not be there: both networks and both optimizers.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written; it is then not there.
    pub fn save(&self, folder: &Path) -> Result<Saved, TrainError> {
        match &self.position {
            Some(position) => save(self.pair(), position, &self.identity, folder),
            None => save(self.pair(), &Position::default(), &self.identity, folder),
        }
    }

    /// SHA-256 over the weights and running statistics of both networks.
    pub fn weights(&self) -> String {
        let pair = self.pair();
        let mut all = [hash(&pair.generator.valid()), hash(&pair.discriminator.valid())].concat();
        all.extend(pair.average.as_ref().map(hash));
        hex::encode(Sha256::digest(all.as_bytes()))
    }

    /// How the session's evaluations are made: pictures are kept under the first.
    pub fn protocols(&self) -> &[Protocol] {
        &self.protocols
    }

    /// How a measure of the items that curves are made of is taken.
    pub fn protocol(&self, metric: &str) -> Protocol {
        self.evaluator.protocol(&self.inputs.eval, metric)
    }

    /// What the measures say of the held-out photos themselves, where that is not plain from their definition.
    pub fn floors(&self) -> Vec<(&'static str, f64)> {
        self.evaluator.of_originals(&self.inputs.eval)
    }

    /// Takes the measures of the test items, of the generator that is asked for.
    ///
    /// # Errors
    ///
    /// If it was kept and is not what was written.
    pub fn test(&self, at: Look) -> Result<Vec<Measured>, TrainError> {
        let Some(test) = &self.inputs.test else { return Ok(Vec::new()) };
        let generator = self.generator(at)?;
        let mut values = self.evaluator.evaluate(&generator, test)?.values;
        values.extend(self.evaluator.extrapolate(&generator, test)?);
        Ok(values)
    }

    /// Takes the measures that are taken once, when the run has reached its horizon.
    ///
    /// # Errors
    ///
    /// If a feature is not finite.
    pub fn extrapolate(&self) -> Result<Vec<Measured>, TrainError> {
        self.evaluator.extrapolate(self.pair().shown(), &self.inputs.eval)
    }

    /// Caption lines that were passed over.
    pub fn warnings(&self) -> &[String] {
        &self.inputs.warnings
    }

    /// The last whole epoch, and the steps that are done, those of the epoch in progress among them.
    pub fn position(&self) -> (Epoch, u64) {
        self.position.as_ref().map_or((Epoch::ZERO, 0), |position| (position.epoch, position.step))
    }

    /// Writes the generator alone to `folder`, to be looked at later.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written; it is then not there.
    pub fn save_generator(&self, folder: &Path) -> Result<Saved, TrainError> {
        save_generator(self.pair().shown(), folder)
    }

    /// Whether the generator of `epoch` stays on disk.
    pub fn keeps(&self, epoch: Epoch) -> bool {
        let every = self.settings.keep.every;
        every > 0 && epoch > Epoch::ZERO && epoch.0.is_multiple_of(every)
    }

    /// The epochs so far that held-out items are looked at.
    pub fn evaluated(&self) -> Vec<Epoch> {
        let (done, _) = self.position();
        (0..=done.0).map(Epoch).filter(|epoch| epoch.is_evaluated(self.settings.eval.every, self.horizon)).collect()
    }

    /// The measures that are taken once, when the run has reached its horizon.
    pub fn measures_at_the_end(&self) -> &[&'static str] {
        self.evaluator.measures_at_the_end()
    }

    /// The measures that are taken of held-out items at every look.
    pub fn measures(&self) -> &[&'static str] {
        self.evaluator.measures()
    }

    /// Whether a measure can be taken of these items: what flowers are drawn is not known of photos.
    pub fn is_taken(&self, measure: &str) -> bool {
        self.evaluator.is_taken(&self.inputs.eval, measure)
    }

    /// Which generators stay on disk, and which is looked at when the run ends.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes the measures of a generator of this run.
    ///
    /// # Errors
    ///
    /// If it was kept and is not what was written.
    pub fn look(&self, at: Look) -> Result<Vec<Measured>, TrainError> {
        Ok(self.evaluator.evaluate(&self.generator(at)?, &self.inputs.eval)?.values)
    }

    fn generator(&self, at: Look) -> Result<Generator, TrainError> {
        let begin = || initial(&self.settings, &self.inputs, self.seed, &self.device).generator;
        match at {
            Look::Now => Ok(self.pair().shown().clone()),
            Look::Begin => Ok(begin()),
            Look::Kept(folder, sha256) => load_generator(begin(), folder, sha256),
        }
    }

    fn pair(&self) -> &Pair {
        self.pair.as_ref().expect("the networks are only away while a step is made")
    }

    /// The look before training.
    fn start(&mut self) -> Result<Advance, TrainError> {
        self.position = Some(Position::default());
        let mut report = EpochReport {
            epoch: Epoch::ZERO,
            step: 0,
            training: Vec::new(),
            evaluation: Vec::new(),
            pictures: references(&self.inputs.eval, self.settings.image.resolution)?,
        };
        self.evaluate(&mut report)?;
        Ok(Advance::Epoch(Box::new(report)))
    }

    fn epoch(&mut self, done: Position) -> Result<Advance, TrainError> {
        let epoch = done.epoch.next();
        let training = self.device.clone().autodiff();
        let batches = Batches::new(&self.settings, &self.inputs, self.seed, epoch.0);
        let started = Instant::now();
        let mut waited = Duration::ZERO;
        let mut reports: Vec<StepReport> = Vec::with_capacity(batches.len());
        let mut stopped = false;
        let steps = done.partial.len()..batches.len();
        batches.ahead(steps.clone(), |made| {
            for _ in steps {
                stopped = self.interrupter.should_stop();
                if stopped {
                    break;
                }
                let asked = Instant::now();
                let batch = made.recv().expect("a batch is made for every step, or the thread that makes them panics");
                waited += asked.elapsed();
                let pair = self.pair.take().expect("the networks are only away while a step is made");
                let (pair, report) = pair.step(&self.recipe, epoch.0, batch.on(&training));
                self.pair = Some(pair);
                reports.push(report);
            }
        });
        let made = reports.len();
        let step = done.step + made as u64;
        let mut values = done.partial;
        values.extend(reports.into_iter().map(StepReport::read));
        let seconds = started.elapsed().as_secs_f64();
        if let Some((step, metric)) = first_nonfinite(&values) {
            let mut what = format!("{metric} was not finite at step {} of epoch {epoch}", step + 1);
            what.push_str(&self.blown_up().map_or(String::new(), |weights| format!("; {weights}")));
            return Ok(Advance::Diverged { what });
        }
        if stopped {
            self.position = Some(Position { epoch: done.epoch, step, partial: values, poor: done.poor });
            return Ok(Advance::Interrupted);
        }
        if let Some(weights) = self.blown_up() {
            return Ok(Advance::Diverged { what: format!("{weights} after epoch {epoch}, at step {step}") });
        }
        let training = means(&values);
        self.position = Some(Position { epoch, step, partial: Vec::new(), poor: done.poor });
        let mut report = EpochReport { epoch, step, training, evaluation: Vec::new(), pictures: Vec::new() };
        report.training.push(("images_per_second", (made * self.settings.train.batch) as f64 / seconds));
        report.training.push(("input_wait", waited.as_secs_f64() / seconds));
        if epoch.is_evaluated(self.settings.eval.every, self.horizon) {
            self.evaluate(&mut report)?;
        }
        Ok(Advance::Epoch(Box::new(report)))
    }

    /// Which weights are not finite, if any.
    fn blown_up(&self) -> Option<String> {
        let pair = self.pair();
        let of =
            |network: &str, names: Vec<String>| names.into_iter().map(|name| format!("{network}.{name}")).collect();
        let mut names: Vec<String> = of("generator", nonfinite(&pair.generator.valid()));
        names.extend::<Vec<String>>(of("discriminator", nonfinite(&pair.discriminator.valid())));
        let first = names.first()?;
        Some(match names.len() {
            1 => format!("{first} was not finite"),
            count => format!("{first} and {} more weights were not finite", count - 1),
        })
    }

    /// Why the generator counts as collapsed, if it does.
    fn collapsed(&self, position: &Position) -> Option<String> {
        let train = &self.settings.train;
        (train.collapse_floor > 0.0 && position.poor >= train.collapse_after).then(|| {
            let (epoch, floor, times) = (position.epoch, train.collapse_floor, train.collapse_after);
            format!("collapsed: diversity was below {floor} at {times} evaluations in a row, the last at epoch {epoch}")
        })
    }

    fn evaluate(&mut self, report: &mut EpochReport) -> Result<(), TrainError> {
        let evaluated = self.evaluator.evaluate(self.pair().shown(), &self.inputs.eval)?;
        let diversity =
            evaluated.values.iter().find(|measured| measured.metric == "diversity").map(|found| found.value);
        if let (Some(position), Some(diversity)) = (&mut self.position, diversity) {
            // Before training nothing has collapsed yet.
            let is_poor = report.epoch > Epoch::ZERO && diversity < self.settings.train.collapse_floor;
            position.poor = if is_poor { position.poor + 1 } else { 0 };
        }
        report.evaluation = evaluated.values;
        report.pictures.push(evaluated.samples);
        Ok(())
    }
}

impl Iterator for Session {
    type Item = Result<Advance, TrainError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let advanced = match self.position.clone() {
            // What was not begun needs no saving.
            None if self.interrupter.should_stop() => Ok(Advance::Interrupted),
            None => self.start(),
            Some(done) => match self.collapsed(&done) {
                Some(what) => Ok(Advance::Diverged { what }),
                None if done.epoch < self.horizon => self.epoch(done),
                None => return None,
            },
        };
        self.ended = !matches!(advanced, Ok(Advance::Epoch(_)));
        Some(advanced)
    }
}

/// Both networks before the first step.
fn initial(settings: &Settings, inputs: &Inputs, seed: u64, device: &Device) -> Pair {
    let guide = inputs.features.as_ref().map(|features| features.row_length() / 2);
    Pair::new(settings, inputs.sentences.row_length(), guide, seed, &device.clone().autodiff())
}

/// What fakes are held to their guides by: the guide's network, where that is asked for.
fn gaze(settings: &Settings, device: &Device) -> Result<Option<Gaze>, TrainError> {
    if !settings.guide.is_on() || settings.objective.guide_match <= 0.0 {
        return Ok(None);
    }
    let Some(config) = ExtractorConfig::of_guide(&settings.guide).map_err(PrepareError::from)? else { return Ok(None) };
    let extractor = config.load(settings.image.resolution, &device.clone().autodiff())?;
    Ok(Some(Box::new(move |images| extractor.look(images))))
}

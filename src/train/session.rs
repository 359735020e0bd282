//! One run from its first step to its last: an iterator over epochs that knows no database.

use std::path::Path;
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::Device;
use burn::train::Interrupter;
use sha2::{Digest as _, Sha256};

use crate::gan::{Pair, Recipe, StepReport, hash, is_finite};
use crate::measure::{Epoch, Protocol};
use crate::prepare::Inputs;
use crate::spec::Settings;

use super::TrainError;
use super::batches::Batches;
use super::checkpoint::{Position, Saved, StepValues, load, load_generator, save, save_generator};
use super::evaluation::{evaluate, protocol, references};

/// A run in training.
pub struct Session {
    settings: Settings,
    inputs: Inputs,
    recipe: Recipe,
    protocol: Protocol,
    device: Device,
    seed: u64,
    horizon: Epoch,
    position: Option<Position>,
    pair: Option<Pair>,
    interrupter: Interrupter,
    ended: bool,
}

/// A picture of equal tiles.
#[derive(Clone, Debug)]
pub struct NewImage {
    /// `samples`, `originals` or `guides`.
    pub role: &'static str,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// What an epoch measured.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// The epoch that ended; 0 before training.
    pub epoch: Epoch,
    /// Steps made so far.
    pub step: u64,
    /// Training metrics: name and value.
    pub training: Vec<(&'static str, f64)>,
    /// Measures on held-out items, when this epoch was evaluated.
    pub evaluation: Vec<(&'static str, f64)>,
    /// Pictures of the evaluation.
    pub pictures: Vec<NewImage>,
}

/// How far the session came.
#[derive(Debug)]
pub enum Advance {
    /// An epoch ended.
    Epoch(Box<EpochReport>),
    /// A loss or weight was not finite: there is no use in going on.
    Diverged {
        /// Where and what.
        what: String,
    },
    /// It was told to stop. The epoch in progress can be saved, and is gone on with from there.
    Interrupted,
}

/// A generator of a run to look at.
#[derive(Clone, Copy, Debug)]
pub enum Look<'a> {
    /// Before the first step: drawn again from the seed.
    Begin,
    /// As it stands.
    Now,
    /// One that was kept: its folder and hash.
    Kept(&'a Path, &'a str),
}

impl Session {
    /// A run of `settings` with `seed` that has seen nothing.
    pub fn new(
        settings: Settings,
        inputs: Inputs,
        seed: u64,
        horizon: Epoch,
        device: Device,
        interrupter: Interrupter,
    ) -> Self {
        let pair = initial(&settings, &inputs, seed, &device);
        let recipe = Recipe { objective: settings.objective.clone(), optimizer: settings.optimizer.clone() };
        let protocol = protocol(&settings, &inputs);
        Self {
            settings,
            inputs,
            recipe,
            protocol,
            device,
            seed,
            horizon,
            position: None,
            pair: Some(pair),
            interrupter,
            ended: false,
        }
    }

    /// Goes on from the checkpoint in `folder`, whose files must have the hash `sha256`.
    ///
    /// # Errors
    ///
    /// If the checkpoint is damaged or of another format.
    pub fn resume(mut self, folder: &Path, sha256: &str) -> Result<Self, TrainError> {
        if let Some(pair) = self.pair.take() {
            let (pair, position) = load(pair, folder, sha256)?;
            self.pair = Some(pair);
            self.position = Some(position);
        }
        Ok(self)
    }

    /// Writes the whole state to `folder`, which must not be there: both networks and both optimizers.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written; it is then not there.
    pub fn save(&self, folder: &Path) -> Result<Saved, TrainError> {
        match &self.position {
            Some(position) => save(self.pair(), position, folder),
            None => save(self.pair(), &Position::default(), folder),
        }
    }

    /// SHA-256 over the weights and running statistics of both networks.
    pub fn weights(&self) -> String {
        let pair = self.pair();
        let both = [hash(&pair.generator.valid()), hash(&pair.discriminator.valid())].concat();
        hex::encode(Sha256::digest(both.as_bytes()))
    }

    /// How the session's evaluations are made.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
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
        save_generator(&self.pair().generator, folder)
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

    /// The measures that are taken of held-out items.
    pub fn measures(&self) -> &[String] {
        &self.settings.eval.measures
    }

    /// Takes the measures of a generator of this run.
    ///
    /// # Errors
    ///
    /// If it was kept and is not what was written.
    pub fn look(&self, at: Look) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let begin = || initial(&self.settings, &self.inputs, self.seed, &self.device).generator;
        let other;
        let generator = match at {
            Look::Now => &self.pair().generator,
            Look::Begin => {
                other = begin();
                &other
            }
            Look::Kept(folder, sha256) => {
                other = load_generator(begin(), folder, sha256)?;
                &other
            }
        };
        Ok(evaluate(generator, &self.settings, &self.inputs, &self.device)?.values)
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
            pictures: references(&self.inputs, self.settings.image.resolution)?,
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
                let (pair, report) = pair.step(&self.recipe, batch.on(&training));
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
            let what = format!("{metric} was not finite at step {} of epoch {epoch}", step + 1);
            return Ok(Advance::Diverged { what });
        }
        if stopped {
            self.position = Some(Position { epoch: done.epoch, step, partial: values });
            return Ok(Advance::Interrupted);
        }
        let pair = self.pair();
        if !is_finite(&pair.generator.valid()) || !is_finite(&pair.discriminator.valid()) {
            return Ok(Advance::Diverged { what: format!("a weight was not finite after epoch {epoch}") });
        }
        let training = means(&values);
        self.position = Some(Position { epoch, step, partial: Vec::new() });
        let mut report = EpochReport { epoch, step, training, evaluation: Vec::new(), pictures: Vec::new() };
        report.training.push(("images_per_second", (made * self.settings.train.batch) as f64 / seconds));
        report.training.push(("input_wait", waited.as_secs_f64() / seconds));
        if epoch.is_evaluated(self.settings.eval.every, self.horizon) {
            self.evaluate(&mut report)?;
        }
        Ok(Advance::Epoch(Box::new(report)))
    }

    fn evaluate(&self, report: &mut EpochReport) -> Result<(), TrainError> {
        let evaluated = evaluate(&self.pair().generator, &self.settings, &self.inputs, &self.device)?;
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
            Some(done) if done.epoch < self.horizon => self.epoch(done),
            Some(_) => return None,
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

/// The first step, from 0, and term that was not finite.
fn first_nonfinite(steps: &[StepValues]) -> Option<(usize, &'static str)> {
    let of = |values: &StepValues| values.iter().find(|(_, value)| !value.is_finite()).map(|(name, _)| *name);
    steps.iter().enumerate().find_map(|(step, values)| Some((step, of(values)?)))
}

/// The mean of each term over the steps, added up in the order in which they were made.
fn means(steps: &[StepValues]) -> StepValues {
    let count = steps.len().max(1) as f64;
    let mut sums = StepValues::new();
    for values in steps {
        for (i, (name, value)) in values.iter().enumerate() {
            match sums.get_mut(i) {
                Some((_, sum)) => *sum += value,
                None => sums.push((name, *value)),
            }
        }
    }
    sums.into_iter().map(|(name, sum)| (name, sum / count)).collect()
}

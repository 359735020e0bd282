//! One run from its first step to its last: an iterator over epochs that knows no database.

use std::path::Path;
use std::time::Instant;

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
use super::checkpoint::{Position, Saved, load, save};
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
    /// It was told to stop; the epoch in progress is dropped.
    Interrupted,
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
        let guide = inputs.features.as_ref().map(|features| features.row_length() / 2);
        let training = device.clone().autodiff();
        let pair = Pair::new(&settings, inputs.sentences.row_length(), guide, seed, &training);
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
        let (pair, position) = self.state();
        save(pair, position, folder)
    }

    /// SHA-256 over the weights and running statistics of both networks.
    pub fn weights(&self) -> String {
        let (pair, _) = self.state();
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

    fn state(&self) -> (&Pair, Position) {
        let pair = self.pair.as_ref().expect("the networks are only away while a step is made");
        (pair, self.position.unwrap_or_default())
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
        let mut reports: Vec<StepReport> = Vec::with_capacity(batches.len());
        for step in 0..batches.len() {
            if self.interrupter.should_stop() {
                return Ok(Advance::Interrupted);
            }
            let batch = batches.batch(step, &training);
            let pair = self.pair.take().expect("the networks are only away while a step is made");
            let (pair, report) = pair.step(&self.recipe, batch);
            self.pair = Some(pair);
            reports.push(report);
        }
        let steps = reports.len();
        let means = match mean_terms(reports) {
            Ok(means) => means,
            Err((step, metric)) => {
                let what = format!("{metric} was not finite at step {} of epoch {epoch}", step + 1);
                return Ok(Advance::Diverged { what });
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        let (pair, _) = self.state();
        if !is_finite(&pair.generator.valid()) || !is_finite(&pair.discriminator.valid()) {
            return Ok(Advance::Diverged { what: format!("a weight was not finite after epoch {epoch}") });
        }
        let step = done.step + steps as u64;
        self.position = Some(Position { epoch, step });
        let mut report = EpochReport { epoch, step, training: means, evaluation: Vec::new(), pictures: Vec::new() };
        let images = (steps * self.settings.train.batch) as f64;
        report.training.push(("images_per_second", images / seconds));
        if epoch.is_evaluated(self.settings.eval.every, self.horizon) {
            self.evaluate(&mut report)?;
        }
        Ok(Advance::Epoch(Box::new(report)))
    }

    fn evaluate(&self, report: &mut EpochReport) -> Result<(), TrainError> {
        let (pair, _) = self.state();
        let evaluated = evaluate(&pair.generator, &self.settings, &self.inputs, &self.device)?;
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
        let advanced = match self.position {
            None => self.start(),
            Some(done) if done.epoch < self.horizon => self.epoch(done),
            Some(_) => return None,
        };
        self.ended = !matches!(advanced, Ok(Advance::Epoch(_)));
        Some(advanced)
    }
}

/// The mean of each term over the steps, or the first step and term that was not finite.
fn mean_terms(reports: Vec<StepReport>) -> Result<Vec<(&'static str, f64)>, (usize, &'static str)> {
    let count = reports.len().max(1) as f64;
    let mut sums: Vec<(&'static str, f64)> = Vec::new();
    for (step, report) in reports.into_iter().enumerate() {
        for (i, (name, value)) in report.read().into_iter().enumerate() {
            if !value.is_finite() {
                return Err((step, name));
            }
            match sums.get_mut(i) {
                Some((_, sum)) => *sum += value,
                None => sums.push((name, value)),
            }
        }
    }
    Ok(sums.into_iter().map(|(name, sum)| (name, sum / count)).collect())
}

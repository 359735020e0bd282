//! One D step and its G steps.

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};

use crate::spec::{OptimizerSettings, Settings};

use super::average::followed;
use super::batch::{Batch, Shown};
use super::clip::clipped;
use super::objective::{
    StepReport, fake_loss, feature_loss, joined_loss, pixel_loss, real_loss, rejected, share, smoothed_loss,
};
use super::{Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, Recipe, draw_initial};

/// A network and its optimizer.
pub struct Pair {
    /// Draws images.
    pub generator: Generator,
    /// Scores them.
    pub discriminator: Discriminator,
    /// Adam for the generator.
    pub generator_adam: ModuleOptimizer,
    /// Adam for the discriminator.
    pub discriminator_adam: ModuleOptimizer,
    /// The mean of the generator's past weights, where it is kept; without gradients.
    pub average: Option<Generator>,
}

impl Pair {
    /// Both networks with the initial weights of `seed`, and optimizers that have seen nothing.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>, seed: u64, device: &Device) -> Self {
        let generator = GeneratorConfig::new(settings, sentence, guide);
        let discriminator = DiscriminatorConfig::new(settings, sentence, guide);
        let drawn = |device: &Device| draw_initial(generator.init(device), seed, "generator");
        Self {
            generator: drawn(device),
            discriminator: draw_initial(discriminator.init(device), seed, "discriminator"),
            generator_adam: adam(&settings.optimizer),
            discriminator_adam: adam(&settings.optimizer),
            average: (settings.generator.ema > 0.0).then(|| drawn(&device.clone().without_autodiff())),
        }
    }

    /// The generator that draws for people and measures: the mean of past weights where it is kept.
    pub fn shown(&self) -> &Generator {
        self.average.as_ref().unwrap_or(&self.generator)
    }

    /// Updates the discriminator, then the generator, on one batch of `epoch`, which counts from 1.
    pub fn step(self, recipe: &Recipe, epoch: u32, batch: Batch) -> (Self, StepReport) {
        let Self { mut generator, discriminator, mut generator_adam, mut discriminator_adam, mut average } = self;
        let mut report = StepReport::default();
        let mut noises = batch.noise.iter().cloned();
        let mut noise = || noises.next().expect("there is noise for every pass of the generator");
        let (mut drawn, fake) = match recipe.shares_fakes() {
            true => {
                let drawn = Drawn::new(&generator, recipe, &batch, noise());
                let fake = drawn.fake.clone().detach();
                (Some(drawn), fake)
            }
            // Its norms keep their statistics, so it is not frozen.
            false => (None, {
                let still = generator.clone().no_grad();
                still.forward(noise(), batch.text.clone(), batch.guide.clone()).detach()
            }),
        };

        let loss = discriminator_loss(&discriminator, recipe, &batch, fake, &mut report);
        let gradients = gradients(loss, &discriminator, recipe);
        let rate = recipe.optimizer.discriminator.rate * recipe.decay(epoch);
        let discriminator = discriminator_adam.step(rate, discriminator, gradients);

        for _ in 0..recipe.generator_steps {
            let drawn = drawn.take().unwrap_or_else(|| Drawn::new(&generator, recipe, &batch, noise()));
            let loss = generator_loss(&discriminator, recipe, &batch, drawn, &mut report);
            let gradients = self::gradients(loss, &generator, recipe);
            let rate = recipe.optimizer.generator.rate * recipe.decay(epoch);
            generator = generator_adam.step(rate, generator, gradients);
            average = average.map(|average| followed(average, &generator, recipe.ema));
        }
        (Self { generator, discriminator, generator_adam, discriminator_adam, average }, report)
    }
}

#[cfg(test)]
impl Pair {
    /// The gradients of a first step before they are clipped: the discriminator's, and the generator's after the
    /// discriminator's update.
    pub(super) fn gradients(&self, recipe: &Recipe, batch: Batch) -> (GradientsParams, GradientsParams) {
        let noise = |i: usize| batch.noise[i].clone();
        let mut report = StepReport::default();
        let drawn = match recipe.shares_fakes() {
            true => Some(Drawn::new(&self.generator, recipe, &batch, noise(0))),
            false => None,
        };
        let fake = match &drawn {
            Some(drawn) => drawn.fake.clone().detach(),
            None => self.generator.forward(noise(0), batch.text.clone(), batch.guide.clone()).detach(),
        };
        let loss = || discriminator_loss(&self.discriminator, recipe, &batch, fake.clone(), &mut StepReport::default());
        let found = GradientsParams::from_grads(loss().backward(), &self.discriminator);
        let update = gradients(loss(), &self.discriminator, recipe);
        let rate = recipe.optimizer.discriminator.rate;
        let discriminator = adam(&recipe.optimizer).step(rate, self.discriminator.clone(), update);
        let drawn = drawn.unwrap_or_else(|| Drawn::new(&self.generator, recipe, &batch, noise(1)));
        let loss = generator_loss(&discriminator, recipe, &batch, drawn, &mut report);
        (found, GradientsParams::from_grads(loss.backward(), &self.generator))
    }
}

fn gradients<M: Module>(loss: Tensor<1>, of: &M, recipe: &Recipe) -> GradientsParams {
    let gradients = GradientsParams::from_grads(loss.backward(), of);
    match recipe.optimizer.clip {
        most if most > 0.0 => clipped(gradients, of, most),
        _ => gradients,
    }
}

fn adam(settings: &OptimizerSettings) -> ModuleOptimizer {
    AdamConfig::new()
        .with_beta_1(settings.beta1 as f32)
        .with_beta_2(settings.beta2 as f32)
        .with_epsilon(settings.epsilon as f32)
        .init()
}

/// What one pass of the generator drew for its own update.
struct Drawn {
    fake: Tensor<4>,
    /// Images drawn from interpolated sentences, beside what they were drawn from.
    mixed: Option<Shown>,
}

impl Drawn {
    fn new(generator: &Generator, recipe: &Recipe, batch: &Batch, noise: Tensor<2>) -> Self {
        let n = batch.real.dims()[0];
        let Some(partner) = batch.partner.clone() else {
            let fake = generator.forward(noise, batch.text.clone(), batch.guide.clone());
            return Self { fake, mixed: None };
        };
        let m = partner.dims()[0];
        let beta = recipe.objective.int_beta;
        let first = batch.text.clone().narrow(0, 0, m);
        let text = first.mul_scalar(beta) + partner.mul_scalar(1.0 - beta);
        // An interpolated text belongs to no image; its guide is the one of the image that gave its first caption.
        let guide = batch.guide.clone().map(|guide| guide.narrow(0, 0, m));
        let guides = batch.guide.clone().zip(guide.clone()).map(|(all, first)| Tensor::cat(vec![all, first], 0));
        let images = generator.forward(noise, Tensor::cat(vec![batch.text.clone(), text.clone()], 0), guides);
        let fake = images.clone().narrow(0, 0, n);
        Self { fake, mixed: Some(Shown { image: images.narrow(0, n, m), text, guide }) }
    }
}

/// The logits of what a discriminator is shown; it is told the guide only where it sees guides.
fn judged(discriminator: &Discriminator, shown: Shown) -> Tensor<2> {
    let guide = discriminator.guide.as_ref().and(shown.guide);
    discriminator.forward(shown.image, shown.text, guide)
}

/// Reed et al. 2016, algorithm 1, and one situation more where the discriminator sees guides: a real image with its
/// text is real; with another text, or beside another image's guide, it is to be rejected, and so is a fake.
fn discriminator_loss(
    discriminator: &Discriminator,
    recipe: &Recipe,
    batch: &Batch,
    fake: Tensor<4>,
    report: &mut StepReport,
) -> Tensor<1> {
    let beside = |image: &Tensor<4>, guide: &Option<Tensor<2>>| Shown {
        image: image.clone(),
        text: batch.text.clone(),
        guide: guide.clone(),
    };
    let logits = judged(discriminator, beside(&batch.real, &batch.guide));
    let mut loss = smoothed_loss(logits.clone(), recipe.objective.smoothing);
    report.add("d_loss_real", loss.clone());
    report.add("d_accuracy_real", share(logits.greater_elem(0.0)));

    let wrong = recipe.negatives.text.zip(batch.wrong.clone());
    let guide = recipe.negatives.guide.zip(batch.other_guide.clone());
    let guide = guide.map(|(weight, guide)| (weight, beside(&batch.real, &Some(guide))));
    let fake = (recipe.negatives.fake, beside(&fake, &batch.guide));
    let situations = [
        (wrong, "d_loss_wrong", "d_accuracy_wrong"),
        (guide, "d_loss_guide", "d_accuracy_guide"),
        (Some(fake), "d_loss_fake", "d_accuracy_fake"),
    ];
    for (situation, loss_name, accuracy_name) in situations {
        let Some((weight, shown)) = situation else { continue };
        let logits = judged(discriminator, shown);
        let term = fake_loss(logits.clone());
        report.add(loss_name, term.clone());
        report.add(accuracy_name, share(rejected(logits)));
        loss = loss + term.mul_scalar(weight);
    }
    report.add("d_loss", loss.clone());
    loss
}

/// The generator wants its images taken for real, beside their texts and beside interpolated ones; and, where that
/// counts, to be like the images that their guides come from.
fn generator_loss(
    discriminator: &Discriminator,
    recipe: &Recipe,
    batch: &Batch,
    drawn: Drawn,
    report: &mut StepReport,
) -> Tensor<1> {
    // Only the generator learns here. Its judge keeps its batch statistics, so it is not frozen.
    let judge = discriminator.clone().no_grad();
    let own = Shown { image: drawn.fake.clone(), text: batch.text.clone(), guide: batch.guide.clone() };
    let weight = recipe.objective.int_weight;
    let mut loss = match drawn.mixed {
        None => {
            let own = real_loss(judged(&judge, own));
            report.add("g_loss_cls", own.clone());
            own
        }
        Some(mixed) => {
            let joined = recipe.objective.int_mean == "joined";
            let (own, mixed) = match joined {
                true => judged_together(&judge, own, mixed),
                false => (judged(&judge, own), judged(&judge, mixed)),
            };
            report.add("g_loss_cls", real_loss(own.clone()));
            report.add("g_loss_int", real_loss(mixed.clone()));
            match joined {
                true => joined_loss(own, mixed, weight),
                false => real_loss(own) + real_loss(mixed).mul_scalar(weight),
            }
        }
    };
    if recipe.objective.reconstruction > 0.0 {
        let term = pixel_loss(drawn.fake.clone(), batch.real.clone());
        report.add("g_loss_reconstruction", term.clone());
        loss = loss + term.mul_scalar(recipe.objective.reconstruction);
    }
    if let Some((look, target)) = recipe.look.as_ref().zip(batch.target.clone()) {
        let term = feature_loss(look(drawn.fake), target);
        report.add("g_loss_guide_match", term.clone());
        loss = loss + term.mul_scalar(recipe.objective.guide_match);
    }
    report.add("g_loss", loss.clone());
    loss
}

/// The logits of two portions that one pass judges, with batch statistics over both.
fn judged_together(judge: &Discriminator, own: Shown, mixed: Shown) -> (Tensor<2>, Tensor<2>) {
    let (n, m) = (own.text.dims()[0], mixed.text.dims()[0]);
    let logits = judged(
        judge,
        Shown {
            image: Tensor::cat(vec![own.image, mixed.image], 0),
            text: Tensor::cat(vec![own.text, mixed.text], 0),
            guide: own.guide.zip(mixed.guide).map(|(own, mixed)| Tensor::cat(vec![own, mixed], 0)),
        },
    );
    (logits.clone().narrow(0, 0, n), logits.narrow(0, n, m))
}

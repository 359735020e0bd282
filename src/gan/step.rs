//! One D step and one G step.

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};

use crate::spec::{ObjectiveSettings, OptimizerSettings, Settings};

use super::objective::{StepReport, fake_loss, real_loss, share};
use super::{Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, draw_initial};

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
}

/// What the objective and the optimizers are told, once a run.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Which situations count, and how much.
    pub objective: ObjectiveSettings,
    /// Rates and moments.
    pub optimizer: OptimizerSettings,
}

/// The inputs of a step, on the training device. `n` is the batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Real images `[n, 3, s, s]` in [−1, 1].
    pub real: Tensor<4>,
    /// Their sentences `[n, sentence]`.
    pub text: Tensor<2>,
    /// Sentences of another class `[n, sentence]`.
    pub wrong: Tensor<2>,
    /// Sentences of other images in the batch, to interpolate with `[n, sentence]`.
    pub partner: Tensor<2>,
    /// Guide features of the images `[n, features]`.
    pub guide: Option<Tensor<2>>,
    /// Standard normal noise `[n, noise]`, or `[2n, noise]` where the objective interpolates.
    pub noise: Tensor<2>,
}

impl Pair {
    /// Both networks with the initial weights of `seed`, and optimizers that have seen nothing.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>, seed: u64, device: &Device) -> Self {
        let generator = GeneratorConfig::new(settings, sentence, guide).init(device);
        let discriminator = DiscriminatorConfig::new(settings, sentence).init(device);
        Self {
            generator: draw_initial(generator, seed, "generator"),
            discriminator: draw_initial(discriminator, seed, "discriminator"),
            generator_adam: adam(&settings.optimizer),
            discriminator_adam: adam(&settings.optimizer),
        }
    }

    /// Updates the discriminator, then the generator, on one batch.
    pub fn step(self, recipe: &Recipe, batch: Batch) -> (Self, StepReport) {
        let Self { generator, discriminator, mut generator_adam, mut discriminator_adam } = self;
        let mut report = StepReport::default();
        let drawn = Drawn::new(&generator, recipe, &batch);

        let loss = discriminator_loss(&discriminator, recipe, &batch, drawn.fake.clone().detach(), &mut report);
        let gradients = GradientsParams::from_grads(loss.backward(), &discriminator);
        let rate = recipe.optimizer.discriminator.rate;
        let discriminator = discriminator_adam.step(rate, discriminator, gradients);

        let loss = generator_loss(&discriminator, recipe, &batch, drawn, &mut report);
        let gradients = GradientsParams::from_grads(loss.backward(), &generator);
        let rate = recipe.optimizer.generator.rate;
        let generator = generator_adam.step(rate, generator, gradients);

        (Self { generator, discriminator, generator_adam, discriminator_adam }, report)
    }
}

fn adam(settings: &OptimizerSettings) -> ModuleOptimizer {
    AdamConfig::new()
        .with_beta_1(settings.beta1 as f32)
        .with_beta_2(settings.beta2 as f32)
        .with_epsilon(settings.epsilon as f32)
        .init()
}

/// What one forward pass of the generator drew: it serves both networks.
struct Drawn {
    fake: Tensor<4>,
    /// Interpolated sentences and the images drawn from them.
    mixed: Option<(Tensor<2>, Tensor<4>)>,
}

impl Drawn {
    fn new(generator: &Generator, recipe: &Recipe, batch: &Batch) -> Self {
        let n = batch.real.dims()[0];
        if !recipe.objective.kind.interpolates() {
            let fake = generator.forward(batch.noise.clone(), batch.text.clone(), batch.guide.clone());
            return Self { fake, mixed: None };
        }
        let beta = recipe.objective.int_beta;
        let mixed = batch.text.clone().mul_scalar(beta) + batch.partner.clone().mul_scalar(1.0 - beta);
        let text = Tensor::cat(vec![batch.text.clone(), mixed.clone()], 0);
        // An interpolated text belongs to no image; its guide is the one of the image that gave its first caption.
        let guide = batch.guide.clone().map(|guide| Tensor::cat(vec![guide.clone(), guide], 0));
        let images = generator.forward(batch.noise.clone(), text, guide);
        let fake = images.clone().narrow(0, 0, n);
        Self { fake, mixed: Some((mixed, images.narrow(0, n, n))) }
    }
}

/// Reed et al. 2016, algorithm 1: real image with its text, with another class's text, fake image with the text,
/// weighed 1, ½, ½; without the wrong pairs the fake weighs 1.
fn discriminator_loss(
    discriminator: &Discriminator,
    recipe: &Recipe,
    batch: &Batch,
    fake: Tensor<4>,
    report: &mut StepReport,
) -> Tensor<1> {
    let real_logits = discriminator.forward(batch.real.clone(), batch.text.clone());
    let real = real_loss(real_logits.clone());
    report.add("d_loss_real", real.clone());
    report.add("d_accuracy_real", share(real_logits.greater_elem(0.0)));

    let mut loss = real;
    let mut fake_weight = 1.0;
    if recipe.objective.kind.has_wrong_pairs() {
        fake_weight = 0.5;
        let wrong_logits = discriminator.forward(batch.real.clone(), batch.wrong.clone());
        let wrong = fake_loss(wrong_logits.clone());
        report.add("d_loss_wrong", wrong.clone());
        report.add("d_accuracy_wrong", share(wrong_logits.lower_elem(0.0)));
        loss = loss + wrong.mul_scalar(0.5);
    }

    let fake_logits = discriminator.forward(fake, batch.text.clone());
    let fake = fake_loss(fake_logits.clone());
    report.add("d_loss_fake", fake.clone());
    report.add("d_accuracy_fake", share(fake_logits.lower_elem(0.0)));
    let loss = loss + fake.mul_scalar(fake_weight);
    report.add("d_loss", loss.clone());
    loss
}

/// The generator wants its images taken for real, beside their texts and beside interpolated ones.
fn generator_loss(
    discriminator: &Discriminator,
    recipe: &Recipe,
    batch: &Batch,
    drawn: Drawn,
    report: &mut StepReport,
) -> Tensor<1> {
    // Only the generator learns here. Its judge keeps its batch statistics, so it is not frozen.
    let judge = discriminator.clone().no_grad();
    let own = real_loss(judge.forward(drawn.fake, batch.text.clone()));
    report.add("g_loss_cls", own.clone());
    let mut loss = own;
    if let Some((text, images)) = drawn.mixed {
        let mixed = real_loss(judge.forward(images, text));
        report.add("g_loss_int", mixed.clone());
        loss = loss + mixed.mul_scalar(recipe.objective.int_weight);
    }
    report.add("g_loss", loss.clone());
    loss
}

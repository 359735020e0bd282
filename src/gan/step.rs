//! A training step: one update of the discriminator and the updates of the generator.

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};

use crate::kernel::{Adam, in_thread_pool};
use crate::spec::{OptimizerSettings, Settings};

use super::average::updated_average;
use super::batch::{Batch, DiscriminatorInput, Mismatched};
use super::clip::clip_gradients;
use super::objective::{
    StepReport, classified_fake, fake_loss, feature_loss, fraction, joined_loss, pixel_loss, real_loss, smoothed_loss,
};
use super::{Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, Recipe, init_weights};

/// Generator and discriminator with their optimizers.
pub struct Gan {
    /// The generator.
    pub generator: Generator,
    /// The discriminator.
    pub discriminator: Discriminator,
    /// Adam for the generator.
    pub generator_adam: ModuleOptimizer,
    /// Adam for the discriminator.
    pub discriminator_adam: ModuleOptimizer,
    /// The moving average of the generator's weights, without gradients; `None` if it is disabled.
    pub average: Option<Generator>,
}

impl Gan {
    /// Creates both networks with the initial weights of `seed`, and new optimizers.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>, seed: u64, device: &Device) -> Self {
        let generator = GeneratorConfig::new(settings, sentence, guide);
        let discriminator = DiscriminatorConfig::new(settings, sentence, guide);
        let initial = |device: &Device| init_weights(generator.init(device), seed, "generator");
        Self {
            generator: initial(device),
            discriminator: init_weights(discriminator.init(device), seed, "discriminator"),
            generator_adam: adam(&settings.optimizer),
            discriminator_adam: adam(&settings.optimizer),
            average: (settings.generator.ema > 0.0).then(|| initial(&device.clone().without_autodiff())),
        }
    }

    /// The generator for samples and measures: the moving average, if it is enabled.
    pub fn sampling_generator(&self) -> &Generator {
        self.average.as_ref().unwrap_or(&self.generator)
    }

    /// Updates the discriminator, then the generator, on one batch of `epoch`, from 1.
    pub fn step(self, recipe: &Recipe, epoch: u32, batch: Batch) -> (Self, StepReport) {
        let device = batch.real.device();
        in_thread_pool(&device, || self.update(recipe, epoch, batch))
    }

    fn update(self, recipe: &Recipe, epoch: u32, batch: Batch) -> (Self, StepReport) {
        let Self { mut generator, discriminator, mut generator_adam, mut discriminator_adam, mut average } = self;
        let mut report = StepReport::default();
        let mut noises = batch.noise.iter().cloned();
        let mut noise = || noises.next().expect("a batch has noise for every forward pass of the generator");
        let (mut pass, fake) = match recipe.shares_fakes() {
            true => {
                let pass = GeneratorPass::new(&generator, recipe, &batch, noise());
                let fake = pass.fake.clone().detach();
                (Some(pass), fake)
            }
            // Not `valid()`: batch norm must use batch statistics, and update the running ones.
            false => (None, {
                let generator = generator.clone().no_grad();
                generator.forward(noise(), batch.text.clone(), batch.guide.clone()).detach()
            }),
        };

        let loss = discriminator_loss(&discriminator, recipe, &batch, fake, &mut report);
        let gradients = gradients(loss, &discriminator, recipe);
        let rate = recipe.optimizer.discriminator.rate * recipe.decay(epoch);
        let discriminator = discriminator_adam.step(rate, discriminator, gradients);

        for _ in 0..recipe.generator_steps {
            let pass = pass.take().unwrap_or_else(|| GeneratorPass::new(&generator, recipe, &batch, noise()));
            let loss = generator_loss(&discriminator, recipe, &batch, pass, &mut report);
            let gradients = self::gradients(loss, &generator, recipe);
            let rate = recipe.optimizer.generator.rate * recipe.decay(epoch);
            generator = generator_adam.step(rate, generator, gradients);
            average = average.map(|average| updated_average(average, &generator, recipe.ema));
        }
        (Self { generator, discriminator, generator_adam, discriminator_adam, average }, report)
    }
}

#[cfg(test)]
impl Gan {
    /// The gradients of a first step without clipping: the discriminator's, and the generator's after the
    /// discriminator's update.
    pub(super) fn gradients(&self, recipe: &Recipe, batch: Batch) -> (GradientsParams, GradientsParams) {
        let noise = |i: usize| batch.noise[i].clone();
        let mut report = StepReport::default();
        let pass = match recipe.shares_fakes() {
            true => Some(GeneratorPass::new(&self.generator, recipe, &batch, noise(0))),
            false => None,
        };
        let fake = match &pass {
            Some(pass) => pass.fake.clone().detach(),
            None => self.generator.forward(noise(0), batch.text.clone(), batch.guide.clone()).detach(),
        };
        let loss = || discriminator_loss(&self.discriminator, recipe, &batch, fake.clone(), &mut StepReport::default());
        let found = GradientsParams::from_grads(loss().backward(), &self.discriminator);
        let update = gradients(loss(), &self.discriminator, recipe);
        let rate = recipe.optimizer.discriminator.rate;
        let discriminator = adam(&recipe.optimizer).step(rate, self.discriminator.clone(), update);
        let pass = pass.unwrap_or_else(|| GeneratorPass::new(&self.generator, recipe, &batch, noise(1)));
        let loss = generator_loss(&discriminator, recipe, &batch, pass, &mut report);
        (found, GradientsParams::from_grads(loss.backward(), &self.generator))
    }
}

fn gradients<M: Module>(loss: Tensor<1>, module: &M, recipe: &Recipe) -> GradientsParams {
    let gradients = GradientsParams::from_grads(loss.backward(), module);
    match recipe.optimizer.clip {
        max_norm if max_norm > 0.0 => clip_gradients(gradients, module, max_norm),
        _ => gradients,
    }
}

fn adam(settings: &OptimizerSettings) -> ModuleOptimizer {
    Adam::new(settings.beta1 as f32, settings.beta2 as f32, settings.epsilon as f32).into()
}

/// The images of one forward pass of the generator, with gradients.
struct GeneratorPass {
    fake: Tensor<4>,
    /// Images from interpolated sentences, with these sentences and their guides.
    interpolated: Option<DiscriminatorInput>,
}

impl GeneratorPass {
    fn new(generator: &Generator, recipe: &Recipe, batch: &Batch, noise: Tensor<2>) -> Self {
        let n = batch.real.dims()[0];
        let Some(partner) = batch.partner.clone() else {
            let fake = generator.forward(noise, batch.text.clone(), batch.guide.clone());
            return Self { fake, interpolated: None };
        };
        let m = partner.dims()[0];
        let beta = recipe.objective.int_beta;
        let first = batch.text.clone().narrow(0, 0, m);
        let text = first.mul_scalar(beta) + partner.mul_scalar(1.0 - beta);
        // An interpolated text belongs to two images. Its guide is that of the image of its first caption.
        let guide = batch.guide.clone().map(|guide| guide.narrow(0, 0, m));
        let guides = batch.guide.clone().zip(guide.clone()).map(|(all, first)| Tensor::cat(vec![all, first], 0));
        let images = generator.forward(noise, Tensor::cat(vec![batch.text.clone(), text.clone()], 0), guides);
        let fake = images.clone().narrow(0, 0, n);
        Self { fake, interpolated: Some(DiscriminatorInput { image: images.narrow(0, n, m), text, guide }) }
    }
}

/// The logits of `input`. The guide is dropped if the discriminator gets no guides.
fn compute_logits(discriminator: &Discriminator, input: DiscriminatorInput) -> Tensor<2> {
    let guide = discriminator.guide.as_ref().and(input.guide);
    discriminator.forward(input.image, input.text, guide)
}

/// Algorithm 1 of Reed et al. 2016. A real image with its text must be accepted. A real image with a mismatched text
/// and a generated image must be rejected. If the discriminator gets guides, so must a real image with the guide of
/// another image.
///
/// What several pairs have in common, such as the maps of the real images, is computed once.
fn discriminator_loss(
    discriminator: &Discriminator,
    recipe: &Recipe,
    batch: &Batch,
    fake: Tensor<4>,
    report: &mut StepReport,
) -> Tensor<1> {
    let takes_guides = discriminator.guide.is_some();
    let project = |guide: &Option<Tensor<2>>| {
        guide.clone().filter(|_| takes_guides).map(|guide| discriminator.project_guide(guide))
    };
    let real = discriminator.image_maps(batch.real.clone());
    let (text, guide) = (discriminator.project_sentence(batch.text.clone()), project(&batch.guide));
    let logits = discriminator.judge(&real, &text, guide.as_ref());
    let mut loss = smoothed_loss(logits.clone(), recipe.objective.smoothing);
    report.add("d_loss_real", loss.clone());
    report.add("d_accuracy_real", fraction(logits.greater_elem(0.0)));

    let mut reject = |weight: f64, logits: Tensor<2>, loss_name, accuracy_name| {
        let term = fake_loss(logits.clone());
        report.add(loss_name, term.clone());
        report.add(accuracy_name, fraction(classified_fake(logits)));
        loss = loss.clone() + term.mul_scalar(weight);
    };
    if let Some((weight, mismatched)) = recipe.negatives.text.zip(batch.mismatched.as_ref()) {
        let logits = match mismatched {
            Mismatched::Text(other) => {
                discriminator.judge(&real, &discriminator.project_sentence(other.clone()), guide.as_ref())
            }
            Mismatched::Image(other, its) => {
                discriminator.judge(&discriminator.image_maps(other.as_ref().clone()), &text, project(its).as_ref())
            }
        };
        reject(weight, logits, "d_loss_wrong", "d_accuracy_wrong");
    }
    if let (Some(weight), Some(other)) = (recipe.negatives.guide, project(&batch.other_guide)) {
        reject(weight, discriminator.judge(&real, &text, Some(&other)), "d_loss_guide", "d_accuracy_guide");
    }
    let logits = discriminator.judge(&discriminator.image_maps(fake), &text, guide.as_ref());
    reject(recipe.negatives.fake, logits, "d_loss_fake", "d_accuracy_fake");
    report.add("d_loss", loss.clone());
    loss
}

/// The generator's images must be classified as real, with their texts and with interpolated texts. Reconstruction and
/// guide matching are added if their weights are above 0.
fn generator_loss(
    discriminator: &Discriminator,
    recipe: &Recipe,
    batch: &Batch,
    pass: GeneratorPass,
    report: &mut StepReport,
) -> Tensor<1> {
    // Not `valid()`: batch norm must use batch statistics.
    let discriminator = discriminator.clone().no_grad();
    let own = DiscriminatorInput { image: pass.fake.clone(), text: batch.text.clone(), guide: batch.guide.clone() };
    let weight = recipe.objective.int_weight;
    let mut loss = match pass.interpolated {
        None => {
            let own = real_loss(compute_logits(&discriminator, own));
            report.add("g_loss_cls", own.clone());
            own
        }
        Some(interpolated) => {
            let joined = recipe.objective.int_mean == "joined";
            let (own, interpolated) = match joined {
                true => joint_logits(&discriminator, own, interpolated),
                false => (compute_logits(&discriminator, own), compute_logits(&discriminator, interpolated)),
            };
            report.add("g_loss_cls", real_loss(own.clone()));
            report.add("g_loss_int", real_loss(interpolated.clone()));
            match joined {
                true => joined_loss(own, interpolated, weight),
                false => real_loss(own) + real_loss(interpolated).mul_scalar(weight),
            }
        }
    };
    if recipe.objective.reconstruction > 0.0 {
        let term = pixel_loss(pass.fake.clone(), batch.real.clone());
        report.add("g_loss_reconstruction", term.clone());
        loss = loss + term.mul_scalar(recipe.objective.reconstruction);
    }
    if let Some((features, target)) = recipe.features.as_ref().zip(batch.target.clone()) {
        let term = feature_loss(features(pass.fake), target);
        report.add("g_loss_guide_match", term.clone());
        loss = loss + term.mul_scalar(recipe.objective.guide_match);
    }
    report.add("g_loss", loss.clone());
    loss
}

/// The logits of two inputs from one forward pass, with batch statistics over both.
fn joint_logits(
    discriminator: &Discriminator,
    own: DiscriminatorInput,
    interpolated: DiscriminatorInput,
) -> (Tensor<2>, Tensor<2>) {
    let (n, m) = (own.text.dims()[0], interpolated.text.dims()[0]);
    let logits = compute_logits(
        discriminator,
        DiscriminatorInput {
            image: Tensor::cat(vec![own.image, interpolated.image], 0),
            text: Tensor::cat(vec![own.text, interpolated.text], 0),
            guide: own.guide.zip(interpolated.guide).map(|(own, other)| Tensor::cat(vec![own, other], 0)),
        },
    );
    (logits.clone().narrow(0, 0, n), logits.narrow(0, n, m))
}

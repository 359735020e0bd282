//! The generator.

use burn::module::Module;
use burn::nn::conv::ConvTranspose2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};

use crate::spec::Settings;

use super::Body;
use super::layer::{linear, norm, upsample};
use super::residual::Residual;
use super::statistics::Statistics;
use crate::kernel::{Activation, activate, convolve_transposed, project};

/// The sizes of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratorConfig {
    /// The architecture.
    pub body: Body,
    /// Side of the images, a multiple of 16.
    pub resolution: usize,
    /// Channels of the last hidden layer.
    pub width: usize,
    /// Length of the noise vector.
    pub noise: usize,
    /// Length of a sentence vector.
    pub sentence: usize,
    /// Length of the projected sentence.
    pub text: usize,
    /// Length of the guide and of the projected guide; `None` without a guide.
    pub guide: Option<(usize, usize)>,
    /// Whether the guide also modulates every hidden feature map.
    pub stages: bool,
}

/// Generates images from noise, a sentence and, if it gets one, a guide.
#[derive(Module, Debug)]
pub struct Generator {
    /// Sentence → projected sentence.
    pub text: Linear,
    /// Guide → projected guide.
    pub guide: Option<Linear>,
    /// Noise, text and guide joined → the smallest feature map.
    pub seed: Linear,
    /// After `seed`.
    pub seed_norm: BatchNorm,
    /// Layers that each double the side: 4w, 2w, w and 3 channels.
    pub up: Vec<ConvTranspose2d>,
    /// After each of `up` except the last.
    pub norm: Vec<BatchNorm>,
    /// Projected guide → scales and shifts of the channels after each of `norm`. Empty if the guide is used at the
    /// input alone.
    pub modulate: Vec<Linear>,
    /// On the two smallest feature maps in Reed's body; otherwise empty.
    pub residual: Vec<Residual>,
    /// Side of the smallest feature map.
    pub side: usize,
}

impl GeneratorConfig {
    /// The generator that `settings` describe, for sentences of length `sentence` and guides of length `guide`.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>) -> Self {
        Self {
            body: Body::of(&settings.generator.body),
            resolution: settings.image.resolution,
            width: settings.generator.width,
            noise: settings.generator.noise,
            sentence,
            text: settings.text.projected,
            guide: guide.map(|length| (length, settings.guide.projected)),
            stages: guide.is_some() && settings.guide.inject == "stages",
        }
    }

    /// Channels of the feature maps, from the smallest to the image.
    pub(super) fn channels(&self) -> [usize; 5] {
        [8 * self.width, 4 * self.width, 2 * self.width, self.width, 3]
    }

    /// Indices in `channels` of the feature maps with a residual block.
    pub(super) fn residuals(&self) -> &'static [usize] {
        match self.body {
            Body::Dcgan => &[],
            Body::Reed => &[0, 1],
        }
    }

    /// The network on `device` with all weights zero: see [`super::init_weights`].
    pub fn init(&self, device: &Device) -> Generator {
        let side = self.resolution / 16;
        let channels = self.channels();
        let joined = self.noise + self.text + self.guide.map_or(0, |(_, projected)| projected);
        let kernel = self.body.kernel();
        let bias = |i| i == 3 && self.body.has_bias();
        let modulated = self.guide.filter(|_| self.stages).map(|(_, projected)| projected);
        let modulate = |projected| (1..4).map(|i| linear(projected, 2 * channels[i], true, device)).collect();
        Generator {
            text: linear(self.sentence, self.text, true, device),
            guide: self.guide.map(|(features, projected)| linear(features, projected, true, device)),
            seed: linear(joined, channels[0] * side * side, false, device),
            seed_norm: norm(channels[0], device),
            up: (0..4).map(|i| upsample(channels[i], channels[i + 1], kernel, bias(i), device)).collect(),
            norm: (1..4).map(|i| norm(channels[i], device)).collect(),
            modulate: modulated.map(modulate).unwrap_or_default(),
            residual: self.residuals().iter().map(|&i| Residual::new(channels[i], device)).collect(),
            side,
        }
    }
}

impl Generator {
    /// Noise `[n, noise]`, sentences `[n, sentence]` and guides `[n, features]` → images `[n, 3, s, s]` in (−1, 1).
    ///
    /// # Panics
    ///
    /// If a guide is missing, or given to a network without a guide layer.
    pub fn forward(&self, noise: Tensor<2>, sentence: Tensor<2>, guide: Option<Tensor<2>>) -> Tensor<4> {
        assert_eq!(
            self.guide.is_some(),
            guide.is_some(),
            "a guide is required if and only if the network has a guide layer"
        );
        let guide = self.guide.as_ref().zip(guide);
        let guide = guide.map(|(layer, guide)| project(layer, guide, Activation::LeakyRelu));
        let mut joined = vec![noise, project(&self.text, sentence, Activation::LeakyRelu)];
        joined.extend(guide.clone());
        let seed = project(&self.seed, Tensor::cat(joined, 1), Activation::Identity);
        let [batch, length] = seed.dims();
        let maps = seed.reshape([batch, length / (self.side * self.side), self.side, self.side]);
        let mut maps = self.normalize(0, &self.seed_norm, maps, None);
        for (i, (up, norm)) in self.up.iter().zip(&self.norm).enumerate() {
            let modulation = self
                .modulate
                .get(i)
                .zip(guide.clone())
                .map(|(layer, guide)| project(layer, guide, Activation::Identity));
            maps = self.normalize(i + 1, norm, convolve_transposed(up, maps, Activation::Identity), modulation);
        }
        match self.up.last() {
            Some(last) => convolve_transposed(last, maps, Activation::Tanh),
            None => maps,
        }
    }

    /// The end of stage `i`, from 0: batch norm, modulation, the residual block and ReLU; those that there are.
    fn normalize(&self, i: usize, norm: &BatchNorm, maps: Tensor<4>, modulation: Option<Tensor<2>>) -> Tensor<4> {
        let block = self.residual.get(i);
        let is_last = modulation.is_none() && block.is_none();
        let mut statistics = Statistics::default();
        let mut maps = statistics.normalize(norm, maps, if is_last { Activation::Relu } else { Activation::Identity });
        if let Some(modulation) = modulation {
            maps = modulated(maps, modulation);
        }
        if let Some(block) = block {
            maps = block.forward(maps, Activation::Relu, &mut statistics);
        }
        statistics.record(std::iter::once(norm).chain(block.into_iter().flat_map(Residual::norms)));
        if is_last { maps } else { activate(maps, Activation::Relu) }
    }
}

/// Scales each channel of `maps` `[n, c, h, w]` by 1 + a and shifts it by b, where `by` = `[a | b]` is `[n, 2c]`
/// (feature-wise linear modulation, Perez et al. 2018, arXiv 1709.07871).
fn modulated(maps: Tensor<4>, by: Tensor<2>) -> Tensor<4> {
    let [batch, channels, ..] = maps.dims();
    let part = |from| by.clone().narrow(1, from, channels).reshape([batch, channels, 1, 1]);
    maps * part(0).add_scalar(1.0) + part(channels)
}

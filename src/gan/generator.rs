use burn::module::Module;
use burn::nn::conv::ConvTranspose2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::activation::{relu, tanh};
use burn::tensor::{Device, Tensor};

use crate::spec::Settings;

use super::Body;
use super::layer::{doubling, leaky, linear, norm};
use super::residual::Residual;

/// The sizes of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratorConfig {
    /// Its form.
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
    /// Length of the guide's features, and of their projection; `None` without a guide.
    pub guide: Option<(usize, usize)>,
    /// Whether the guide also modulates every hidden map on the way up.
    pub stages: bool,
}

/// Draws images from noise, a sentence and, where there is one, a guide.
#[derive(Module, Debug)]
pub struct Generator {
    /// Sentence → projected sentence.
    pub text: Linear,
    /// Guide features → projected guide.
    pub guide: Option<Linear>,
    /// Noise, text and guide joined → the smallest map.
    pub seed: Linear,
    /// Over the smallest map.
    pub seed_norm: BatchNorm,
    /// Each doubles the side: 4w, 2w, w and 3 channels.
    pub up: Vec<ConvTranspose2d>,
    /// After all but the last of `up`.
    pub norm: Vec<BatchNorm>,
    /// Projected guide → scales and shifts of the channels after each of `norm`; empty where it acts at the input alone.
    pub modulate: Vec<Linear>,
    /// On the smallest map and on the one after it, in Reed's body; empty in the other.
    pub residual: Vec<Residual>,
    /// Side of the smallest map.
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

    /// Channels of the maps, from the smallest to the image.
    pub(super) fn channels(&self) -> [usize; 5] {
        [8 * self.width, 4 * self.width, 2 * self.width, self.width, 3]
    }

    /// Channels of the maps that a residual block works on.
    pub(super) fn residuals(&self) -> &'static [usize] {
        match self.body {
            Body::Dcgan => &[],
            Body::Reed => &[0, 1],
        }
    }

    /// The network on `device`, all weights zero: see [`super::draw_initial`].
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
            up: (0..4).map(|i| doubling(channels[i], channels[i + 1], kernel, bias(i), device)).collect(),
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
    /// If a guide is given to a network without a layer for it, or the other way round.
    pub fn forward(&self, noise: Tensor<2>, sentence: Tensor<2>, guide: Option<Tensor<2>>) -> Tensor<4> {
        assert_eq!(self.guide.is_some(), guide.is_some(), "a guide and its layer come together");
        let guide = self.guide.as_ref().zip(guide).map(|(layer, guide)| leaky(layer.forward(guide)));
        let mut joined = vec![noise, leaky(self.text.forward(sentence))];
        joined.extend(guide.clone());
        let seed = self.seed.forward(Tensor::cat(joined, 1));
        let [batch, length] = seed.dims();
        let maps = seed.reshape([batch, length / (self.side * self.side), self.side, self.side]);
        let mut maps = self.finish(0, self.seed_norm.forward(maps));
        for (i, (up, norm)) in self.up.iter().zip(&self.norm).enumerate() {
            maps = norm.forward(up.forward(maps));
            if let (Some(layer), Some(guide)) = (self.modulate.get(i), &guide) {
                maps = modulated(maps, layer.forward(guide.clone()));
            }
            maps = self.finish(i + 1, maps);
        }
        match self.up.last() {
            Some(last) => tanh(last.forward(maps)),
            None => maps,
        }
    }

    /// What ends stage `i` of the way up, from 0: the residual block where there is one, and ReLU.
    fn finish(&self, i: usize, maps: Tensor<4>) -> Tensor<4> {
        relu(match self.residual.get(i) {
            Some(block) => block.forward(maps, relu),
            None => maps,
        })
    }
}

/// Maps `[n, c, h, w]` with each channel scaled by 1 + a and shifted by b, where `[a | b]` is `[n, 2c]` (feature-wise
/// linear modulation, Perez et al. 2018, arXiv 1709.07871).
fn modulated(maps: Tensor<4>, by: Tensor<2>) -> Tensor<4> {
    let [batch, channels, ..] = maps.dims();
    let part = |from| by.clone().narrow(1, from, channels).reshape([batch, channels, 1, 1]);
    maps * part(0).add_scalar(1.0) + part(channels)
}

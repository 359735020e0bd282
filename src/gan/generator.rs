use burn::module::Module;
use burn::nn::conv::ConvTranspose2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::activation::{relu, tanh};
use burn::tensor::{Device, Tensor};

use crate::spec::Settings;

use super::layer::{doubling, leaky, linear, norm};

/// The sizes of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratorConfig {
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
    /// Side of the smallest map.
    pub side: usize,
}

impl GeneratorConfig {
    /// The generator that `settings` describe, for sentences of length `sentence` and guides of length `guide`.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>) -> Self {
        Self {
            resolution: settings.image.resolution,
            width: settings.generator.width,
            noise: settings.generator.noise,
            sentence,
            text: settings.text.projected,
            guide: guide.map(|length| (length, settings.guide.projected)),
        }
    }

    /// The network on `device`, all weights zero: see [`super::draw_initial`].
    pub fn init(&self, device: &Device) -> Generator {
        let side = self.resolution / 16;
        let channels = [8 * self.width, 4 * self.width, 2 * self.width, self.width, 3];
        let joined = self.noise + self.text + self.guide.map_or(0, |(_, projected)| projected);
        let up = (0..4).map(|i| doubling(channels[i], channels[i + 1], i == 3, device)).collect();
        Generator {
            text: linear(self.sentence, self.text, true, device),
            guide: self.guide.map(|(features, projected)| linear(features, projected, true, device)),
            seed: linear(joined, channels[0] * side * side, false, device),
            seed_norm: norm(channels[0], device),
            up,
            norm: (1..4).map(|i| norm(channels[i], device)).collect(),
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
        let mut joined = vec![noise, leaky(self.text.forward(sentence))];
        if let (Some(layer), Some(guide)) = (&self.guide, guide) {
            joined.push(leaky(layer.forward(guide)));
        }
        let seed = self.seed.forward(Tensor::cat(joined, 1));
        let [batch, length] = seed.dims();
        let maps = seed.reshape([batch, length / (self.side * self.side), self.side, self.side]);
        let mut maps = relu(self.seed_norm.forward(maps));
        for (up, norm) in self.up.iter().zip(&self.norm) {
            maps = relu(norm.forward(up.forward(maps)));
        }
        match self.up.last() {
            Some(last) => tanh(last.forward(maps)),
            None => maps,
        }
    }
}

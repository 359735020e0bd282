use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, Initializer, Linear};
use burn::tensor::{Device, Tensor};

use crate::spec::Settings;

use super::layer::{halving, leaky, linear, norm};

/// The sizes of a discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscriminatorConfig {
    /// Side of the images, a multiple of 16.
    pub resolution: usize,
    /// Channels of the first layer.
    pub width: usize,
    /// Length of a sentence vector.
    pub sentence: usize,
    /// Length of the projected sentence.
    pub text: usize,
}

/// Scores how real an image is beside a sentence: a higher logit means more real.
#[derive(Module, Debug)]
pub struct Discriminator {
    /// Sentence → projected sentence, tiled over the smallest map.
    pub text: Linear,
    /// Each halves the side: w, 2w, 4w and 8w channels. The first has a bias, since no norm follows it.
    pub down: Vec<Conv2d>,
    /// After each of `down` but the first.
    pub norm: Vec<BatchNorm>,
    /// 1×1, over the map joined with the tiled text.
    pub joint: Conv2d,
    /// After `joint`.
    pub joint_norm: BatchNorm,
    /// The whole map → one logit.
    pub logit: Linear,
}

impl DiscriminatorConfig {
    /// The discriminator that `settings` describe, for sentences of length `sentence`.
    pub fn new(settings: &Settings, sentence: usize) -> Self {
        Self {
            resolution: settings.image.resolution,
            width: settings.discriminator.width,
            sentence,
            text: settings.text.projected,
        }
    }

    /// The network on `device`, all weights zero: see [`super::draw_initial`].
    pub fn init(&self, device: &Device) -> Discriminator {
        let side = self.resolution / 16;
        let channels = [3, self.width, 2 * self.width, 4 * self.width, 8 * self.width];
        let joint = Conv2dConfig::new([channels[4] + self.text, channels[4]], [1, 1]);
        Discriminator {
            text: linear(self.sentence, self.text, true, device),
            down: (0..4).map(|i| halving(channels[i], channels[i + 1], i == 0, device)).collect(),
            norm: (2..5).map(|i| norm(channels[i], device)).collect(),
            joint: joint.with_bias(false).with_initializer(Initializer::Zeros).init(device),
            joint_norm: norm(channels[4], device),
            logit: linear(channels[4] * side * side, 1, true, device),
        }
    }
}

impl Discriminator {
    /// Images `[n, 3, s, s]` in [−1, 1] and sentences `[n, sentence]` → logits `[n, 1]`.
    pub fn forward(&self, image: Tensor<4>, sentence: Tensor<2>) -> Tensor<2> {
        let mut maps = image;
        for (i, down) in self.down.iter().enumerate() {
            maps = down.forward(maps);
            if let Some(norm) = i.checked_sub(1).and_then(|i| self.norm.get(i)) {
                maps = norm.forward(maps);
            }
            maps = leaky(maps);
        }
        let [batch, _, height, width] = maps.dims();
        let text = leaky(self.text.forward(sentence));
        let [_, length] = text.dims();
        let tiled = text.reshape([batch, length, 1, 1]).expand([batch, length, height, width]);
        let joined = self.joint.forward(Tensor::cat(vec![maps, tiled], 1));
        let joined = leaky(self.joint_norm.forward(joined));
        self.logit.forward(joined.flatten(1, 3))
    }
}

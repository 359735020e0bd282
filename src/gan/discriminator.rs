//! The discriminator.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};

use crate::spec::Settings;

use super::Body;
use super::layer::{convolution, downsample, leaky_relu, linear, norm};
use super::residual::Residual;

/// The sizes of a discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscriminatorConfig {
    /// The architecture.
    pub body: Body,
    /// Side of the images, a multiple of 16.
    pub resolution: usize,
    /// Channels of the first layer.
    pub width: usize,
    /// Length of a sentence vector.
    pub sentence: usize,
    /// Length of the projected sentence.
    pub text: usize,
    /// Length of the guide and of the projected guide; `None` if the discriminator gets no guide.
    pub guide: Option<(usize, usize)>,
}

/// Scores whether an image is real and matches a sentence and, if it gets one, a guide. A higher logit means more real.
#[derive(Module, Debug)]
pub struct Discriminator {
    /// Sentence → projected sentence, which is repeated at every position of the smallest feature map.
    pub text: Linear,
    /// After `text`, in Reed's body.
    pub text_norm: Option<BatchNorm>,
    /// Guide → projected guide, which is repeated like the text.
    pub guide: Option<Linear>,
    /// Layers that each halve the side: w, 2w, 4w and 8w channels.
    pub down: Vec<Conv2d>,
    /// After each of `down` except the first.
    pub norm: Vec<BatchNorm>,
    /// One on the smallest feature map in Reed's body; otherwise empty.
    pub residual: Vec<Residual>,
    /// 1×1, over the feature map joined with text and guide.
    pub joint: Conv2d,
    /// After `joint`.
    pub joint_norm: BatchNorm,
    /// The whole feature map → one logit.
    pub logit: Linear,
}

impl DiscriminatorConfig {
    /// The discriminator that `settings` describe, for sentences of length `sentence` and guides of length `guide`.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>) -> Self {
        Self {
            body: Body::of(&settings.discriminator.body),
            resolution: settings.image.resolution,
            width: settings.discriminator.width,
            sentence,
            text: settings.text.projected,
            guide: guide.filter(|_| settings.guide.is_joined()).map(|length| (length, settings.guide.projected)),
        }
    }

    /// Channels of the feature maps, from the image to the smallest.
    pub(super) fn channels(&self) -> [usize; 5] {
        [3, self.width, 2 * self.width, 4 * self.width, 8 * self.width]
    }

    /// The network on `device` with all weights zero: see [`super::init_weights`].
    pub fn init(&self, device: &Device) -> Discriminator {
        let side = self.resolution / 16;
        let channels = self.channels();
        let joined = channels[4] + self.text + self.guide.map_or(0, |(_, projected)| projected);
        let (kernel, bias, reed) = (self.body.kernel(), self.body.has_bias(), self.body == Body::Reed);
        let down = (0..4).map(|i| downsample(channels[i], channels[i + 1], kernel, i == 0 && bias, device));
        Discriminator {
            text: linear(self.sentence, self.text, true, device),
            text_norm: reed.then(|| norm(self.text, device)),
            guide: self.guide.map(|(features, projected)| linear(features, projected, true, device)),
            down: down.collect(),
            norm: (2..5).map(|i| norm(channels[i], device)).collect(),
            residual: reed.then(|| Residual::new(channels[4], device)).into_iter().collect(),
            joint: convolution(joined, channels[4], 1, device),
            joint_norm: norm(channels[4], device),
            logit: linear(channels[4] * side * side, 1, bias, device),
        }
    }
}

impl Discriminator {
    /// Images `[n, 3, s, s]` in [−1, 1], sentences `[n, sentence]` and, if it gets them, guides `[n, features]` →
    /// logits `[n, 1]`.
    ///
    /// # Panics
    ///
    /// If a guide is missing, or given to a network without a guide layer.
    pub fn forward(&self, image: Tensor<4>, sentence: Tensor<2>, guide: Option<Tensor<2>>) -> Tensor<2> {
        assert_eq!(
            self.guide.is_some(),
            guide.is_some(),
            "a guide is required if and only if the network has a guide layer"
        );
        let mut maps = image;
        for (i, down) in self.down.iter().enumerate() {
            maps = down.forward(maps);
            if let Some(norm) = i.checked_sub(1).and_then(|i| self.norm.get(i)) {
                maps = norm.forward(maps);
            }
            maps = match (self.residual.first(), i) {
                // Reed's code has no activation between the third feature map and the next convolution.
                (Some(_), 2) => maps,
                (Some(residual), 3) => leaky_relu(residual.forward(maps, leaky_relu)),
                _ => leaky_relu(maps),
            };
        }
        let mut text = self.text.forward(sentence);
        if let Some(norm) = &self.text_norm {
            text = norm.forward(text);
        }
        let mut joined = vec![tiled(leaky_relu(text), &maps)];
        joined.extend(
            self.guide.as_ref().zip(guide).map(|(layer, guide)| tiled(leaky_relu(layer.forward(guide)), &maps)),
        );
        joined.insert(0, maps);
        let joined = self.joint.forward(Tensor::cat(joined, 1));
        let joined = leaky_relu(self.joint_norm.forward(joined));
        self.logit.forward(joined.flatten(1, 3))
    }
}

/// Repeats vectors `[n, length]` at every position of `maps`: `[n, length, h, w]`.
fn tiled(vectors: Tensor<2>, maps: &Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = maps.dims();
    let [batch, length] = vectors.dims();
    vectors.reshape([batch, length, 1, 1]).expand([batch, length, height, width])
}

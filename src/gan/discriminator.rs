//! The discriminator.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};

use crate::spec::Settings;

use super::Body;
use super::layer::{convolution, downsample, linear, norm};
use super::residual::Residual;
use super::statistics::Statistics;
use crate::kernel::{Activation, activate, conv2d, convolve, linear as multiply, project};

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

/// What the discriminator computes of images alone.
#[derive(Clone, Debug)]
pub(super) struct ImageMaps {
    /// The smallest feature map, and its part of the joint convolution `[n, 8w, h, w]`.
    joint: Tensor<4>,
    statistics: Statistics,
}

/// A projected sentence or guide: its part of the joint convolution.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// `[n, 8w]`, the same at every position of the map.
    joint: Tensor<2>,
    statistics: Statistics,
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
        let guide = guide.map(|guide| self.project_guide(guide));
        self.judge(&self.image_maps(image), &self.project_sentence(sentence), guide.as_ref())
    }

    /// The first part of [`Discriminator::forward`], for images. It does not move running statistics.
    pub(super) fn image_maps(&self, image: Tensor<4>) -> ImageMaps {
        let mut statistics = Statistics::default();
        let residual = self.residual.first();
        let mut maps = image;
        for (i, down) in self.down.iter().enumerate() {
            // Reed's code has no activation between the third feature map and the next convolution, and the one after
            // the fourth comes after the residual block.
            let activation = match (residual, i) {
                (Some(_), 2 | 3) => Activation::Identity,
                _ => Activation::LeakyRelu,
            };
            maps = match i.checked_sub(1).and_then(|i| self.norm.get(i)) {
                Some(norm) => statistics.normalize(norm, convolve(down, maps, Activation::Identity), activation),
                None => convolve(down, maps, activation),
            };
        }
        if let Some(residual) = residual {
            maps = activate(residual.forward(maps, Activation::LeakyRelu, &mut statistics), Activation::LeakyRelu);
        }
        let [_, channels, ..] = maps.dims();
        let weight = self.joint.weight.val().narrow(1, 0, channels);
        ImageMaps { joint: conv2d(maps, weight, None, [1, 1], [0, 0], Activation::Identity), statistics }
    }

    /// The first part of [`Discriminator::forward`], for sentences. It does not move running statistics.
    pub(super) fn project_sentence(&self, sentence: Tensor<2>) -> Condition {
        let mut statistics = Statistics::default();
        let projected = match &self.text_norm {
            Some(norm) => {
                let projected = project(&self.text, sentence, Activation::Identity);
                statistics.normalize(norm, projected, Activation::LeakyRelu)
            }
            None => project(&self.text, sentence, Activation::LeakyRelu),
        };
        let [_, length] = projected.dims();
        Condition { joint: self.join(projected, self.joint_inputs() - length - self.guide_length()), statistics }
    }

    /// The first part of [`Discriminator::forward`], for guides.
    ///
    /// # Panics
    ///
    /// If the network has no guide layer.
    pub(super) fn project_guide(&self, guide: Tensor<2>) -> Condition {
        let layer = self.guide.as_ref().expect("only a network with a guide layer gets guides");
        let projected = project(layer, guide, Activation::LeakyRelu);
        let joint = self.join(projected, self.joint_inputs() - self.guide_length());
        Condition { joint, statistics: Statistics::default() }
    }

    /// The last part of [`Discriminator::forward`]: logits `[n, 1]` of images with sentences and guides. It moves all
    /// running statistics once.
    pub(super) fn judge(&self, image: &ImageMaps, sentence: &Condition, guide: Option<&Condition>) -> Tensor<2> {
        image.statistics.record(self.norm.iter().chain(self.residual.iter().flat_map(Residual::norms)));
        sentence.statistics.record(&self.text_norm);
        let condition = match guide {
            Some(guide) => sentence.joint.clone() + guide.joint.clone(),
            None => sentence.joint.clone(),
        };
        let [batch, length] = condition.dims();
        // A 1×1 convolution of joined maps is the sum of those of its parts, and the condition is the same everywhere.
        let joint = image.joint.clone() + condition.reshape([batch, length, 1, 1]);
        let mut statistics = Statistics::default();
        let joint = statistics.normalize(&self.joint_norm, joint, Activation::LeakyRelu);
        statistics.record([&self.joint_norm]);
        project(&self.logit, joint.flatten(1, 3), Activation::Identity)
    }

    /// The part of the joint convolution for a vector `[n, length]` that is joined to the maps from channel `first` on.
    fn join(&self, vector: Tensor<2>, first: usize) -> Tensor<2> {
        let [_, length] = vector.dims();
        let weight = self.joint.weight.val().narrow(1, first, length);
        let [outputs, ..] = weight.dims();
        multiply(vector, weight.reshape([outputs, length]).transpose(), None, Activation::Identity)
    }

    /// Channels that the joint convolution gets.
    fn joint_inputs(&self) -> usize {
        self.joint.weight.dims()[1]
    }

    /// Length of the projected guide; 0 without a guide layer.
    fn guide_length(&self) -> usize {
        self.guide.as_ref().map_or(0, |layer| layer.weight.dims()[1])
    }
}

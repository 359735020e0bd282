//! Inception-v3 in its two forms.

mod build;
mod layout;

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::layer::LayerPosition;
use super::output_collector::{OutputCollector, channel_means};
use crate::kernel::{Activation, Pooling, concat_channels, convolve, pool2d};
use layout::Step;

pub(super) use build::{inception_net, state};
pub(super) use layout::{InceptionLayout, fid, torchvision};

/// Inception-v3 for inference: each batch norm is folded into the convolution before it.
#[derive(Module, Debug)]
pub struct InceptionNet {
    /// The convolutions, in the order of the steps of the layout.
    pub convolutions: Vec<Conv2d>,
    /// The classification layer.
    pub fc: Linear,
}

impl InceptionNet {
    /// Runs normalised images `[n, 3, height, width]` until all outputs are collected, without dropout.
    pub(super) fn forward<T>(&self, layout: &InceptionLayout, images: Tensor<4>, collector: &mut OutputCollector<T>) {
        let Some(mean) = self.convolve(layout, images, collector) else { return };
        if collector.collect_vector(LayerPosition::Mean, &mean) {
            return;
        }
        let unbiased = mean.matmul(self.fc.weight.val());
        if collector.collect_vector(LayerPosition::LogitsUnbiased, &unbiased) {
            return;
        }
        let bias = self.fc.bias.as_ref().expect("fc is built with a bias").val();
        collector.collect_vector(LayerPosition::Logits, &(unbiased + bias.unsqueeze()));
    }

    /// The mean of the last feature map; calls `drop` where torchvision has its dropout.
    pub(super) fn forward_dropped(
        &self,
        layout: &InceptionLayout,
        images: Tensor<4>,
        drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let mean = self.convolve(layout, images, &mut OutputCollector::none());
        drop(mean.expect("without selected layers, the pass runs to its end"))
    }

    /// The mean of the last feature map; `None` if all outputs were collected before it.
    fn convolve<T>(
        &self,
        layout: &InceptionLayout,
        images: Tensor<4>,
        collector: &mut OutputCollector<T>,
    ) -> Option<Tensor<2>> {
        let mut convolutions = self.convolutions.iter();
        let mut next = || convolutions.next().expect("there is one convolution for each of the layout");
        let mut map = images;
        for (index, stage) in layout.stages.iter().enumerate() {
            let branch = |steps: &Vec<Step>| {
                steps.iter().fold(map.clone(), |map, step| match step {
                    Step::Convolution(_) => convolve(next(), map, Activation::Relu),
                    Step::Fork(convolutions) => {
                        let outputs = convolutions.iter().map(|_| convolve(next(), map.clone(), Activation::Relu));
                        concat_channels(outputs.collect())
                    }
                    Step::Average { padding_counts: true } => {
                        pool2d(map, [3, 3], [1, 1], [1, 1], Pooling::MeanWithPadding)
                    }
                    Step::Average { padding_counts: false } => pool2d(map, [3, 3], [1, 1], [1, 1], Pooling::Mean),
                    Step::Max { stride, padding } => pool2d(map, [3, 3], [*stride; 2], [*padding; 2], Pooling::Max),
                })
            };
            let branches: Vec<Tensor<4>> = stage.branches.iter().map(branch).collect();
            map = concat_channels(branches);
            if collector.collect_map(LayerPosition::Stage(index), &map) {
                return None;
            }
        }
        Some(channel_means(map))
    }
}

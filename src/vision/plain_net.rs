//! Networks that are a sequence of convolutions, then fc6 and fc7.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::module::adaptive_avg_pool2d;
use burn::tensor::{Tensor, TensorData};

use super::layer::LayerPosition;
use super::output_collector::OutputCollector;
use super::plain_layout::PlainLayout;
use crate::kernel::{Activation, Pooling, convolve, pool2d, project};

/// torchvision's AlexNet, VGG-16 or VGG-19 (without batch norm) up to fc7, as given by its [`PlainLayout`].
#[derive(Module, Debug)]
pub struct PlainNet {
    /// The convolutions.
    pub features: Vec<Conv2d>,
    /// fc6 and fc7.
    pub classifier: Vec<Linear>,
}

impl PlainNet {
    /// Runs normalised images `[n, 3, height, width]` until all outputs are collected, without dropout.
    pub(super) fn forward<T>(&self, layout: &PlainLayout, images: Tensor<4>, collector: &mut OutputCollector<T>) {
        let Some(mut vector) = self.convolve(layout, images, collector) else { return };
        for (index, linear) in self.classifier.iter().enumerate() {
            vector = project(linear, vector, Activation::Relu);
            if collector.collect_vector(LayerPosition::Linear(index), &vector) {
                return;
            }
        }
    }

    /// fc7 of normalised images; calls `drop` wherever torchvision has a dropout.
    pub(super) fn forward_dropped(
        &self,
        layout: &PlainLayout,
        images: Tensor<4>,
        drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let vector = self.convolve(layout, images, &mut OutputCollector::none());
        let vector = vector.expect("without selected layers, the pass runs to its end");
        self.classifier.iter().fold(vector, |vector, linear| match layout.drops_before {
            true => project(linear, drop(vector), Activation::Relu),
            false => drop(project(linear, vector, Activation::Relu)),
        })
    }

    /// The values of all parameters in the order of [`PlainLayout::parameters`] and in torchvision's shapes.
    pub(super) fn state(&self) -> Vec<Vec<f32>> {
        let values = |data: TensorData| data.convert::<f32>().try_to_vec::<f32>().expect("it was just converted");
        let bias =
            |bias: &Option<Param<Tensor<1>>>| values(bias.as_ref().expect("every layer has a bias").val().into_data());
        let features = self.features.iter().map(|layer| [values(layer.weight.val().into_data()), bias(&layer.bias)]);
        let weight = |layer: &Linear| values(layer.weight.val().transpose().into_data());
        let classifier = self.classifier.iter().map(|layer| [weight(layer), bias(&layer.bias)]);
        features.chain(classifier).flatten().collect()
    }

    /// The input of fc6; `None` if all outputs were collected before it.
    fn convolve<T>(
        &self,
        layout: &PlainLayout,
        images: Tensor<4>,
        collector: &mut OutputCollector<T>,
    ) -> Option<Tensor<2>> {
        let mut map = images;
        for (index, convolution) in self.features.iter().enumerate() {
            map = convolve(convolution, map, Activation::Relu);
            if collector.collect_map(LayerPosition::Convolution(index), &map) {
                return None;
            }
            if layout.pools.contains(&index) {
                map = pool2d(map, [layout.pool; 2], [2, 2], [0, 0], Pooling::Max);
                if collector.collect_map(LayerPosition::Pool(index), &map) {
                    return None;
                }
            }
        }
        Some(adaptive_avg_pool2d(map, [layout.grid; 2]).flatten(1, 3))
    }
}

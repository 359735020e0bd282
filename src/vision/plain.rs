//! Networks that are one line of convolutions, then fc6 and fc7.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::relu;
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Tensor, TensorData};

use super::layer::Place;
use super::layout::Layout;
use super::stops::Stops;

/// torchvision's AlexNet, VGG-16 or VGG-19 (without batch norm) up to fc7; its [`Layout`] says which.
#[derive(Module, Debug)]
pub struct Plain {
    /// The convolutions.
    pub features: Vec<Conv2d>,
    /// fc6 and fc7.
    pub classifier: Vec<Linear>,
}

impl Plain {
    /// Takes normalised images `[n, 3, height, width]` as far as something is wanted (dropout off).
    pub(super) fn walk<T>(&self, layout: &Layout, images: Tensor<4>, stops: &mut Stops<T>) {
        let Some(mut vector) = self.convolve(layout, images, stops) else { return };
        for (index, linear) in self.classifier.iter().enumerate() {
            vector = relu(linear.forward(vector));
            if stops.at_vector(Place::Linear(index), &vector) {
                return;
            }
        }
    }

    /// fc7 of normalised images, with `drop` wherever torchvision has a dropout.
    pub(super) fn forward_dropped(
        &self,
        layout: &Layout,
        images: Tensor<4>,
        drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let vector = self.convolve(layout, images, &mut Stops::nowhere());
        let vector = vector.expect("where nothing is wanted, the way goes to the end");
        self.classifier.iter().fold(vector, |vector, linear| match layout.drops_before {
            true => relu(linear.forward(drop(vector))),
            false => drop(relu(linear.forward(vector))),
        })
    }

    /// Values in the order of [`Layout::parameters`] and in torchvision's shapes.
    pub(super) fn state(&self) -> Vec<Vec<f32>> {
        let values = |data: TensorData| data.convert::<f32>().try_to_vec::<f32>().expect("it was just converted");
        let bias = |bias: &Option<Param<Tensor<1>>>| values(bias.as_ref().expect("all have one").val().into_data());
        let features = self.features.iter().map(|layer| [values(layer.weight.val().into_data()), bias(&layer.bias)]);
        let weight = |layer: &Linear| values(layer.weight.val().transpose().into_data());
        let classifier = self.classifier.iter().map(|layer| [weight(layer), bias(&layer.bias)]);
        features.chain(classifier).flatten().collect()
    }

    /// What fc6 is given, unless all that is wanted was found on the way.
    fn convolve<T>(&self, layout: &Layout, images: Tensor<4>, stops: &mut Stops<T>) -> Option<Tensor<2>> {
        let mut map = images;
        for (index, convolution) in self.features.iter().enumerate() {
            map = relu(convolution.forward(map));
            if stops.at_map(Place::Convolution(index), &map) {
                return None;
            }
            if layout.pools.contains(&index) {
                map = max_pool2d(map, MaxPoolOptions::new([layout.pool; 2]).with_stride([2, 2]));
                if stops.at_map(Place::Pool(index), &map) {
                    return None;
                }
            }
        }
        Some(adaptive_avg_pool2d(map, [layout.grid; 2]).flatten(1, 3))
    }
}

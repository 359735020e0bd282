//! VGG-16.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::layer::{Layer, forward};
use super::network::Network;

/// torchvision's VGG-16 (without batch norm) up to fc7.
#[derive(Module, Debug)]
pub struct Vgg16 {
    /// The thirteen convolutions.
    pub features: Vec<Conv2d>,
    /// fc6 and fc7.
    pub classifier: Vec<Linear>,
}

impl Vgg16 {
    /// Features of normalised images at a layer (dropout off); of a convolution or pooling, its channels' means.
    ///
    /// # Shapes
    ///
    /// - `images`: `[n, 3, height, width]`, each side at least 32
    /// - returns `[n, layer.length()]`
    pub fn forward(&self, images: Tensor<4>, layer: Layer) -> Tensor<2> {
        forward(Network::Vgg16.layout(), &self.features, &self.classifier, images, layer.place)
    }
}

//! AlexNet.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::layer::{Layer, forward};
use super::network::Network;

/// torchvision's AlexNet up to fc7.
#[derive(Module, Debug)]
pub struct AlexNet {
    /// The five convolutions.
    pub features: Vec<Conv2d>,
    /// fc6 and fc7.
    pub classifier: Vec<Linear>,
}

impl AlexNet {
    /// Features of normalised images at a layer (dropout off); of a convolution or pooling, its channels' means.
    ///
    /// # Shapes
    ///
    /// - `images`: `[n, 3, height, width]`, each side at least 63
    /// - returns `[n, layer.length()]`
    pub fn forward(&self, images: Tensor<4>, layer: Layer) -> Tensor<2> {
        forward(Network::AlexNet.layout(), &self.features, &self.classifier, images, layer.place)
    }
}

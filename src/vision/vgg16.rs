//! VGG-16.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;

/// torchvision's VGG-16 (without batch norm) up to fc7.
#[derive(Module, Debug)]
pub struct Vgg16 {
    /// The thirteen convolutions.
    pub features: Vec<Conv2d>,
    /// fc6 and fc7.
    pub classifier: Vec<Linear>,
}

impl Vgg16 {
    /// Features (fc7 after ReLU, dropout off) of normalised images.
    ///
    /// # Shapes
    ///
    /// - `images`: `[n, 3, height, width]`, each side at least 32
    /// - returns `[n, 4096 · width]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut map = images;
        for (place, convolution) in self.features.iter().enumerate() {
            map = relu(convolution.forward(map));
            if matches!(place, 1 | 3 | 6 | 9 | 12) {
                map = max_pool2d(map, MaxPoolOptions::new([2, 2]));
            }
        }
        let flat = adaptive_avg_pool2d(map, [7, 7]).flatten(1, 3);
        self.classifier.iter().fold(flat, |vector, linear| relu(linear.forward(vector)))
    }
}

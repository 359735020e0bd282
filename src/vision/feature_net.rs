//! A network with its weights.

use super::alexnet::AlexNet;
use super::build::layers;
use super::error::VisionError;
use super::layer::Layer;
use super::layout::{Parameter, parameters};
use super::network::{Network, NetworkConfig};
use super::random_weights;
use super::strict::{self, Kind};
use super::vgg16::Vgg16;
use super::weights::Weights;
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

/// Either network, which turns a picture into its features at a layer.
#[derive(Module, Debug)]
pub struct FeatureNet {
    body: Body,
    input: usize,
}

#[derive(Module, Debug)]
enum Body {
    AlexNet(AlexNet),
    Vgg16(Vgg16),
}

impl FeatureNet {
    /// Builds a network on a device and gives it its weights.
    ///
    /// # Errors
    ///
    /// If the size is impossible, or the weights file cannot be read or is not this network's: then every
    /// missing, unused and wrongly shaped tensor is listed.
    pub fn load(
        network: Network,
        config: NetworkConfig,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, VisionError> {
        config.check(network)?;
        let values = match weights {
            Weights::Random { seed } => random_weights::draw(parameters(network, config), *seed),
            Weights::File { path } => {
                let kind = Kind::of(path).ok_or_else(|| VisionError::Weights { text: weights.to_string() })?;
                strict::read(path, kind, network, config)?
            }
        };
        Ok(Self::assemble(network, config, values, device))
    }

    fn assemble(
        network: Network,
        config: NetworkConfig,
        values: impl IntoIterator<Item = (Parameter, TensorData)>,
        device: &Device,
    ) -> Self {
        let (features, classifier) = layers(network.layout(), values, device);
        let body = match network {
            Network::AlexNet => Body::AlexNet(AlexNet { features, classifier }),
            Network::Vgg16 => Body::Vgg16(Vgg16 { features, classifier }),
        };
        Self { body, input: config.input }.materialize()
    }

    /// The side of the square input, in pixels.
    pub fn input(&self) -> usize {
        self.input
    }

    /// Features of normalised images at a layer of this network: `[n, 3, input, input]` to `[n, layer.length()]`.
    pub fn forward(&self, images: Tensor<4>, layer: Layer) -> Tensor<2> {
        match &self.body {
            Body::AlexNet(network) => network.forward(images, layer),
            Body::Vgg16(network) => network.forward(images, layer),
        }
    }
}

#[cfg(test)]
mod tests;

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

    /// fc7 of normalised images with dropout.
    pub fn forward_dropped(&self, images: Tensor<4>, drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        let (network, linears) = match &self.body {
            Body::AlexNet(net) => (Network::AlexNet, &net.classifier),
            Body::Vgg16(net) => (Network::Vgg16, &net.classifier),
        };
        let features = match &self.body {
            Body::AlexNet(net) => &net.features,
            Body::Vgg16(net) => &net.features,
        };
        super::layer::dropped(network.layout(), features, linears, images, network == Network::AlexNet, drop)
    }

    /// Every parameter.
    pub fn state(&self) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let (network, features, linears) = match &self.body {
            Body::AlexNet(net) => (Network::AlexNet, &net.features, &net.classifier),
            Body::Vgg16(net) => (Network::Vgg16, &net.features, &net.classifier),
        };
        let values = |data: TensorData| data.convert::<f32>().try_to_vec::<f32>().expect("f32");
        let mut all = Vec::new();
        for layer in features {
            all.push(layer.weight.val().into_data());
            all.push(layer.bias.as_ref().expect("bias").val().into_data());
        }
        for layer in linears {
            all.push(layer.weight.val().transpose().into_data());
            all.push(layer.bias.as_ref().expect("bias").val().into_data());
        }
        let names = parameters(network, NetworkConfig { input: self.input, width: 1.0 }).into_iter().map(|p| p.name);
        names.zip(all).map(|(name, data)| (name, data.shape().to_vec(), values(data))).collect()
    }
}

#[cfg(test)]
mod tests;

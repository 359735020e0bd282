//! A network with its weights.

use super::build::plain;
use super::error::VisionError;
use super::inception::{self, Inception};
use super::layer::{Layer, Place};
use super::network::{Architecture, Network, NetworkConfig};
use super::parameter::{Parameter, parameters};
use super::plain::Plain;
use super::random_weights;
use super::stops::Stops;
use super::strict;
use super::weights::Weights;
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

/// Any of the networks, which turns a picture into its features at a layer.
#[derive(Module, Debug)]
pub struct FeatureNet {
    body: Body,
    #[module(skip)]
    network: Network,
    #[module(skip)]
    config: NetworkConfig,
}

#[derive(Module, Debug)]
enum Body {
    Plain(Plain),
    Inception(Inception),
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
            Weights::File { path } => strict::read(path, network, config)?,
        };
        Ok(Self::assemble(network, config, values, device))
    }

    fn assemble(
        network: Network,
        config: NetworkConfig,
        values: impl IntoIterator<Item = (Parameter, TensorData)>,
        device: &Device,
    ) -> Self {
        let body = match network.architecture() {
            Architecture::Plain(layout) => Body::Plain(plain(layout, values, device)),
            Architecture::Inception(table) => Body::Inception(inception::inception(table, values, device)),
        };
        Self { body, network, config }.materialize()
    }

    /// Which network it is.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The side of the square input, in pixels.
    pub fn input(&self) -> usize {
        self.config.input
    }

    /// Features of normalised images at a layer of this network: `[n, 3, input, input]` to `[n, layer.length()]`.
    /// Dropout is off; of a map, a feature is the mean of a channel.
    pub fn forward(&self, images: Tensor<4>, layer: Layer) -> Tensor<2> {
        self.forward_to(images, &[layer]).remove(0)
    }

    /// The same at several layers, in one pass: one `[n, layer.length()]` for each of `layers`, in their order.
    pub fn forward_to(&self, images: Tensor<4>, layers: &[Layer]) -> Vec<Tensor<2>> {
        self.walk(images, Stops::features(self.places(layers)))
    }

    /// The whole maps `[n, channels, height, width]` at several layers, in one pass; what is no map is one of 1×1.
    /// Images may have any size from the smallest input on.
    pub fn maps(&self, images: Tensor<4>, layers: &[Layer]) -> Vec<Tensor<4>> {
        self.walk(images, Stops::maps(self.places(layers)))
    }

    /// What [the layer of classes](Network::classes_layer) is given in training: fc7 `[n, 4096 · width]`, or `pool3` of an
    /// Inception, with `drop` called exactly where torchvision has a dropout (AlexNet before fc6 and before fc7, VGGs
    /// behind the ReLU of each, Inceptions behind `pool3`). Gradients go through it on a device that has them.
    pub fn forward_dropped(&self, images: Tensor<4>, drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        match (&self.body, self.network.architecture()) {
            (Body::Plain(body), Architecture::Plain(layout)) => body.forward_dropped(layout, images, drop),
            (Body::Inception(body), Architecture::Inception(table)) => body.forward_dropped(table, images, drop),
            _ => unreachable!("{ONE_KIND}"),
        }
    }

    /// Every parameter by the name, shape and orientation that it has in torchvision's state dict: a file of them is
    /// this network again, bit for bit. An Inception's batch norms are part of its convolutions, and are given as
    /// ones that only add a bias.
    pub fn state(&self) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let values = match &self.body {
            Body::Plain(body) => body.state(),
            Body::Inception(body) => inception::state(body),
        };
        let named = parameters(self.network, self.config).into_iter().zip(values);
        named.map(|(parameter, values)| (parameter.name, parameter.shape, values)).collect()
    }

    fn places(&self, layers: &[Layer]) -> Vec<Place> {
        let place = |layer: &Layer| {
            assert_eq!(layer.network, self.network, "the layer `{layer}` is of another network");
            layer.place
        };
        layers.iter().map(place).collect()
    }

    fn walk<T>(&self, images: Tensor<4>, mut stops: Stops<T>) -> Vec<T> {
        match (&self.body, self.network.architecture()) {
            (Body::Plain(body), Architecture::Plain(layout)) => body.walk(layout, images, &mut stops),
            (Body::Inception(body), Architecture::Inception(table)) => body.walk(table, images, &mut stops),
            _ => unreachable!("{ONE_KIND}"),
        }
        stops.found()
    }
}

const ONE_KIND: &str = "assemble() builds the body that the network has";

#[cfg(test)]
mod tests;

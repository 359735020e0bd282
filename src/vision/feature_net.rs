//! A network with its weights.

use super::build::plain;
use super::error::VisionError;
use super::inception::{self, Inception};
use super::layer::{Layer, Place};
use super::network::{Architecture, Network, NetworkConfig};
use super::parameter::{Parameter, parameters, reach};
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
    /// How many of its parameters, from the input on, it was given.
    #[module(skip)]
    whole: usize,
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
    /// If the size is impossible, or the weights file cannot be read, is not this network's (then every missing, unused
    /// and wrongly shaped tensor is listed), or holds a number that is not finite.
    pub fn load(
        network: Network,
        config: NetworkConfig,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, VisionError> {
        Self::load_for(network, config, weights, &[], device)
    }

    /// The same for features at `layers` of this network alone: what lies behind the last of them may be missing in the
    /// file. Of none, all of the network is needed.
    ///
    /// # Errors
    ///
    /// As [`FeatureNet::load`].
    pub fn load_for(
        network: Network,
        config: NetworkConfig,
        weights: &Weights,
        layers: &[Layer],
        device: &Device,
    ) -> Result<Self, VisionError> {
        config.check(network)?;
        let read = match weights {
            Weights::Random { seed } => {
                let values = random_weights::draw(parameters(network, config), *seed);
                strict::Read { whole: values.len(), values }
            }
            Weights::File { path } => strict::read(path, network, config, layers)?,
        };
        Ok(Self { whole: read.whole, ..Self::assemble(network, config, read.values, device) })
    }

    /// What a reader should know about a file of weights that features at `layers` are taken with: that its tensors lie under
    /// a key or prefix, and which it lacks. Of drawn weights there is nothing to know.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn notes(
        network: Network,
        config: NetworkConfig,
        weights: &Weights,
        layers: &[Layer],
    ) -> Result<Vec<String>, VisionError> {
        match weights {
            Weights::Random { .. } => Ok(Vec::new()),
            Weights::File { path } => strict::notes(path, network, config, layers),
        }
    }

    /// Whether it has all that the features at a layer follow from.
    pub fn reaches(&self, layer: Layer) -> bool {
        reach(self.network, self.config, &[layer]) <= self.whole
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
        let whole = parameters(network, config).len();
        Self { body, network, config, whole }.materialize()
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
            assert!(self.reaches(*layer), "the weights of the layer `{layer}` were not in the file");
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

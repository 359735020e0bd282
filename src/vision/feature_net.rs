//! A network with its weights.

use super::architecture::{Architecture, parameters, parameters_needed};
use super::build::plain_net;
use super::error::VisionError;
use super::inception::{self, InceptionNet};
use super::layer::{Layer, LayerPosition};
use super::network::{Network, NetworkConfig};
use super::output_collector::OutputCollector;
use super::parameter::Parameter;
use super::plain_net::PlainNet;
use super::random_weights;
use super::weights::Weights;
use super::weights_file::{self, LoadedParameters};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

/// A frozen network that extracts features of images.
#[derive(Module, Debug)]
pub struct FeatureNet {
    body: Body,
    #[module(skip)]
    network: Network,
    #[module(skip)]
    config: NetworkConfig,
    /// How many of its parameters, from the first, have values.
    #[module(skip)]
    loaded: usize,
}

#[derive(Module, Debug)]
enum Body {
    Plain(PlainNet),
    Inception(InceptionNet),
}

impl FeatureNet {
    /// Builds a network on a device and loads its weights.
    ///
    /// # Errors
    ///
    /// If the size is not valid, or the weights file cannot be read, does not fit the network (the error lists every
    /// missing, unused and wrongly shaped tensor), or has a value that is not finite.
    pub fn load(
        network: Network,
        config: NetworkConfig,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, VisionError> {
        Self::load_for(network, config, weights, &[], device)
    }

    /// As [`FeatureNet::load`], for features at `layers` only: parameters after the last of them may be missing in the
    /// file. With no layers, all parameters are required.
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
        let loaded = match weights {
            Weights::Random { seed } => {
                let values = random_weights::draw(parameters(network, config), *seed);
                LoadedParameters { count: values.len(), values }
            }
            Weights::File { path } => weights_file::load(path, network, config, layers)?,
        };
        Ok(Self { loaded: loaded.count, ..Self::build(network, config, loaded.values, device) })
    }

    /// Notes on a weights file that is loaded for features at `layers`: a key or prefix of its tensors, and missing
    /// tensors. There are none on random weights.
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
            Weights::File { path } => weights_file::notes(path, network, config, layers),
        }
    }

    /// Whether it has all parameters that the features at a layer depend on.
    pub fn reaches(&self, layer: Layer) -> bool {
        parameters_needed(self.network, self.config, &[layer]) <= self.loaded
    }

    fn build(
        network: Network,
        config: NetworkConfig,
        values: impl IntoIterator<Item = (Parameter, TensorData)>,
        device: &Device,
    ) -> Self {
        let body = match network.architecture() {
            Architecture::Plain(layout) => Body::Plain(plain_net(layout, values, device)),
            Architecture::Inception(layout) => Body::Inception(inception::inception_net(layout, values, device)),
        };
        let loaded = parameters(network, config).len();
        Self { body, network, config, loaded }.materialize()
    }

    /// The network.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The side of the square input, in pixels.
    pub fn input(&self) -> usize {
        self.config.input
    }

    /// Features of normalised images at a layer: `[n, 3, input, input]` to `[n, layer.length()]`, without dropout. The
    /// features of a feature map are the means of its channels.
    pub fn forward(&self, images: Tensor<4>, layer: Layer) -> Tensor<2> {
        self.forward_to(images, &[layer]).remove(0)
    }

    /// The features at several layers in one pass: one `[n, layer.length()]` for each of `layers`, in their order.
    pub fn forward_to(&self, images: Tensor<4>, layers: &[Layer]) -> Vec<Tensor<2>> {
        self.collect(images, OutputCollector::features(self.positions(layers)))
    }

    /// The feature maps `[n, channels, height, width]` at several layers in one pass; a vector is a map of 1×1. Images
    /// may have any size from the smallest input.
    pub fn maps(&self, images: Tensor<4>, layers: &[Layer]) -> Vec<Tensor<4>> {
        self.collect(images, OutputCollector::maps(self.positions(layers)))
    }

    /// The input of [the classification layer](Network::classes_layer) in training: fc7 `[n, 4096 · width]`, or `pool3`
    /// of an Inception network. `drop` is called where torchvision has a dropout: in AlexNet before fc6 and fc7, in
    /// VGGs after the ReLU of each, in Inception networks after `pool3`. On an autodiff device, gradients flow through
    /// it.
    pub fn forward_dropped(&self, images: Tensor<4>, drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        match (&self.body, self.network.architecture()) {
            (Body::Plain(body), Architecture::Plain(layout)) => body.forward_dropped(layout, images, drop),
            (Body::Inception(body), Architecture::Inception(layout)) => body.forward_dropped(layout, images, drop),
            _ => unreachable!("{SAME_KIND}"),
        }
    }

    /// Every parameter with its name, shape and layout in torchvision's state dict. A network that is loaded from a
    /// file of them is equal bit for bit. The batch norms of Inception networks are folded into the convolutions; here
    /// they only add a bias.
    pub fn state(&self) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let values = match &self.body {
            Body::Plain(body) => body.state(),
            Body::Inception(body) => inception::state(body),
        };
        let named = parameters(self.network, self.config).into_iter().zip(values);
        named.map(|(parameter, values)| (parameter.name, parameter.shape, values)).collect()
    }

    fn positions(&self, layers: &[Layer]) -> Vec<LayerPosition> {
        let position = |layer: &Layer| {
            assert_eq!(layer.network, self.network, "the layer `{layer}` belongs to another network");
            assert!(self.reaches(*layer), "the weights file has no weights for the layer `{layer}`");
            layer.position
        };
        layers.iter().map(position).collect()
    }

    fn collect<T>(&self, images: Tensor<4>, mut collector: OutputCollector<T>) -> Vec<T> {
        match (&self.body, self.network.architecture()) {
            (Body::Plain(body), Architecture::Plain(layout)) => body.forward(layout, images, &mut collector),
            (Body::Inception(body), Architecture::Inception(layout)) => body.forward(layout, images, &mut collector),
            _ => unreachable!("{SAME_KIND}"),
        }
        collector.into_outputs()
    }
}

const SAME_KIND: &str = "build() chooses the body by the architecture";

#[cfg(test)]
mod tests;

//! Named layers of a network, and the way of images up to one.

use std::fmt;

use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;

use super::layout::{FULLY_CONNECTED, Layout};
use super::network::{Network, NetworkConfig};

/// A layer that features can be taken of, after its ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    network: Network,
    pub(super) place: Place,
}

/// Where a layer is; all counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A convolution.
    Convolution(usize),
    /// The pooling that follows a convolution.
    Pool(usize),
    /// fc6 or fc7.
    Linear(usize),
}

/// A word that is no layer of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{network} has no layer `{word}` ({known})", known = .network.layers().join(", "))]
pub struct UnknownLayer {
    network: Network,
    word: String,
}

impl Network {
    /// The names of its layers, from the input on: those of the papers and of Caffe's models.
    pub fn layers(self) -> Vec<String> {
        places(self.layout()).into_iter().map(|place| name(self.layout(), place)).collect()
    }

    /// The layer of that name.
    ///
    /// # Errors
    ///
    /// If it has none of that name.
    pub fn layer(self, word: &str) -> Result<Layer, UnknownLayer> {
        let found = places(self.layout()).into_iter().find(|&place| name(self.layout(), place) == word);
        let place = found.ok_or_else(|| UnknownLayer { network: self, word: word.to_owned() })?;
        Ok(Layer { network: self, place })
    }
}

impl Layer {
    /// The numbers that it gives for a picture: the outputs of fc6 or fc7, or one for each channel of a map.
    pub fn length(self, config: NetworkConfig) -> usize {
        match self.place {
            Place::Convolution(index) | Place::Pool(index) => {
                config.channels(self.network.layout().convolutions[index].channels)
            }
            Place::Linear(_) => config.channels(FULLY_CONNECTED),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name(self.network.layout(), self.place))
    }
}

fn places(layout: &Layout) -> Vec<Place> {
    let mut places = Vec::new();
    for index in 0..layout.convolutions.len() {
        places.push(Place::Convolution(index));
        if layout.pools.contains(&index) {
            places.push(Place::Pool(index));
        }
    }
    places.extend([Place::Linear(0), Place::Linear(1)]);
    places
}

/// In a network with a pooling after each few convolutions, these are the convolutions of one block.
fn name(layout: &Layout, place: Place) -> String {
    let block = |index: usize| layout.pools.iter().filter(|&&pool| pool < index).count();
    match place {
        Place::Linear(index) => format!("fc{}", 6 + index),
        Place::Convolution(index) if layout.blocks => {
            let first = (0..=index).find(|&other| block(other) == block(index)).unwrap_or(index);
            format!("conv{}_{}", block(index) + 1, index - first + 1)
        }
        Place::Pool(index) if layout.blocks => format!("pool{}", block(index) + 1),
        Place::Convolution(index) => format!("conv{}", index + 1),
        Place::Pool(index) => format!("pool{}", index + 1),
    }
}

/// The features at `stop` of normalised images: of a map, the mean of each channel over the picture.
///
/// # Shapes
///
/// - `images`: `[n, 3, height, width]`
/// - returns `[n, length]`
pub(super) fn forward(
    layout: &Layout,
    features: &[Conv2d],
    classifier: &[Linear],
    images: Tensor<4>,
    stop: Place,
) -> Tensor<2> {
    let mut map = images;
    for (index, convolution) in features.iter().enumerate() {
        map = relu(convolution.forward(map));
        if stop == Place::Convolution(index) {
            return means(map);
        }
        if layout.pools.contains(&index) {
            map = max_pool2d(map, MaxPoolOptions::new([layout.pool; 2]).with_stride([2, 2]));
        }
        if stop == Place::Pool(index) {
            return means(map);
        }
    }
    let mut vector = adaptive_avg_pool2d(map, [layout.grid; 2]).flatten(1, 3);
    for (index, linear) in classifier.iter().enumerate() {
        vector = relu(linear.forward(vector));
        if stop == Place::Linear(index) {
            break;
        }
    }
    vector
}

pub(super) fn dropped(
    layout: &Layout,
    features: &[Conv2d],
    classifier: &[Linear],
    images: Tensor<4>,
    before: bool,
    drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>,
) -> Tensor<2> {
    let mut map = images;
    for (index, convolution) in features.iter().enumerate() {
        map = relu(convolution.forward(map));
        if layout.pools.contains(&index) {
            map = max_pool2d(map, MaxPoolOptions::new([layout.pool; 2]).with_stride([2, 2]));
        }
    }
    let mut vector = adaptive_avg_pool2d(map, [layout.grid; 2]).flatten(1, 3);
    for linear in classifier {
        if before {
            vector = drop(vector);
        }
        vector = relu(linear.forward(vector));
        if !before {
            vector = drop(vector);
        }
    }
    vector
}

fn means(map: Tensor<4>) -> Tensor<2> {
    map.mean_dim(3).mean_dim(2).flatten(1, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_bear_the_names_of_the_papers() {
        let alexnet =
            ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "fc6", "fc7"].map(str::to_owned);
        assert_eq!(Network::AlexNet.layers(), alexnet);
        let vgg16 = Network::Vgg16.layers();
        assert_eq!(vgg16.len(), 13 + 5 + 2);
        assert_eq!(vgg16[..6], ["conv1_1", "conv1_2", "pool1", "conv2_1", "conv2_2", "pool2"].map(str::to_owned));
        assert_eq!(vgg16[14..], ["conv5_1", "conv5_2", "conv5_3", "pool5", "fc6", "fc7"].map(str::to_owned));
        assert!(Network::AlexNet.layer("conv1_1").unwrap_err().to_string().contains("alexnet has no layer `conv1_1`"));
    }

    #[test]
    fn a_layer_knows_its_length() {
        let length = |network: Network, word: &str, width| {
            network.layer(word).unwrap().length(NetworkConfig { input: 224, width })
        };
        assert_eq!(length(Network::AlexNet, "conv3", 1.0), 384);
        assert_eq!(length(Network::Vgg16, "pool5", 0.25), 128);
        assert_eq!([length(Network::Vgg16, "fc6", 1.0), length(Network::AlexNet, "fc7", 0.5)], [4096, 2048]);
    }
}

//! Named layers of a network.

use std::fmt;

use super::layout::{FULLY_CONNECTED, Layout};
use super::network::{Architecture, Network, NetworkConfig};

/// A layer that features can be taken of, after its ReLU where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    pub(super) network: Network,
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
    /// A stage of an Inception.
    Stage(usize),
    /// The mean of its last map.
    Mean,
    /// Its classes' scores, without their bias.
    Unbiased,
    /// Its classes' scores.
    Logits,
}

/// A word that is no layer of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{network} has no layer `{word}` ({known})", known = .network.layers().join(", "))]
pub struct UnknownLayer {
    network: Network,
    word: String,
}

impl Network {
    /// The names of its layers, from the input on: of plain networks those of the papers and of Caffe's models, of
    /// Inceptions torchvision's, where `pool3` is the mean of the last map, and `logits_unbiased` what the original
    /// Inception Score is of (Salimans et al. 2016, arXiv 1606.03498, by its code; `logits_unbiased` of torch-fidelity).
    pub fn layers(self) -> Vec<String> {
        places(self).into_iter().map(|place| name(self, place)).collect()
    }

    /// The layer of that name.
    ///
    /// # Errors
    ///
    /// If it has none of that name.
    pub fn layer(self, word: &str) -> Result<Layer, UnknownLayer> {
        let found = places(self).into_iter().find(|&place| name(self, place) == word);
        let place = found.ok_or_else(|| UnknownLayer { network: self, word: word.to_owned() })?;
        Ok(Layer { network: self, place })
    }
}

impl Layer {
    /// The numbers that it gives for a picture: a vector's own, or one for each channel of a map.
    pub fn length(self, config: NetworkConfig) -> usize {
        match (self.network.architecture(), self.place) {
            (Architecture::Plain(layout), Place::Convolution(index) | Place::Pool(index)) => {
                config.channels(layout.convolutions[index].channels)
            }
            (Architecture::Plain(_), _) => config.channels(FULLY_CONNECTED),
            (Architecture::Inception(table), Place::Stage(index)) => table.channels(config)[index],
            (Architecture::Inception(table), Place::Unbiased | Place::Logits) => table.classes,
            (Architecture::Inception(table), _) => table.channels(config)[table.stages.len() - 1],
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name(self.network, self.place))
    }
}

fn places(network: Network) -> Vec<Place> {
    let layout = match network.architecture() {
        Architecture::Plain(layout) => layout,
        Architecture::Inception(table) => {
            let stages = (0..table.stages.len()).map(Place::Stage);
            return stages.chain([Place::Mean, Place::Unbiased, Place::Logits]).collect();
        }
    };
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

fn name(network: Network, place: Place) -> String {
    match (network.architecture(), place) {
        (Architecture::Plain(layout), _) => plain_name(layout, place),
        (Architecture::Inception(table), Place::Stage(index)) => table.stages[index].name.into(),
        (Architecture::Inception(_), Place::Unbiased) => "logits_unbiased".into(),
        (Architecture::Inception(_), Place::Logits) => "logits".into(),
        (Architecture::Inception(_), _) => "pool3".into(),
    }
}

/// In a network with a pooling after each few convolutions, these are the convolutions of one block.
fn plain_name(layout: &Layout, place: Place) -> String {
    let block = |index: usize| layout.pools.iter().filter(|&&pool| pool < index).count();
    match place {
        Place::Convolution(index) if layout.blocks => {
            let first = (0..=index).find(|&other| block(other) == block(index)).unwrap_or(index);
            format!("conv{}_{}", block(index) + 1, index - first + 1)
        }
        Place::Pool(index) if layout.blocks => format!("pool{}", block(index) + 1),
        Place::Convolution(index) => format!("conv{}", index + 1),
        Place::Pool(index) => format!("pool{}", index + 1),
        Place::Linear(index) => format!("fc{}", 6 + index),
        Place::Stage(_) | Place::Mean | Place::Unbiased | Place::Logits => {
            unreachable!("a plain network has no stages")
        }
    }
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
        let vgg19 = Network::Vgg19.layers();
        assert_eq!(vgg19.len(), 16 + 5 + 2);
        assert_eq!(vgg19[16..], ["conv5_1", "conv5_2", "conv5_3", "conv5_4", "pool5", "fc6", "fc7"].map(str::to_owned));
        for network in [Network::Inception, Network::InceptionFid] {
            let layers = network.layers();
            assert_eq!(layers.len(), 2 + 11 + 3);
            assert_eq!(layers[..3], ["pool1", "pool2", "Mixed_5b"].map(str::to_owned));
            assert_eq!(layers[12..], ["Mixed_7c", "pool3", "logits_unbiased", "logits"].map(str::to_owned));
        }
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
        let inception =
            ["pool1", "pool2", "Mixed_5b", "Mixed_5d", "Mixed_6e", "Mixed_7a", "Mixed_7c", "pool3", "logits"];
        let lengths = inception.map(|word| length(Network::Inception, word, 1.0));
        assert_eq!(lengths, [64, 192, 256, 288, 768, 1280, 2048, 2048, 1000]);
        assert_eq!(length(Network::InceptionFid, "logits_unbiased", 0.1), 1008);
    }
}

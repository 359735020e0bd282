//! The names and lengths of layers.

use std::fmt;

use super::architecture::Architecture;
use super::layer::{INCEPTION_SCORE_LAYER, Layer, LayerPosition};
use super::network::{Network, NetworkConfig};
use super::plain_layout::{FULLY_CONNECTED, PlainLayout};

/// A word that is not a layer of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{network} has no layer `{word}` ({known})", known = .network.layers().join(", "))]
pub struct UnknownLayer {
    network: Network,
    word: String,
}

impl Network {
    /// The names of its layers, starting at the input. Plain networks have the names of the papers and of Caffe's
    /// models. Inception networks have torchvision's, where `pool3` is the mean of the last feature map and
    /// `logits_unbiased` is the layer of the original inception score (Salimans et al. 2016, arXiv 1606.03498, in its
    /// code and in torch-fidelity).
    pub fn layers(self) -> Vec<String> {
        positions(self).into_iter().map(|position| name(self, position)).collect()
    }

    /// The name of the layer that features are usually extracted at: `pool3` of Inception networks, else `fc7`.
    pub fn default_layer(self) -> &'static str {
        if self.is_plain() { "fc7" } else { "pool3" }
    }

    /// The layer with that name.
    ///
    /// # Errors
    ///
    /// If the network has no such layer.
    pub fn layer(self, word: &str) -> Result<Layer, UnknownLayer> {
        let found = positions(self).into_iter().find(|&position| name(self, position) == word);
        let position = found.ok_or_else(|| UnknownLayer { network: self, word: word.to_owned() })?;
        Ok(Layer { network: self, position })
    }
}

impl Layer {
    /// The length of its feature vectors; a feature map has one feature for each channel.
    pub fn length(self, config: NetworkConfig) -> usize {
        match (self.network.architecture(), self.position) {
            (Architecture::Plain(layout), LayerPosition::Convolution(index) | LayerPosition::Pool(index)) => {
                config.channels(layout.convolutions[index].channels)
            }
            (Architecture::Plain(_), _) => config.channels(FULLY_CONNECTED),
            (Architecture::Inception(layout), LayerPosition::Stage(index)) => layout.channels(config)[index],
            (Architecture::Inception(layout), LayerPosition::LogitsUnbiased | LayerPosition::Logits) => layout.classes,
            (Architecture::Inception(layout), _) => layout.channels(config)[layout.stages.len() - 1],
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name(self.network, self.position))
    }
}

fn positions(network: Network) -> Vec<LayerPosition> {
    let layout = match network.architecture() {
        Architecture::Plain(layout) => layout,
        Architecture::Inception(layout) => {
            let stages = (0..layout.stages.len()).map(LayerPosition::Stage);
            return stages.chain([LayerPosition::Mean, LayerPosition::LogitsUnbiased, LayerPosition::Logits]).collect();
        }
    };
    let mut positions = Vec::new();
    for index in 0..layout.convolutions.len() {
        positions.push(LayerPosition::Convolution(index));
        if layout.pools.contains(&index) {
            positions.push(LayerPosition::Pool(index));
        }
    }
    positions.extend([LayerPosition::Linear(0), LayerPosition::Linear(1)]);
    positions
}

fn name(network: Network, position: LayerPosition) -> String {
    match (network.architecture(), position) {
        (Architecture::Plain(layout), _) => plain_name(layout, position),
        (Architecture::Inception(layout), LayerPosition::Stage(index)) => layout.stages[index].name.into(),
        (Architecture::Inception(_), LayerPosition::LogitsUnbiased) => INCEPTION_SCORE_LAYER.into(),
        (Architecture::Inception(_), LayerPosition::Logits) => "logits".into(),
        (Architecture::Inception(_), _) => "pool3".into(),
    }
}

/// With `layout.blocks`, the convolutions up to a pooling are one block, and names have the number of the block.
fn plain_name(layout: &PlainLayout, position: LayerPosition) -> String {
    let block = |index: usize| layout.pools.iter().filter(|&&pool| pool < index).count();
    match position {
        LayerPosition::Convolution(index) if layout.blocks => {
            let first = (0..=index).find(|&other| block(other) == block(index)).unwrap_or(index);
            format!("conv{}_{}", block(index) + 1, index - first + 1)
        }
        LayerPosition::Pool(index) if layout.blocks => format!("pool{}", block(index) + 1),
        LayerPosition::Convolution(index) => format!("conv{}", index + 1),
        LayerPosition::Pool(index) => format!("pool{}", index + 1),
        LayerPosition::Linear(index) => format!("fc{}", 6 + index),
        LayerPosition::Stage(_) | LayerPosition::Mean | LayerPosition::LogitsUnbiased | LayerPosition::Logits => {
            unreachable!("plain networks have no stages")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_have_the_names_of_the_papers() {
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
        for network in Network::ALL {
            assert!(network.layer(network.default_layer()).is_ok());
        }
    }

    #[test]
    fn length_is_the_number_of_channels_or_outputs() {
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

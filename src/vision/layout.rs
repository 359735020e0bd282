//! The layers of the networks, in torchvision's numbering.

use super::network::{Network, NetworkConfig};

/// One convolution of `features`, all square and followed by ReLU.
pub(super) struct Convolution {
    /// Its place in torchvision's `features`, where ReLU and pooling are counted too.
    index: usize,
    /// Published output channels.
    pub(super) channels: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

/// The layers of a network up to fc7.
pub(super) struct Layout {
    pub(super) convolutions: &'static [Convolution],
    /// The convolutions that a pooling of stride 2 follows.
    pub(super) pools: &'static [usize],
    /// The side of its window.
    pub(super) pool: usize,
    /// Whether layers are named by block and place, as `conv5_3` is.
    pub(super) blocks: bool,
    /// The side of the map that adaptive pooling leaves.
    pub(super) grid: usize,
    /// The places of fc6 and fc7 in torchvision's `classifier`.
    linears: [usize; 2],
    /// The smallest input that leaves a map to pool.
    pub(super) smallest_input: usize,
}

/// The place of the 1000-way layer in torchvision's `classifier`, in both networks; features stop before it.
pub(super) const CLASSES: &str = "classifier.6.";

/// Published outputs of fc6 and fc7.
pub(super) const FULLY_CONNECTED: usize = 4096;

const fn convolution(index: usize, channels: usize, kernel: usize, stride: usize, padding: usize) -> Convolution {
    Convolution { index, channels, kernel, stride, padding }
}

const ALEXNET: Layout = Layout {
    convolutions: &[
        convolution(0, 64, 11, 4, 2),
        convolution(3, 192, 5, 1, 2),
        convolution(6, 384, 3, 1, 1),
        convolution(8, 256, 3, 1, 1),
        convolution(10, 256, 3, 1, 1),
    ],
    pools: &[0, 1, 4],
    pool: 3,
    blocks: false,
    grid: 6,
    linears: [1, 4],
    smallest_input: 63,
};

const VGG16: Layout = Layout {
    convolutions: &[
        convolution(0, 64, 3, 1, 1),
        convolution(2, 64, 3, 1, 1),
        convolution(5, 128, 3, 1, 1),
        convolution(7, 128, 3, 1, 1),
        convolution(10, 256, 3, 1, 1),
        convolution(12, 256, 3, 1, 1),
        convolution(14, 256, 3, 1, 1),
        convolution(17, 512, 3, 1, 1),
        convolution(19, 512, 3, 1, 1),
        convolution(21, 512, 3, 1, 1),
        convolution(24, 512, 3, 1, 1),
        convolution(26, 512, 3, 1, 1),
        convolution(28, 512, 3, 1, 1),
    ],
    pools: &[1, 3, 6, 9, 12],
    pool: 2,
    blocks: true,
    grid: 7,
    linears: [0, 3],
    smallest_input: 32,
};

impl Network {
    pub(super) fn layout(self) -> &'static Layout {
        match self {
            Network::AlexNet => &ALEXNET,
            Network::Vgg16 => &VGG16,
        }
    }
}

/// A weight or bias, as torchvision names and shapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Such as `features.0.weight`.
    pub(super) name: String,
    /// `[out, in, height, width]` of a convolution's weight, `[out, in]` of a linear one's, `[out]` of a bias.
    pub(super) shape: Vec<usize>,
}

impl Parameter {
    /// How many inputs feed one output; `None` for a bias.
    pub(super) fn fan_in(&self) -> Option<usize> {
        (self.shape.len() > 1).then(|| self.shape[1..].iter().product())
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Every parameter up to fc7, layer by layer from the input, each layer's weight before its bias.
pub(super) fn parameters(network: Network, config: NetworkConfig) -> Vec<Parameter> {
    let layout = network.layout();
    let (mut list, mut input) = (Vec::new(), 3);
    let mut layer = |name: String, output: usize, shape: Vec<usize>| {
        list.push(Parameter { name: format!("{name}.weight"), shape });
        list.push(Parameter { name: format!("{name}.bias"), shape: vec![output] });
        output
    };
    for convolution in layout.convolutions {
        let (output, kernel) = (config.channels(convolution.channels), convolution.kernel);
        input = layer(format!("features.{}", convolution.index), output, vec![output, input, kernel, kernel]);
    }
    input *= layout.grid * layout.grid;
    for index in layout.linears {
        let output = config.channels(FULLY_CONNECTED);
        input = layer(format!("classifier.{index}"), output, vec![output, input]);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(network: Network) -> usize {
        parameters(network, NetworkConfig::PUBLISHED).iter().map(Parameter::len).sum()
    }

    #[test]
    fn the_published_sizes_have_the_published_numbers_of_parameters() {
        // torchvision: 61,100,840 and 138,357,544, with the 1000-way layer's 4096 · 1000 + 1000.
        assert_eq!(count(Network::AlexNet) + 4_097_000, 61_100_840);
        assert_eq!(count(Network::Vgg16) + 4_097_000, 138_357_544);
    }

    #[test]
    fn a_narrow_network_has_the_same_names_and_fewer_channels() {
        let narrow = parameters(Network::AlexNet, NetworkConfig { input: 64, width: 0.125 });
        let find = |name: &str| narrow.iter().find(|parameter| parameter.name == name).unwrap();
        assert_eq!(find("features.3.weight").shape, [24, 8, 5, 5]);
        assert_eq!(find("classifier.1.weight").shape, [512, 32 * 36]);
        assert_eq!(find("classifier.1.weight").fan_in(), Some(1152));
        assert_eq!((find("classifier.4.bias").shape.clone(), find("classifier.4.bias").fan_in()), (vec![512], None));
    }
}

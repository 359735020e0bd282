//! The layers of the plain networks, in torchvision's numbering.

use super::network::NetworkConfig;
use super::parameter::Parameter;

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
    /// Whether torchvision's dropouts stand before fc6 and fc7, and not behind their ReLUs.
    pub(super) drops_before: bool,
    /// The smallest input that leaves a map to pool.
    pub(super) smallest_input: usize,
}

/// Published outputs of fc6 and fc7.
pub(super) const FULLY_CONNECTED: usize = 4096;

const fn convolution(index: usize, channels: usize, kernel: usize, stride: usize, padding: usize) -> Convolution {
    Convolution { index, channels, kernel, stride, padding }
}

pub(super) const ALEXNET: Layout = Layout {
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
    drops_before: true,
    smallest_input: 63,
};

pub(super) const VGG16: Layout = Layout {
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
    drops_before: false,
    smallest_input: 32,
};

pub(super) const VGG19: Layout = Layout {
    convolutions: &[
        convolution(0, 64, 3, 1, 1),
        convolution(2, 64, 3, 1, 1),
        convolution(5, 128, 3, 1, 1),
        convolution(7, 128, 3, 1, 1),
        convolution(10, 256, 3, 1, 1),
        convolution(12, 256, 3, 1, 1),
        convolution(14, 256, 3, 1, 1),
        convolution(16, 256, 3, 1, 1),
        convolution(19, 512, 3, 1, 1),
        convolution(21, 512, 3, 1, 1),
        convolution(23, 512, 3, 1, 1),
        convolution(25, 512, 3, 1, 1),
        convolution(28, 512, 3, 1, 1),
        convolution(30, 512, 3, 1, 1),
        convolution(32, 512, 3, 1, 1),
        convolution(34, 512, 3, 1, 1),
    ],
    pools: &[1, 3, 7, 11, 15],
    ..VGG16
};

impl Layout {
    /// Every parameter up to fc7.
    pub(super) fn parameters(&self, config: NetworkConfig) -> Vec<Parameter> {
        let (mut list, mut input) = (Vec::new(), 3);
        let mut layer = |name: String, output: usize, shape: Vec<usize>| {
            list.push(Parameter { name: format!("{name}.weight"), shape });
            list.push(Parameter { name: format!("{name}.bias"), shape: vec![output] });
            output
        };
        for convolution in self.convolutions {
            let (output, kernel) = (config.channels(convolution.channels), convolution.kernel);
            input = layer(format!("features.{}", convolution.index), output, vec![output, input, kernel, kernel]);
        }
        input *= self.grid * self.grid;
        for index in self.linears {
            let output = config.channels(FULLY_CONNECTED);
            input = layer(format!("classifier.{index}"), output, vec![output, input]);
        }
        list
    }
}

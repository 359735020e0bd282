//! The layers of the plain networks, with torchvision's indices.

use super::network::NetworkConfig;
use super::parameter::Parameter;

/// A convolution of `features`, with a square kernel and a ReLU after it.
#[derive(Clone, Copy)]
pub(super) struct Convolution {
    /// Its index in torchvision's `features`, where ReLUs and poolings count too.
    index: usize,
    /// Published output channels.
    pub(super) channels: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

/// The layers of a network up to fc7.
pub(super) struct PlainLayout {
    pub(super) convolutions: &'static [Convolution],
    /// The convolutions with a pooling of stride 2 after them.
    pub(super) pools: &'static [usize],
    /// The side of the pooling window.
    pub(super) pool: usize,
    /// Whether layers are named by block and index, such as `conv5_3`.
    pub(super) blocks: bool,
    /// The side of the feature map after adaptive pooling.
    pub(super) grid: usize,
    /// The indices of fc6 and fc7 in torchvision's `classifier`.
    linears: [usize; 2],
    /// Whether torchvision's dropouts are before fc6 and fc7, not after their ReLUs.
    pub(super) drops_before: bool,
}

/// Published outputs of fc6 and fc7.
pub(super) const FULLY_CONNECTED: usize = 4096;

const fn convolution(index: usize, channels: usize, kernel: usize, stride: usize, padding: usize) -> Convolution {
    Convolution { index, channels, kernel, stride, padding }
}

pub(super) const ALEXNET: PlainLayout = PlainLayout {
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
};

/// Convolutions of each block of a VGG.
const VGG16_BLOCKS: [usize; 5] = [2, 2, 3, 3, 3];
const VGG19_BLOCKS: [usize; 5] = [2, 2, 4, 4, 4];

/// Output channels of the convolutions of each block of a VGG.
const VGG_CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

pub(super) const VGG16: PlainLayout = PlainLayout {
    convolutions: &vgg_convolutions::<13>(VGG16_BLOCKS),
    pools: &vgg_pools(VGG16_BLOCKS),
    pool: 2,
    blocks: true,
    grid: 7,
    linears: [0, 3],
    drops_before: false,
};

pub(super) const VGG19: PlainLayout =
    PlainLayout { convolutions: &vgg_convolutions::<16>(VGG19_BLOCKS), pools: &vgg_pools(VGG19_BLOCKS), ..VGG16 };

/// The N convolutions of a VGG. In `features`, each has a ReLU after it, and each block a pooling.
const fn vgg_convolutions<const N: usize>(blocks: [usize; 5]) -> [Convolution; N] {
    let mut all = [convolution(0, 0, 3, 1, 1); N];
    let (mut block, mut count, mut index) = (0, 0, 0);
    while block < blocks.len() {
        let end = count + blocks[block];
        while count < end {
            all[count] = convolution(index, VGG_CHANNELS[block], 3, 1, 1);
            (count, index) = (count + 1, index + 2);
        }
        (block, index) = (block + 1, index + 1);
    }
    all
}

/// The last convolution of each block.
const fn vgg_pools(blocks: [usize; 5]) -> [usize; 5] {
    let mut pools = [0; 5];
    let (mut block, mut count) = (0, 0);
    while block < blocks.len() {
        count += blocks[block];
        pools[block] = count - 1;
        block += 1;
    }
    pools
}

impl PlainLayout {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vgg_convolutions_have_the_indices_and_channels_of_torchvision() {
        let list =
            |layout: &PlainLayout| layout.convolutions.iter().map(|one| (one.index, one.channels)).collect::<Vec<_>>();
        let vgg16 = [
            (0, 64),
            (2, 64),
            (5, 128),
            (7, 128),
            (10, 256),
            (12, 256),
            (14, 256),
            (17, 512),
            (19, 512),
            (21, 512),
            (24, 512),
            (26, 512),
            (28, 512),
        ];
        assert_eq!((list(&VGG16), VGG16.pools), (vgg16.to_vec(), &[1, 3, 6, 9, 12][..]));
        let indices: Vec<usize> = list(&VGG19).into_iter().map(|(index, _)| index).collect();
        assert_eq!(indices, [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]);
        assert_eq!(VGG19.pools, [1, 3, 7, 11, 15]);
    }
}

//! Layers that both networks use.

use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::Device;

const STRIDE: [usize; 2] = [2, 2];

/// A linear layer; its initial weights come from [`super::init_weights`].
pub(super) fn linear(inputs: usize, outputs: usize, bias: bool, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs).with_bias(bias).with_initializer(Initializer::Zeros).init(device)
}

/// A convolution that halves the side of its input, with a kernel of 5×5 or 4×4.
pub(super) fn downsample(inputs: usize, outputs: usize, kernel: usize, bias: bool, device: &Device) -> Conv2d {
    let padding = (kernel - 1) / 2;
    Conv2dConfig::new([inputs, outputs], [kernel, kernel])
        .with_stride(STRIDE)
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .with_bias(bias)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// A transposed convolution that doubles the side of its input, with a kernel of 5×5 or 4×4.
pub(super) fn upsample(inputs: usize, outputs: usize, kernel: usize, bias: bool, device: &Device) -> ConvTranspose2d {
    let padding = (kernel - 1) / 2;
    ConvTranspose2dConfig::new([inputs, outputs], [kernel, kernel])
        .with_stride(STRIDE)
        .with_padding([padding, padding])
        .with_padding_out([kernel % 2, kernel % 2])
        .with_bias(bias)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// A convolution without a bias that keeps the side of its input, with an odd kernel.
pub(super) fn convolution(inputs: usize, outputs: usize, kernel: usize, device: &Device) -> Conv2d {
    let padding = kernel / 2;
    Conv2dConfig::new([inputs, outputs], [kernel, kernel])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .with_bias(false)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// Batch normalisation with ε 1e-5 and momentum 0.1, Burn's and PyTorch's defaults.
pub(super) fn norm(channels: usize, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels).init(device)
}

//! Layers that both networks use.

use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// The slope of every leaky ReLU below zero.
const SLOPE: f64 = 0.2;
const KERNEL: [usize; 2] = [5, 5];
const STRIDE: [usize; 2] = [2, 2];

/// Leaky ReLU with slope 0.2, of any shape.
///
/// Written with two ReLUs, which is the same function: the backward pass of Burn's own is 20 to 50 times slower
/// on the CPU.
pub(super) fn leaky<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    relu(x.clone()) - relu(x.neg()).mul_scalar(SLOPE)
}

/// A linear layer; its initial weights come from [`super::draw_initial`].
pub(super) fn linear(inputs: usize, outputs: usize, bias: bool, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs).with_bias(bias).with_initializer(Initializer::Zeros).init(device)
}

/// A 5×5 convolution that halves the side of its input.
pub(super) fn halving(inputs: usize, outputs: usize, bias: bool, device: &Device) -> Conv2d {
    Conv2dConfig::new([inputs, outputs], KERNEL)
        .with_stride(STRIDE)
        .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
        .with_bias(bias)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// A 5×5 transposed convolution that doubles the side of its input.
pub(super) fn doubling(inputs: usize, outputs: usize, bias: bool, device: &Device) -> ConvTranspose2d {
    ConvTranspose2dConfig::new([inputs, outputs], KERNEL)
        .with_stride(STRIDE)
        .with_padding([2, 2])
        .with_padding_out([1, 1])
        .with_bias(bias)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// Batch normalisation with ε 1e-5 and momentum 0.1, Burn's and PyTorch's defaults.
pub(super) fn norm(channels: usize, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels).init(device)
}

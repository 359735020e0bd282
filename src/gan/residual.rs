//! The residual block of Reed's networks.

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::layer::{convolution, norm};
use super::statistics::Statistics;
use crate::kernel::{Activation, convolve};

/// A residual block with a bottleneck. Its output is its input plus the output of the bottleneck, without an activation
/// after the sum.
#[derive(Module, Debug)]
pub struct Residual {
    /// 1×1, to a quarter of the channels.
    pub reduce: Conv2d,
    /// After `reduce`.
    pub reduce_norm: BatchNorm,
    /// 3×3, on a quarter of the channels.
    pub inner: Conv2d,
    /// After `inner`.
    pub inner_norm: BatchNorm,
    /// 3×3, back to all channels.
    pub expand: Conv2d,
    /// After `expand`.
    pub expand_norm: BatchNorm,
}

impl Residual {
    /// The block for feature maps with `channels` channels. All weights are zero.
    pub(super) fn new(channels: usize, device: &Device) -> Self {
        let narrow = channels / 4;
        Self {
            reduce: convolution(channels, narrow, 1, device),
            reduce_norm: norm(narrow, device),
            inner: convolution(narrow, narrow, 3, device),
            inner_norm: norm(narrow, device),
            expand: convolution(narrow, channels, 3, device),
            expand_norm: norm(channels, device),
        }
    }

    /// Feature maps `[n, channels, h, w]` → feature maps of the same shape. `activation` is the one inside the
    /// bottleneck. The statistics of the batch are added to `statistics`.
    pub(super) fn forward(&self, maps: Tensor<4>, activation: Activation, statistics: &mut Statistics) -> Tensor<4> {
        let inner = convolve(&self.reduce, maps.clone(), Activation::Identity);
        let inner = statistics.normalize(&self.reduce_norm, inner, activation);
        let inner = convolve(&self.inner, inner, Activation::Identity);
        let inner = statistics.normalize(&self.inner_norm, inner, activation);
        let inner = convolve(&self.expand, inner, Activation::Identity);
        maps + statistics.normalize(&self.expand_norm, inner, Activation::Identity)
    }

    /// Its batch norms in the order of [`Residual::forward`].
    pub(super) fn norms(&self) -> [&BatchNorm; 3] {
        [&self.reduce_norm, &self.inner_norm, &self.expand_norm]
    }
}

//! Burn's layer modules, computed by the kernels.

use burn::nn::conv::{Conv2d, ConvTranspose2d};
use burn::nn::{BatchNorm, Linear, PaddingConfig2d};
use burn::tensor::Tensor;

use super::Activation;
use super::layers::{activate, batch_norm, conv_transpose2d, conv2d, fixed_norm, linear};

/// The convolution of `x` `[n, in, h, w]` by a layer, then the activation.
pub fn convolve(layer: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let padding = match layer.padding {
        PaddingConfig2d::Valid => Some([0, 0]),
        PaddingConfig2d::Explicit(top, left, bottom, right) if (top, left) == (bottom, right) => Some([top, left]),
        _ => None,
    };
    match padding.filter(|_| layer.dilation == [1, 1] && layer.groups == 1) {
        Some(padding) => {
            let bias = layer.bias.as_ref().map(|bias| bias.val());
            conv2d(x, layer.weight.val(), bias, layer.stride, padding, activation)
        }
        None => activate(layer.forward(x), activation),
    }
}

/// The transposed convolution of `x` `[n, in, h, w]` by a layer, then the activation.
pub fn convolve_transposed(layer: &ConvTranspose2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    if layer.dilation != [1, 1] || layer.groups != 1 {
        return activate(layer.forward(x), activation);
    }
    let (weight, bias) = (layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()));
    conv_transpose2d(x, weight, bias, layer.stride, layer.padding, layer.padding_out, activation)
}

/// The product of `x` `[n, in]` with a linear layer, plus its bias, if it has one, then the activation.
pub fn project(layer: &Linear, x: Tensor<2>, activation: Activation) -> Tensor<2> {
    linear(x, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()), activation)
}

/// Mean and variance of a batch, for the running statistics of a batch norm.
#[derive(Clone, Debug)]
pub struct BatchStatistics {
    mean: Tensor<1>,
    variance: Tensor<1>,
}

/// The batch normalisation of `x` `[n, c, h, w]` or `[n, c]` by a layer, then the activation.
///
/// On an autodiff device the statistics are those of the batch. They are returned, and the running statistics are not
/// changed: see [`record_statistics`]. On a device without gradients the running statistics are used.
pub fn normalize<const D: usize>(
    layer: &BatchNorm,
    x: Tensor<D>,
    activation: Activation,
) -> (Tensor<D>, Option<BatchStatistics>) {
    let (gamma, beta) = (layer.gamma.val(), layer.beta.val());
    if x.device().is_autodiff() && layer.training.is_enabled() {
        let found = batch_norm(x, gamma, beta, layer.epsilon, activation);
        let statistics = BatchStatistics { mean: found.mean.detach(), variance: found.variance.detach() };
        return (found.output, Some(statistics));
    }
    let device = x.device();
    let (mean, variance) = (layer.running_mean.value(), layer.running_var.value());
    let (mean, variance) = (mean.to_device(&device), variance.to_device(&device));
    (fixed_norm(x, gamma, beta, mean, variance, layer.epsilon, activation), None)
}

/// Moves the running statistics of a batch norm towards those of a batch, once, as a training step does.
pub fn record_statistics(layer: &BatchNorm, batch: &BatchStatistics) {
    let moved = |running: Tensor<1>, batch: &Tensor<1>| {
        let running = running.to_device(&batch.device());
        (running.mul_scalar(1.0 - layer.momentum) + batch.clone().mul_scalar(layer.momentum)).detach()
    };
    for (running, batch) in [(&layer.running_mean, &batch.mean), (&layer.running_var, &batch.variance)] {
        running.update(moved(running.value_sync(), batch));
        // Burn keeps a value for each thread until the same thread reads it, and the next step may run on another one.
        running.value_sync();
    }
}

//! Layers on tensors: jem's kernels on the CPU, and Burn's own operations on every other device.

use burn::backend::{Dispatch, DispatchDevice, Flex};
use burn::tensor::activation::{relu, tanh};
use burn::tensor::module;
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, ConvTransposeOptions, MaxPoolOptions};
use burn::tensor::{DType, Device, Tensor};

use super::Activation;
use super::activation::SLOPE;
use super::extension::{KernelOps, Steps};
use super::pool::Pooling;
use super::tensor::joined_channels;

/// Whether a tensor is computed by jem's kernels: `f32` on the CPU.
pub(super) fn is_ours<const D: usize>(tensor: &Tensor<D>) -> bool {
    is_cpu(&tensor.device()) && tensor.dtype() == DType::F32
}

fn is_cpu(device: &Device) -> bool {
    matches!(device.clone().without_autodiff().as_dispatch(), DispatchDevice::Flex(_))
}

/// Runs `work` on one of the threads that share the work of the kernels. A thread from outside hands each kernel over and
/// sleeps until it is done, hundreds of times a training step, which takes longer than a small kernel. On other devices
/// than the CPU `work` runs on the calling thread.
///
/// `work` must not wait for another thread that calls kernels: with one thread it would wait for itself.
pub fn in_thread_pool<R: Send>(device: &Device, work: impl FnOnce() -> R + Send) -> R {
    match is_cpu(device) {
        true => rayon::scope(|_| work()),
        false => work(),
    }
}

/// A convolution of `x` `[n, in, h, w]` with `weight` `[out, in, kh, kw]` and, if there is one, a bias `[out]`, then the
/// activation: `[n, out, h', w']`.
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: [usize; 2],
    padding: [usize; 2],
    activation: Activation,
) -> Tensor<4> {
    if !is_ours(&x) {
        let sides = padding.map(|side| (side, side));
        let options = ConvOptions::new_with_padding(stride, sides, [1, 1], 1);
        return activate(module::conv2d(x, weight, bias, options), activation);
    }
    let steps = Steps { stride, padding, padding_out: [0, 0] };
    let maps = Dispatch::kernel_convolution(x.into_dispatch(), weight.into_dispatch(), steps);
    bias_activation(Tensor::from_dispatch(maps), bias, activation)
}

/// A transposed convolution of `x` `[n, in, h, w]` with `weight` `[in, out, kh, kw]` and, if there is one, a bias
/// `[out]`, then the activation: `[n, out, h', w']`, where `padding_out` adds rows and columns at the end.
pub fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: [usize; 2],
    padding: [usize; 2],
    padding_out: [usize; 2],
    activation: Activation,
) -> Tensor<4> {
    if !is_ours(&x) {
        let options = ConvTransposeOptions::new(stride, padding, padding_out, [1, 1], 1);
        return activate(module::conv_transpose2d(x, weight, bias, options), activation);
    }
    let steps = Steps { stride, padding, padding_out };
    let maps = Dispatch::kernel_transposed(x.into_dispatch(), weight.into_dispatch(), steps);
    bias_activation(Tensor::from_dispatch(maps), bias, activation)
}

/// The product of `x` `[n, in]` with `weight` `[in, out]`, plus a bias `[out]`, if there is one, then the activation.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>, activation: Activation) -> Tensor<2> {
    if !is_ours(&x) {
        return activate(module::linear(x, weight, bias), activation);
    }
    let product = Dispatch::kernel_linear(x.into_dispatch(), weight.into_dispatch());
    bias_activation(Tensor::from_dispatch(product), bias, activation)
}

/// `activation(x + bias)`, with a bias for each channel of `x` `[n, c, h, w]` or `[n, c]`.
fn bias_activation<const D: usize>(x: Tensor<D>, bias: Option<Tensor<1>>, activation: Activation) -> Tensor<D> {
    match bias {
        Some(bias) => {
            Tensor::from_dispatch(Dispatch::kernel_bias_activation(x.into_dispatch(), bias.into_dispatch(), activation))
        }
        None => activate(x, activation),
    }
}

/// `activation(x)`, for maps `[n, c, h, w]` or vectors `[n, c]`.
///
/// # Panics
///
/// On the CPU, if `x` has another rank.
pub fn activate<const D: usize>(x: Tensor<D>, activation: Activation) -> Tensor<D> {
    if activation == Activation::Identity {
        return x;
    }
    if is_ours(&x) {
        return Tensor::from_dispatch(Dispatch::kernel_activation(x.into_dispatch(), activation));
    }
    match activation {
        Activation::Identity => x,
        Activation::Relu => relu(x),
        Activation::LeakyRelu => relu(x.clone()) - relu(x.neg()).mul_scalar(SLOPE),
        Activation::Tanh => tanh(x),
    }
}

/// A batch normalisation with the statistics of the batch.
pub struct BatchNormOutput<const D: usize> {
    /// The normalised maps, after the activation.
    pub output: Tensor<D>,
    /// The mean of each channel `[c]`.
    pub mean: Tensor<1>,
    /// The variance of each channel `[c]`, over n.
    pub variance: Tensor<1>,
}

/// Batch normalisation of `x` `[n, c, h, w]` or `[n, c]` with the statistics of the batch, then the activation.
pub fn batch_norm<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
    activation: Activation,
) -> BatchNormOutput<D> {
    if !is_ours(&x) || activation == Activation::Tanh {
        let result = module::batch_norm_train(x, gamma, beta, epsilon);
        let output = activate(result.output, activation);
        return BatchNormOutput { output, mean: result.mean, variance: result.variance };
    }
    let (x, gamma, beta) = (x.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch());
    let (output, mean, variance) = Dispatch::kernel_norm(x, gamma, beta, epsilon, activation);
    BatchNormOutput {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// Normalisation of `x` `[n, c, h, w]` or `[n, c]` with a given mean and variance `[c]`, then the activation.
pub(super) fn fixed_norm<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
    epsilon: f64,
    activation: Activation,
) -> Tensor<D> {
    let slope = activation.slope().filter(|_| is_ours(&x) && !x.device().is_autodiff());
    let Some(slope) = slope else {
        return activate(module::batch_norm(x, gamma, beta, mean, variance, epsilon), activation);
    };
    let [x, gamma, beta, mean, variance] = [
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        mean.into_dispatch(),
        variance.into_dispatch(),
    ];
    Tensor::from_dispatch(Dispatch::kernel_fixed_norm(x, gamma, beta, mean, variance, epsilon, slope))
}

/// A pooling of `x` `[n, c, h, w]` with windows of `window` pixels.
pub fn pool2d(
    x: Tensor<4>,
    window: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    pooling: Pooling,
) -> Tensor<4> {
    if is_ours(&x) {
        let steps = Steps { stride, padding, padding_out: [0, 0] };
        return Tensor::from_dispatch(Dispatch::kernel_pool(x.into_dispatch(), window, steps, pooling));
    }
    match pooling {
        Pooling::Max => module::max_pool2d(x, MaxPoolOptions::new(window).with_stride(stride).with_padding(padding)),
        Pooling::Mean | Pooling::MeanWithPadding => {
            let options = AvgPoolOptions::new(window).with_stride(stride).with_padding(padding);
            module::avg_pool2d(x, options.with_count_include_pad(pooling == Pooling::MeanWithPadding))
        }
    }
}

/// Maps `[n, c, h, w]` of the same sizes but for the channels, joined along these.
///
/// # Panics
///
/// If there are none.
pub fn concat_channels(mut maps: Vec<Tensor<4>>) -> Tensor<4> {
    if maps.len() == 1 {
        return maps.remove(0);
    }
    if maps.iter().any(|map| !is_ours(map) || map.device().is_autodiff()) {
        return Tensor::cat(maps, 1);
    }
    let primitive = |map: Tensor<4>| map.try_into_primitive::<Flex>().expect("the maps are on the CPU");
    let joined = joined_channels(&maps.into_iter().map(primitive).collect::<Vec<_>>());
    Tensor::from_primitive::<Flex>(joined)
}

//! Builds an Inception network from the values of its parameters, and returns these values.

use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, TensorData};

use super::InceptionNet;
use super::layout::{BasicConvolution, InceptionLayout};
use crate::vision::build::linear;
use crate::vision::parameter::Parameter;

/// The epsilon of the batch norms in torchvision's `BasicConv2d`.
const EPSILON: f64 = 1e-3;

/// The network of a layout, from values in the order of [`InceptionLayout::parameters`] and in torchvision's shapes.
pub(in crate::vision) fn inception_net(
    layout: &InceptionLayout,
    values: impl IntoIterator<Item = (Parameter, TensorData)>,
    device: &Device,
) -> InceptionNet {
    let mut values = values.into_iter();
    let mut next = || values.next().expect("parameters() lists five for every convolution").1;
    let layouts = layout.convolutions().into_iter();
    let convolutions = layouts.map(|layout| convolution(layout, [(); 5].map(|()| next()), device)).collect();
    let fc = linear(next(), next(), device);
    InceptionNet { convolutions, fc }
}

/// A convolution with its batch norm folded in, from its weight and the weight, bias, mean and variance of the norm.
///
/// γ (w∗x − μ) / √(σ² + ε) + β = (γ/√(σ² + ε) w)∗x + (β − μ γ/√(σ² + ε)); the factor is computed in double precision.
fn convolution(layout: &BasicConvolution, values: [TensorData; 5], device: &Device) -> Conv2d {
    let shape = values[0].shape().to_vec();
    let [mut weight, gamma, mut bias, mean, variance] =
        values.map(|data| data.try_to_vec::<f32>().expect("parameters are f32"));
    let kernels = weight.chunks_exact_mut(shape[1..].iter().product());
    for (output, kernel) in kernels.enumerate() {
        let scale = f64::from(gamma[output]) / (f64::from(variance[output]) + EPSILON).sqrt();
        kernel.iter_mut().for_each(|value| *value = (f64::from(*value) * scale) as f32);
        bias[output] = (f64::from(bias[output]) - f64::from(mean[output]) * scale) as f32;
    }
    let [vertical, horizontal] = layout.padding;
    // init() is lazy: its random values are replaced before they are computed.
    let mut layer = Conv2dConfig::new([shape[1], shape[0]], layout.kernel)
        .with_stride([layout.stride; 2])
        .with_padding(PaddingConfig2d::Explicit(vertical, horizontal, vertical, horizontal))
        .init(device);
    layer.weight = Param::from_data(TensorData::new(weight, [shape[0], shape[1], shape[2], shape[3]]), device);
    layer.bias = Some(Param::from_data(TensorData::new(bias, [shape[0]]), device));
    layer
}

/// Values in the order of [`InceptionLayout::parameters`] that give the same network: its convolutions, each with a
/// batch norm that only adds a bias.
pub(in crate::vision) fn state(network: &InceptionNet) -> Vec<Vec<f32>> {
    let values = |data: TensorData| data.convert::<f32>().try_to_vec::<f32>().expect("it was just converted");
    let mut list = Vec::new();
    for layer in &network.convolutions {
        let bias = values(layer.bias.as_ref().expect("every layer is built with a bias").val().into_data());
        let filled = |value: f32| vec![value; bias.len()];
        // √(σ² + ε) differs from 1 by less than 1e-8, which is below half an ulp of f32: the weight does not change.
        let norm = [filled(1.0), bias.clone(), filled(0.0), filled((1.0 - EPSILON) as f32)];
        list.push(values(layer.weight.val().into_data()));
        list.extend(norm);
    }
    list.push(values(network.fc.weight.val().transpose().into_data()));
    list.push(values(network.fc.bias.as_ref().expect("every layer is built with a bias").val().into_data()));
    list
}

//! An Inception from its parameters, and back.

use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, TensorData};

use super::Inception;
use super::table::{Table, Unit};
use crate::vision::build::linear;
use crate::vision::parameter::Parameter;

/// What is added to a batch norm's variance (torchvision's `BasicConv2d`).
const EPSILON: f64 = 1e-3;

/// The network of `table`, with values in the order of [`Table::parameters`] and in torchvision's shapes.
pub(in crate::vision) fn inception(
    table: &Table,
    values: impl IntoIterator<Item = (Parameter, TensorData)>,
    device: &Device,
) -> Inception {
    let mut values = values.into_iter();
    let mut next = || values.next().expect("parameters() lists five for every convolution").1;
    let units = table.units().into_iter();
    let convolutions = units.map(|unit| convolution(unit, [(); 5].map(|()| next()), device)).collect();
    let fc = linear(next(), next(), device);
    Inception { convolutions, fc }
}

/// A convolution and its batch norm in one, of the weight and the norm's weight, bias, mean and variance.
///
/// γ (w∗x − μ) / √(σ² + ε) + β = (γ/√(σ² + ε) w)∗x + (β − μ γ/√(σ² + ε)); scales are taken in double precision.
fn convolution(unit: &Unit, values: [TensorData; 5], device: &Device) -> Conv2d {
    let shape = values[0].shape().to_vec();
    let [mut weight, gamma, mut bias, mean, variance] =
        values.map(|data| data.try_to_vec::<f32>().expect("parameters are read and drawn as f32"));
    let kernels = weight.chunks_exact_mut(shape[1..].iter().product());
    for (output, kernel) in kernels.enumerate() {
        let scale = f64::from(gamma[output]) / (f64::from(variance[output]) + EPSILON).sqrt();
        kernel.iter_mut().for_each(|value| *value = (f64::from(*value) * scale) as f32);
        bias[output] = (f64::from(bias[output]) - f64::from(mean[output]) * scale) as f32;
    }
    let [down, across] = unit.padding;
    // What init() would draw is lazy, and replaced before anyone looks at it.
    let mut layer = Conv2dConfig::new([shape[1], shape[0]], unit.kernel)
        .with_stride([unit.stride; 2])
        .with_padding(PaddingConfig2d::Explicit(down, across, down, across))
        .init(device);
    layer.weight = Param::from_data(TensorData::new(weight, [shape[0], shape[1], shape[2], shape[3]]), device);
    layer.bias = Some(Param::from_data(TensorData::new(bias, [shape[0]]), device));
    layer
}

/// Values in the order of [`Table::parameters`] that make the same network: its convolutions as they are, behind each a
/// batch norm that only adds.
pub(in crate::vision) fn state(network: &Inception) -> Vec<Vec<f32>> {
    let values = |data: TensorData| data.convert::<f32>().try_to_vec::<f32>().expect("it was just converted");
    let mut list = Vec::new();
    for layer in &network.convolutions {
        let bias = values(layer.bias.as_ref().expect("it is built with a bias").val().into_data());
        let filled = |value: f32| vec![value; bias.len()];
        // √(σ² + ε) is within 1e-8 of 1, less than half a step of a float: the weight stays what it is.
        let norm = [filled(1.0), bias.clone(), filled(0.0), filled((1.0 - EPSILON) as f32)];
        list.push(values(layer.weight.val().into_data()));
        list.extend(norm);
    }
    list.push(values(network.fc.weight.val().transpose().into_data()));
    list.push(values(network.fc.bias.as_ref().expect("it is built with a bias").val().into_data()));
    list
}

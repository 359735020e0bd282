//! The layers of a plain network from a list of parameters.

use super::layout::Layout;
use super::parameter::Parameter;
use super::plain::Plain;
use burn::module::Param;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};

/// The layers of `layout`, with values in the order of [`Layout::parameters`] and in
/// torchvision's shapes.
pub(super) fn plain(
    layout: &Layout,
    values: impl IntoIterator<Item = (Parameter, TensorData)>,
    device: &Device,
) -> Plain {
    let mut values = values.into_iter();
    let mut next = || values.next().expect("parameters() lists two for every layer of the layout");
    let features = layout.convolutions.iter().map(|convolution| {
        let ((weight, weight_data), (_, bias_data)) = (next(), next());
        let padding = convolution.padding;
        // What init() would draw is lazy, and replaced before anyone looks at it.
        let mut layer = Conv2dConfig::new([weight.shape[1], weight.shape[0]], [convolution.kernel; 2])
            .with_stride([convolution.stride; 2])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
            .init(device);
        layer.weight = Param::from_data(weight_data, device);
        layer.bias = Some(Param::from_data(bias_data, device));
        layer
    });
    let features = features.collect();
    let classifier = (0..2).map(|_| {
        let ((_, weight), (_, bias)) = (next(), next());
        linear(weight, bias, device)
    });
    Plain { features, classifier: classifier.collect() }
}

/// A fully connected layer of torchvision's weight `[out, in]` and its bias.
pub(super) fn linear(weight: TensorData, bias: TensorData, device: &Device) -> Linear {
    let shape = weight.shape();
    let mut layer = LinearConfig::new(shape[1], shape[0]).init(device);
    // Burn multiplies from the other side.
    layer.weight = Param::from_tensor(Tensor::from_data(weight, device).transpose());
    layer.bias = Some(Param::from_data(bias, device));
    layer
}

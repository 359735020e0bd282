//! Builds the layers of a plain network from the values of its parameters.

use super::parameter::Parameter;
use super::plain_layout::PlainLayout;
use super::plain_net::PlainNet;
use burn::module::Param;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};

/// The network of a layout, from values in the order of [`PlainLayout::parameters`] and in torchvision's shapes.
pub(super) fn plain_net(
    layout: &PlainLayout,
    values: impl IntoIterator<Item = (Parameter, TensorData)>,
    device: &Device,
) -> PlainNet {
    let mut values = values.into_iter();
    let mut next = || values.next().expect("parameters() lists two for every layer of the layout");
    let features = layout.convolutions.iter().map(|convolution| {
        let ((weight, weight_data), (_, bias_data)) = (next(), next());
        let padding = convolution.padding;
        // init() is lazy: its random values are replaced before they are computed.
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
    PlainNet { features, classifier: classifier.collect() }
}

/// A linear layer from torchvision's weight `[out, in]` and its bias.
pub(super) fn linear(weight: TensorData, bias: TensorData, device: &Device) -> Linear {
    let shape = weight.shape();
    let mut layer = LinearConfig::new(shape[1], shape[0]).init(device);
    // Burn stores the weight as [in, out].
    layer.weight = Param::from_tensor(Tensor::from_data(weight, device).transpose());
    layer.bias = Some(Param::from_data(bias, device));
    layer
}

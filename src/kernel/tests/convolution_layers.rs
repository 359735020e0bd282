//! Convolutions of tensors against Burn's own: outputs and gradients.

use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, module};

use super::super::{Activation, conv_transpose2d, conv2d};
use super::tensors::{
    ACTIVATIONS, Input, Order, Outcome, TOLERANCE, assert_close, burn_activation, differentiate, values,
};

/// The sizes of a convolution, or of a transposed one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    is_transposed: bool,
    pub x: [usize; 4],
    pub weight: [usize; 4],
    stride: [usize; 2],
    padding: [usize; 2],
    padding_out: [usize; 2],
}

impl Sizes {
    /// By jem's kernels.
    pub fn run(&self, x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, kind: Activation) -> Tensor<4> {
        let Self { stride, padding, padding_out, .. } = *self;
        match self.is_transposed {
            true => conv_transpose2d(x, weight, bias, stride, padding, padding_out, kind),
            false => conv2d(x, weight, bias, stride, padding, kind),
        }
    }

    /// By Burn's operations.
    fn run_burn(&self, x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, kind: Activation) -> Tensor<4> {
        let Self { stride, padding, padding_out, .. } = *self;
        let options = ConvTransposeOptions::new(stride, padding, padding_out, [1, 1], 1);
        let sides = padding.map(|side| (side, side));
        let maps = match self.is_transposed {
            true => module::conv_transpose2d(x, weight, bias, options),
            false => module::conv2d(x, weight, bias, ConvOptions::new_with_padding(stride, sides, [1, 1], 1)),
        };
        burn_activation(maps, kind)
    }

    /// The length of the bias.
    pub fn biases(&self) -> usize {
        self.weight[usize::from(self.is_transposed)]
    }
}

/// Convolutions in tiles, by columns and of single pixels, and transposed ones.
pub(super) fn all_sizes() -> [Sizes; 6] {
    let plain =
        |x, weight, stride, padding| Sizes { is_transposed: false, x, weight, stride, padding, padding_out: [0, 0] };
    let transposed = |x, weight, stride, padding, padding_out| Sizes {
        is_transposed: true,
        x,
        weight,
        stride,
        padding,
        padding_out,
    };
    [
        plain([2, 33, 9, 8], [34, 33, 5, 5], [2, 2], [2, 2]),
        plain([2, 3, 9, 8], [5, 3, 4, 3], [2, 3], [1, 0]),
        plain([2, 7, 5, 6], [4, 7, 1, 1], [1, 1], [0, 0]),
        transposed([2, 33, 5, 4], [33, 34, 5, 5], [2, 2], [2, 2], [1, 1]),
        transposed([2, 3, 5, 4], [3, 5, 4, 3], [2, 3], [1, 0], [0, 2]),
        transposed([2, 7, 5, 6], [7, 4, 1, 1], [1, 1], [0, 0], [0, 0]),
    ]
}

type Run<'a> = &'a dyn Fn(Tensor<4>, Tensor<4>, Option<Tensor<1>>) -> Tensor<4>;

/// The output of a convolution, and the gradients of its input, weight and bias.
fn outcome(sizes: &Sizes, orders: [Order; 3], tracked: [bool; 3], has_bias: bool, run: Run<'_>) -> Outcome {
    let device = Device::flex().autodiff();
    let x = Input::new(sizes.x, orders[0], tracked[0], 1, &device);
    let weight = Input::new(sizes.weight, orders[1], tracked[1], 2, &device);
    let bias = has_bias.then(|| Input::new([sizes.biases()], orders[1], tracked[2], 3, &device));
    let output = run(x.tensor.clone(), weight.tensor.clone(), bias.as_ref().map(|bias| bias.tensor.clone()));
    let gradients = differentiate(output.clone(), orders[2]);
    vec![
        Some(values(output)),
        x.gradient(&gradients),
        weight.gradient(&gradients),
        bias.and_then(|bias| bias.gradient(&gradients)),
    ]
}

/// Compares both ways to compute a convolution.
fn compare(sizes: &Sizes, orders: [Order; 3], tracked: [bool; 3], has_bias: bool, kind: Activation) {
    let found = outcome(sizes, orders, tracked, has_bias, &|x, weight, bias| sizes.run(x, weight, bias, kind));
    let expected = outcome(sizes, orders, tracked, has_bias, &|x, weight, bias| sizes.run_burn(x, weight, bias, kind));
    for (gradient, is_tracked) in found[1..].iter().zip([tracked[0], tracked[1], tracked[2] && has_bias]) {
        assert_eq!(gradient.is_some(), is_tracked, "only tracked inputs have gradients");
    }
    let what = format!("{sizes:?}, {orders:?}, {tracked:?}, bias {has_bias}, {kind:?}");
    assert_close(&found, &expected, TOLERANCE, &what);
}

#[test]
fn convolutions_with_bias_and_activation_equal_those_of_burn() {
    for sizes in all_sizes() {
        for kind in ACTIVATIONS {
            for has_bias in [true, false] {
                compare(&sizes, [Order::RowMajor; 3], [true; 3], has_bias, kind);
            }
        }
    }
}

#[test]
fn convolutions_of_tensors_in_every_order_of_memory_equal_those_of_burn() {
    for sizes in all_sizes() {
        for order in Order::ALL {
            for orders in [
                [order, Order::RowMajor, Order::RowMajor],
                [Order::RowMajor, order, Order::RowMajor],
                [Order::ChannelsLast, Order::RowMajor, order],
                [order; 3],
            ] {
                compare(&sizes, orders, [true; 3], true, Activation::LeakyRelu);
            }
        }
    }
}

#[test]
fn convolutions_compute_the_gradients_of_those_inputs_that_need_one() {
    for sizes in all_sizes() {
        for mask in 1..8 {
            let tracked = [mask & 1 > 0, mask & 2 > 0, mask & 4 > 0];
            compare(&sizes, [Order::ChannelsLast, Order::RowMajor, Order::RowMajor], tracked, true, Activation::Relu);
            if mask < 4 {
                compare(&sizes, [Order::RowMajor; 3], tracked, false, Activation::Tanh);
            }
        }
    }
}

#[test]
fn convolutions_without_gradients_equal_those_of_burn() {
    let device = Device::flex();
    for sizes in all_sizes() {
        for order in Order::ALL {
            let x = Input::new(sizes.x, order, false, 1, &device).tensor;
            let weight = Input::new(sizes.weight, order, false, 2, &device).tensor;
            let bias = Some(Input::new([sizes.biases()], order, false, 3, &device).tensor);
            let found = sizes.run(x.clone(), weight.clone(), bias.clone(), Activation::Relu);
            let expected = sizes.run_burn(x, weight, bias, Activation::Relu);
            assert_eq!(found.dims(), expected.dims());
            let [found, expected] = [found, expected].map(|tensor| vec![Some(values(tensor))]);
            assert_close(&found, &expected, TOLERANCE, &format!("{sizes:?}, {order:?}"));
        }
    }
}

#[test]
#[should_panic(expected = "the input has as many channels as the weight expects")]
fn a_convolution_of_maps_with_other_channels_is_rejected() {
    let device = Device::flex();
    let (x, weight) = (Tensor::zeros([1, 4, 5, 5], &device), Tensor::zeros([2, 3, 3, 3], &device));
    conv2d(x, weight, None, [1, 1], [0, 0], Activation::Identity);
}

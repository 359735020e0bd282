//! Tensors in several orders of memory, and what the tests of layers compare: outputs and gradients.

use burn::tensor::{Device, Gradients, Tensor, TensorData, activation};

use super::super::Activation;
use super::support::{error, uniform, wide};

/// The largest error of a layer that was found is a quarter of it.
pub(super) const TOLERANCE: f64 = 1e-5;

pub(super) const ACTIVATIONS: [Activation; 4] =
    [Activation::Identity, Activation::Relu, Activation::LeakyRelu, Activation::Tanh];

/// An activation by Burn's operations.
pub(super) fn burn_activation<const D: usize>(x: Tensor<D>, kind: Activation) -> Tensor<D> {
    match kind {
        Activation::Identity => x,
        Activation::Relu => activation::relu(x),
        Activation::LeakyRelu => activation::leaky_relu(x, 0.2),
        Activation::Tanh => activation::tanh(x),
    }
}

/// How the values of a tensor lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    RowMajor,
    /// The second axis is the innermost.
    ChannelsLast,
    /// A part of a larger tensor along its first axis.
    Images,
    /// The same, with the second axis innermost.
    ChannelsLastImages,
    /// A part of a larger tensor along every axis.
    Window,
}

impl Order {
    pub const ALL: [Self; 5] =
        [Self::RowMajor, Self::ChannelsLast, Self::Images, Self::ChannelsLastImages, Self::Window];
}

/// A leaf, whose gradient is tracked if required, and the tensor of a given shape and order that is made from it.
pub(super) struct Input<const D: usize> {
    leaf: Tensor<D>,
    pub tensor: Tensor<D>,
}

impl<const D: usize> Input<D> {
    /// The same values for the same seed and shape; other orders have other values.
    pub fn new(shape: [usize; D], order: Order, is_tracked: bool, seed: u64, device: &Device) -> Self {
        let mut stored = shape;
        match order {
            Order::Window => stored = shape.map(|size| size + 2),
            Order::Images | Order::ChannelsLastImages => stored[0] += 2,
            Order::RowMajor | Order::ChannelsLast => {}
        }
        let is_permuted = D > 1 && matches!(order, Order::ChannelsLast | Order::ChannelsLastImages);
        if is_permuted {
            stored[1..].rotate_left(1);
        }
        let values = TensorData::new(uniform(stored.iter().product(), seed), stored);
        let mut leaf = Tensor::<D>::from_data(values, device);
        if is_tracked {
            leaf = leaf.require_grad();
        }
        let mut tensor = leaf.clone();
        if is_permuted {
            let mut axes: [usize; D] = std::array::from_fn(|axis| axis);
            axes[1..].rotate_right(1);
            tensor = tensor.permute(axes);
        }
        for (axis, size) in shape.into_iter().enumerate() {
            if tensor.dims()[axis] > size {
                tensor = tensor.narrow(axis, 1, size);
            }
        }
        assert_eq!(tensor.dims(), shape);
        Self { leaf, tensor }
    }

    /// The gradient of the leaf, if there is one.
    pub fn gradient(&self, gradients: &Gradients) -> Option<Vec<f32>> {
        self.leaf.grad(gradients).map(values)
    }
}

/// The values of a tensor, in row-major order of its axes.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_into_vec().unwrap()
}

/// Gradients of a sum over `output` with different weights, which have `order`.
pub(super) fn differentiate<const D: usize>(output: Tensor<D>, order: Order) -> Gradients {
    let weights = Input::new(output.dims(), order, false, 90, &output.device());
    (output * weights.tensor).sum().backward()
}

/// An output, and gradients that exist or do not.
pub(super) type Outcome = Vec<Option<Vec<f32>>>;

/// Checks that two outcomes have the same parts, with an error of at most `tolerance`, relative to the largest value.
#[track_caller]
pub(super) fn assert_close(found: &Outcome, expected: &Outcome, tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (part, (found, expected)) in found.iter().zip(expected).enumerate() {
        match (found, expected) {
            (Some(found), Some(expected)) => {
                let error = error(found, &wide(expected));
                assert!(error <= tolerance, "{what}: the error of part {part} is {error:e}");
            }
            (None, None) => {}
            _ => panic!("{what}: part {part} exists in one of two outcomes"),
        }
    }
}

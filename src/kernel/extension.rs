//! The kernels as operations of Burn's CPU backend, with gradients, through Burn's extension point.

use std::borrow::Cow;

use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, backend_extension};
use burn::tensor::Shape;

use super::activation::{self, Activation};
use super::convolution;
use super::geometry::{Geometry, Operands, Wanted};
use super::linear;
use super::matrix::Matrix;
use super::norm::{self, Moments};
use super::pool::{self, PoolGeometry, Pooling};
use super::tensor::{channels_last, from_channels_last, from_row_major, matrix, row_major, sizes};

mod gradients;

/// Stride and padding of a convolution or a pooling, in each direction.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Zeros on each side: above and below, left and right.
    pub padding: [usize; 2],
    /// Rows and columns that a transposed convolution adds below and to the right; otherwise 0.
    pub padding_out: [usize; 2],
}

/// Operations of a backend that jem computes by kernels of its own.
#[backend_extension(Flex, Autodiff)]
pub trait KernelOps: Backend {
    /// The convolution of `x` `[n, in, h, w]` with `weight` `[out, in, kh, kw]`.
    fn kernel_convolution(x: FloatTensor<Self>, weight: FloatTensor<Self>, steps: Steps) -> FloatTensor<Self>;

    /// The transposed convolution of `x` `[n, in, h, w]` with `weight` `[in, out, kh, kw]`.
    fn kernel_transposed(x: FloatTensor<Self>, weight: FloatTensor<Self>, steps: Steps) -> FloatTensor<Self>;

    /// The product of `x` `[n, in]` with `weight` `[in, out]`.
    fn kernel_linear(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// `activation(x + bias)`, with a bias for each channel of `x` `[n, c, h, w]` or `[n, c]`.
    fn kernel_bias_activation(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;

    /// `activation(x)`, for `x` `[n, c, h, w]` or `[n, c]`.
    fn kernel_activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;

    /// Batch normalisation of `x` `[n, c, h, w]` or `[n, c]` with the statistics of the batch, then the activation: the
    /// output, the mean and the variance `[c]`.
    fn kernel_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Normalisation of `x` `[n, c, h, w]` or `[n, c]` with a given mean and variance `[c]`, then an activation of two
    /// lines with `slope` below 0. Without gradients.
    fn kernel_fixed_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f64,
        slope: f32,
    ) -> FloatTensor<Self>;

    /// The pooling of `x` `[n, c, h, w]`.
    fn kernel_pool(x: FloatTensor<Self>, window: [usize; 2], steps: Steps, pooling: Pooling) -> FloatTensor<Self>;
}

/// The gradients of [`KernelOps`].
pub trait KernelGradients: Backend {
    /// The gradients of the input and of the weight of a convolution, or of a transposed one; those that are wanted.
    fn kernel_convolution_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        steps: Steps,
        kind: Kind,
        wanted: [bool; 2],
    ) -> [Option<FloatTensor<Self>>; 2];

    /// The gradients of the input and of the weight of a linear layer; those that are wanted.
    fn kernel_linear_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        wanted: [bool; 2],
    ) -> [Option<FloatTensor<Self>>; 2];

    /// The gradients before the activation and of the bias, from the output.
    fn kernel_activation_backward(
        output: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        activation: Activation,
        wants_bias: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);

    /// The gradients of the input, γ and β.
    fn kernel_norm_backward(state: NormState<Self>, gradient: FloatTensor<Self>) -> [FloatTensor<Self>; 3];

    /// The gradient of the input.
    fn kernel_pool_backward(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        window: [usize; 2],
        steps: Steps,
        pooling: Pooling,
    ) -> FloatTensor<Self>;
}

/// Which of the two convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From the large side to the small one.
    Convolution,
    /// From the small side to the large one.
    Transposed,
}

/// What the gradient of a batch normalisation needs.
#[derive(Clone, Debug)]
pub struct NormState<B: Backend> {
    x: FloatTensor<B>,
    gamma: FloatTensor<B>,
    beta: FloatTensor<B>,
    mean: FloatTensor<B>,
    variance: FloatTensor<B>,
    epsilon: f64,
    activation: Activation,
}

/// The sizes of a convolution with `weight` `[small, large, kh, kw]` of maps `x` `[n, c, h, w]`.
fn geometry(x: [usize; 4], weight: [usize; 4], steps: Steps, kind: Kind) -> Geometry {
    let [batch, channels, height, width] = x;
    let [small_channels, large_channels, kernel_height, kernel_width] = weight;
    let (kernel, stride, padding) = ([kernel_height, kernel_width], steps.stride, steps.padding);
    let sides = [0, 1];
    let (large, small) = match kind {
        Kind::Convolution => {
            let large = [height, width];
            (large, sides.map(|i| Geometry::small_side(large[i], kernel[i], stride[i], padding[i])))
        }
        Kind::Transposed => {
            let small = [height, width];
            let large = |i: usize| (small[i] - 1) * stride[i] + kernel[i] + steps.padding_out[i] - 2 * padding[i];
            (sides.map(large), small)
        }
    };
    let expected = if kind == Kind::Convolution { large_channels } else { small_channels };
    assert_eq!(channels, expected, "the input has as many channels as the weight expects");
    Geometry { batch, large, small, large_channels, small_channels, kernel, stride, padding }
}

fn pool_geometry(x: [usize; 4], window: [usize; 2], steps: Steps) -> PoolGeometry {
    let [batch, channels, height, width] = x;
    let input = [height, width];
    let output = [0, 1].map(|i| Geometry::small_side(input[i], window[i], steps.stride[i], steps.padding[i]));
    PoolGeometry { batch, channels, input, output, window, stride: steps.stride, padding: steps.padding }
}

impl KernelOps for Flex {
    fn kernel_convolution(x: FlexTensor, weight: FlexTensor, steps: Steps) -> FlexTensor {
        let geometry = geometry(sizes(&x), sizes(&weight), steps, Kind::Convolution);
        let (large, weight) = (channels_last(&x), row_major(&weight));
        let operands = Operands { large: Some(&large), weight: Some(&weight), small: None };
        let results = convolution::run(geometry, operands, Wanted { small: true, ..Wanted::default() });
        let [height, width] = geometry.small;
        from_channels_last(results.small, [geometry.batch, geometry.small_channels, height, width], 4)
    }

    fn kernel_transposed(x: FlexTensor, weight: FlexTensor, steps: Steps) -> FlexTensor {
        let geometry = geometry(sizes(&x), sizes(&weight), steps, Kind::Transposed);
        let (small, weight) = (channels_last(&x), row_major(&weight));
        let operands = Operands { small: Some(&small), weight: Some(&weight), large: None };
        let results = convolution::run(geometry, operands, Wanted { large: true, ..Wanted::default() });
        let [height, width] = geometry.large;
        from_channels_last(results.large, [geometry.batch, geometry.large_channels, height, width], 4)
    }

    fn kernel_linear(x: FlexTensor, weight: FlexTensor) -> FlexTensor {
        let (x, weight) = (forward_order(x), forward_order(weight));
        let (left, right) = (stored(&x), stored(&weight));
        from_row_major(linear::few_rows(left, right), Shape::from([left.rows, right.columns]))
    }

    fn kernel_bias_activation(x: FlexTensor, bias: FlexTensor, activation: Activation) -> FlexTensor {
        activate(x, Some(&row_major(&bias)), activation)
    }

    fn kernel_activation(x: FlexTensor, activation: Activation) -> FlexTensor {
        activate(x, None, activation)
    }

    fn kernel_norm(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let (sizes, rank) = (sizes(&x), x.layout().num_dims());
        let (values, gamma, beta) = (channels_last(&x), row_major(&gamma), row_major(&beta));
        let moments = norm::moments(&values, sizes[1]);
        let output = norm::apply(&values, &gamma, &beta, &moments, epsilon, slope(activation));
        let vector = |values: Vec<f32>| from_row_major(values, Shape::from([sizes[1]]));
        (from_channels_last(output, sizes, rank), vector(moments.mean), vector(moments.variance))
    }

    fn kernel_fixed_norm(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        epsilon: f64,
        slope: f32,
    ) -> FlexTensor {
        let (sizes, rank) = (sizes(&x), x.layout().num_dims());
        let moments = Moments { mean: row_major(&mean).into_owned(), variance: row_major(&variance).into_owned() };
        let (values, gamma, beta) = (channels_last(&x), row_major(&gamma), row_major(&beta));
        from_channels_last(norm::apply(&values, &gamma, &beta, &moments, epsilon, slope), sizes, rank)
    }

    fn kernel_pool(x: FlexTensor, window: [usize; 2], steps: Steps, pooling: Pooling) -> FlexTensor {
        let geometry = pool_geometry(sizes(&x), window, steps);
        let values = pool::forward(&channels_last(&x), geometry, pooling);
        let [height, width] = geometry.output;
        from_channels_last(values, [geometry.batch, geometry.channels, height, width], 4)
    }
}

/// The same tensor without axes that are stored in reverse.
fn forward_order(tensor: FlexTensor) -> FlexTensor {
    match matrix(&tensor) {
        Some(_) => tensor,
        None => from_row_major(row_major(&tensor).into_owned(), tensor.layout().shape().clone()),
    }
}

/// A tensor of [`forward_order`] as a matrix.
fn stored(tensor: &FlexTensor) -> Matrix<'_> {
    matrix(tensor).expect("a linear layer has tensors of rank 2, without reversed axes")
}

/// The slope below 0 of an activation that a batch norm can be joined with.
fn slope(activation: Activation) -> f32 {
    activation.slope().expect("a batch norm is joined with an activation of two lines")
}

/// The activation in the tensor's own memory, if nobody else has it.
fn activate(mut x: FlexTensor, bias: Option<&[f32]>, activation: Activation) -> FlexTensor {
    let (sizes, rank) = (sizes(&x), x.layout().num_dims());
    let length = sizes.iter().product::<usize>();
    let is_whole = matches!(channels_last(&x), Cow::Borrowed(values) if values.len() == x.storage::<f32>().len());
    if let Some(values) = x.try_storage_mut::<f32>().filter(|values| is_whole && values.len() == length) {
        activation::forward(values, sizes[1], bias, activation);
        return x;
    }
    let mut values = channels_last(&x).into_owned();
    activation::forward(&mut values, sizes[1], bias, activation);
    from_channels_last(values, sizes, rank)
}

impl KernelGradients for Flex {
    fn kernel_convolution_backward(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        steps: Steps,
        kind: Kind,
        [wants_x, wants_weight]: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        let (shape, weight_shape) = (sizes(&x), weight.layout().shape().clone());
        let geometry = geometry(shape, sizes(&weight), steps, kind);
        let (weight, gradient) = (row_major(&weight), channels_last(&gradient));
        let x = channels_last(&x);
        let (large, small, wanted) = match kind {
            Kind::Convolution => (&x, &gradient, Wanted { large: wants_x, small: false, weight: wants_weight }),
            Kind::Transposed => (&gradient, &x, Wanted { large: false, small: wants_x, weight: wants_weight }),
        };
        let operands = Operands { large: Some(large), small: Some(small), weight: Some(&weight) };
        let results = convolution::run(geometry, operands, wanted);
        let values = if kind == Kind::Convolution { results.large } else { results.small };
        [
            wants_x.then(|| from_channels_last(values, shape, 4)),
            wants_weight.then(|| from_row_major(results.weight, weight_shape)),
        ]
    }

    fn kernel_linear_backward(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        [wants_x, wants_weight]: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        let [x, weight, gradient] = [x, weight, gradient].map(forward_order);
        let (x, weight, gradient) = (stored(&x), stored(&weight), stored(&gradient));
        [
            wants_x.then(|| {
                let values = linear::few_rows(gradient, weight.transposed());
                from_row_major(values, Shape::from([x.rows, x.columns]))
            }),
            wants_weight.then(|| {
                let values = linear::weight_gradient(x, gradient);
                from_row_major(values, Shape::from([weight.rows, weight.columns]))
            }),
        ]
    }

    fn kernel_activation_backward(
        output: FlexTensor,
        gradient: FlexTensor,
        activation: Activation,
        wants_bias: bool,
    ) -> (FlexTensor, Option<FlexTensor>) {
        let (sizes, rank) = (sizes(&output), output.layout().num_dims());
        let (values, gradient) = (channels_last(&output), channels_last(&gradient));
        let (values, bias) = activation::backward(&values, &gradient, sizes[1], activation, wants_bias);
        (from_channels_last(values, sizes, rank), wants_bias.then(|| from_row_major(bias, Shape::from([sizes[1]]))))
    }

    fn kernel_norm_backward(state: NormState<Self>, gradient: FlexTensor) -> [FlexTensor; 3] {
        let NormState { x, gamma, beta, mean, variance, epsilon, activation } = state;
        let (sizes, rank) = (sizes(&x), x.layout().num_dims());
        let moments = Moments { mean: row_major(&mean).into_owned(), variance: row_major(&variance).into_owned() };
        let (values, gradient) = (channels_last(&x), channels_last(&gradient));
        let (gamma, beta) = (row_major(&gamma), row_major(&beta));
        let gradients = norm::backward(&values, &gradient, &gamma, &beta, &moments, epsilon, slope(activation));
        let vector = |values: Vec<f32>| from_row_major(values, Shape::from([sizes[1]]));
        [from_channels_last(gradients.values, sizes, rank), vector(gradients.gamma), vector(gradients.beta)]
    }

    fn kernel_pool_backward(
        x: FlexTensor,
        gradient: FlexTensor,
        window: [usize; 2],
        steps: Steps,
        pooling: Pooling,
    ) -> FlexTensor {
        let geometry = pool_geometry(sizes(&x), window, steps);
        let values = pool::backward(&channels_last(&x), &channels_last(&gradient), geometry, pooling);
        from_channels_last(values, sizes(&x), 4)
    }
}

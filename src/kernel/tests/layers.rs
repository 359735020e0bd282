//! Layers on tensors against Burn's own operations: outputs and gradients.

use burn::backend::Dispatch;
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{DType, Device, Tensor, module};

use super::super::extension::KernelOps;
use super::super::{Activation, BatchNormOutput, Pooling, activate, batch_norm, concat_channels, conv2d, pool2d};
use super::convolution_layers::all_sizes;
use super::tensors::{
    ACTIVATIONS, Input, Order, Outcome, TOLERANCE, assert_close, burn_activation, differentiate, values,
};

const POOLINGS: [Pooling; 3] = [Pooling::Max, Pooling::Mean, Pooling::MeanWithPadding];

/// The output, mean and variance of a batch norm, and the gradients of its input, γ and β.
fn norm_outcome<const D: usize>(
    shape: [usize; D],
    orders: [Order; 2],
    tracked: [bool; 3],
    run: impl Fn(Tensor<D>, Tensor<1>, Tensor<1>) -> BatchNormOutput<D>,
) -> Outcome {
    let device = Device::flex().autodiff();
    let x = Input::new(shape, orders[0], tracked[0], 1, &device);
    let gamma = Input::new([shape[1]], orders[0], tracked[1], 2, &device);
    let beta = Input::new([shape[1]], orders[0], tracked[2], 3, &device);
    let BatchNormOutput { output, mean, variance } = run(x.tensor.clone(), gamma.tensor.clone(), beta.tensor.clone());
    let gradients = differentiate(output.clone(), orders[1]);
    let gradients = [x.gradient(&gradients), gamma.gradient(&gradients), beta.gradient(&gradients)];
    [Some(values(output)), Some(values(mean)), Some(values(variance))].into_iter().chain(gradients).collect()
}

fn compare_norms<const D: usize>(shape: [usize; D], orders: [Order; 2], tracked: [bool; 3], kind: Activation) {
    const EPSILON: f64 = 1e-3;
    let found = norm_outcome(shape, orders, tracked, |x, gamma, beta| batch_norm(x, gamma, beta, EPSILON, kind));
    let expected = norm_outcome(shape, orders, tracked, |x, gamma, beta| {
        let result = module::batch_norm_train(x, gamma, beta, EPSILON);
        let output = burn_activation(result.output, kind);
        BatchNormOutput { output, mean: result.mean, variance: result.variance }
    });
    for (gradient, is_tracked) in found[3..].iter().zip(tracked) {
        assert_eq!(gradient.is_some(), is_tracked, "only tracked inputs have gradients");
    }
    assert_close(&found, &expected, TOLERANCE, &format!("{shape:?}, {orders:?}, {tracked:?}, {kind:?}"));
}

#[test]
fn batch_norms_of_maps_and_vectors_equal_those_of_burn() {
    for kind in ACTIVATIONS {
        for order in Order::ALL {
            for gradient in [Order::RowMajor, Order::ChannelsLast] {
                compare_norms([3, 11, 5, 4], [order, gradient], [true; 3], kind);
                compare_norms([9, 19], [order, gradient], [true; 3], kind);
            }
        }
        for mask in 1..8 {
            let tracked = [mask & 1 > 0, mask & 2 > 0, mask & 4 > 0];
            compare_norms([3, 11, 5, 4], [Order::ChannelsLast; 2], tracked, kind);
        }
    }
}

/// The output of a function of one tensor, and its gradient.
fn simple_outcome<const D: usize, const R: usize>(
    shape: [usize; D],
    orders: [Order; 2],
    run: impl Fn(Tensor<D>) -> Tensor<R>,
) -> Outcome {
    let x = Input::new(shape, orders[0], true, 1, &Device::flex().autodiff());
    let output = run(x.tensor.clone());
    let gradients = differentiate(output.clone(), orders[1]);
    vec![Some(values(output)), x.gradient(&gradients)]
}

#[test]
fn activations_of_maps_and_vectors_equal_those_of_burn() {
    for kind in ACTIVATIONS {
        for orders in Order::ALL.into_iter().flat_map(|order| [[order, Order::RowMajor], [Order::RowMajor, order]]) {
            let what = format!("{kind:?}, {orders:?}");
            let found = simple_outcome([2, 5, 3, 4], orders, |x| activate(x, kind));
            let expected = simple_outcome([2, 5, 3, 4], orders, |x| burn_activation(x, kind));
            assert_close(&found, &expected, TOLERANCE, &what);
            let found = simple_outcome([7, 5], orders, |x| activate(x, kind));
            let expected = simple_outcome([7, 5], orders, |x| burn_activation(x, kind));
            assert_close(&found, &expected, TOLERANCE, &what);
        }
    }
}

#[test]
fn each_channel_gets_its_bias_in_every_order_of_memory() {
    let run = |x: Tensor<4>, bias: Tensor<1>, kind| -> Tensor<4> {
        Tensor::from_dispatch(Dispatch::kernel_bias_activation(x.into_dispatch(), bias.into_dispatch(), kind))
    };
    let run_burn = |x: Tensor<4>, bias: Tensor<1>, kind| burn_activation(x + bias.reshape([1, 5, 1, 1]), kind);
    for kind in ACTIVATIONS {
        for order in Order::ALL {
            let outcome = |run: &dyn Fn(Tensor<4>, Tensor<1>, Activation) -> Tensor<4>| {
                let device = Device::flex().autodiff();
                let x = Input::new([2, 5, 3, 4], order, true, 1, &device);
                let bias = Input::new([5], order, true, 2, &device);
                let output = run(x.tensor.clone(), bias.tensor.clone(), kind);
                let gradients = differentiate(output.clone(), Order::RowMajor);
                // Nobody else has this tensor, so that it may be changed.
                let alone = Input::new([2, 5, 3, 4], order, false, 1, &Device::flex()).tensor;
                let bias_alone = Input::new([5], order, false, 2, &Device::flex()).tensor;
                let changed = run(alone, bias_alone, kind);
                [Some(values(output)), Some(values(changed)), x.gradient(&gradients), bias.gradient(&gradients)]
            };
            let [found, expected] = [outcome(&run).to_vec(), outcome(&run_burn).to_vec()];
            assert_close(&found, &expected, TOLERANCE, &format!("{kind:?}, {order:?}"));
        }
    }
}

#[test]
fn a_part_of_channels_last_maps_along_any_axis_is_read_where_it_is() {
    let device = Device::flex();
    for batch in [1, 2] {
        for axis in 0..4 {
            let shape = [batch + usize::from(axis == 0), 5, 4, 3];
            let maps = Input::new(shape, Order::ChannelsLast, false, 1, &device).tensor;
            let length = if axis == 0 { batch } else { 2 };
            let part = maps.narrow(axis, 1, length);
            // Of windows of one pixel the largest is the pixel.
            let pooled = pool2d(part.clone(), [1, 1], [1, 1], [0, 0], Pooling::Max);
            assert_eq!(values(pooled), values(part), "axis {axis} of {batch} images");
        }
    }
}

fn burn_pool(x: Tensor<4>, window: [usize; 2], stride: [usize; 2], padding: [usize; 2], kind: Pooling) -> Tensor<4> {
    let max = MaxPoolOptions::new(window).with_stride(stride).with_padding(padding);
    let mean = AvgPoolOptions::new(window).with_stride(stride).with_padding(padding);
    match kind {
        Pooling::Max => module::max_pool2d(x, max),
        Pooling::Mean => module::avg_pool2d(x, mean.with_count_include_pad(false)),
        Pooling::MeanWithPadding => module::avg_pool2d(x, mean.with_count_include_pad(true)),
    }
}

#[test]
fn poolings_equal_those_of_burn() {
    for (window, stride, padding) in [([2, 2], [2, 2], [0, 0]), ([3, 3], [2, 2], [1, 1]), ([3, 2], [1, 3], [1, 0])] {
        for kind in POOLINGS {
            for orders in Order::ALL.into_iter().flat_map(|order| [[order, Order::RowMajor], [Order::RowMajor, order]])
            {
                let found = simple_outcome([2, 5, 8, 7], orders, |x| pool2d(x, window, stride, padding, kind));
                let expected = simple_outcome([2, 5, 8, 7], orders, |x| burn_pool(x, window, stride, padding, kind));
                assert_close(&found, &expected, TOLERANCE, &format!("{kind:?}, {window:?}, {orders:?}"));
            }
        }
    }
}

#[test]
fn maps_are_joined_along_their_channels() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        for order in Order::ALL {
            let map = |channels, order, seed| Input::new([2, channels, 3, 4], order, false, seed, &device).tensor;
            let maps = vec![map(5, order, 1), map(1, Order::RowMajor, 2), map(3, Order::ChannelsLast, 3)];
            assert_eq!(values(concat_channels(maps.clone())), values(Tensor::cat(maps.clone(), 1)));
            assert_eq!(values(concat_channels(maps[..1].to_vec())), values(maps[0].clone()));
        }
    }
}

#[test]
fn tensors_of_another_type_are_computed_by_burn_with_the_same_results() {
    let device = Device::flex();
    let double = |tensor: Tensor<4>| tensor.cast(DType::F64);
    let close = |found: Tensor<4>, other: Tensor<4>, what: &str| {
        assert_eq!((found.dtype(), other.dtype()), (DType::F32, DType::F64));
        let [found, other] = [found, other].map(|tensor| vec![Some(values(tensor))]);
        assert_close(&found, &other, TOLERANCE, what);
    };
    for kind in ACTIVATIONS {
        for sizes in all_sizes() {
            let x = Input::new(sizes.x, Order::RowMajor, false, 1, &device).tensor;
            let weight = Input::new(sizes.weight, Order::RowMajor, false, 2, &device).tensor;
            let bias = Input::new([sizes.biases()], Order::RowMajor, false, 3, &device).tensor;
            let found = sizes.run(x.clone(), weight.clone(), Some(bias.clone()), kind);
            let other = sizes.run(double(x), double(weight), Some(bias.cast(DType::F64)), kind);
            close(found, other, &format!("{sizes:?}, {kind:?}"));
        }
        let x = Input::new([3, 5, 4, 6], Order::RowMajor, false, 1, &device).tensor;
        let [gamma, beta] = [2, 3].map(|seed| Input::new([5], Order::RowMajor, false, seed, &device).tensor);
        let found = batch_norm(x.clone(), gamma.clone(), beta.clone(), 1e-5, kind).output;
        let other = batch_norm(double(x), gamma.cast(DType::F64), beta.cast(DType::F64), 1e-5, kind).output;
        close(found, other, &format!("batch norm, {kind:?}"));
    }
    let x = Input::new([3, 5, 8, 6], Order::RowMajor, false, 1, &device).tensor;
    for kind in POOLINGS {
        let run = |x| pool2d(x, [3, 2], [2, 1], [1, 1], kind);
        close(run(x.clone()), run(double(x.clone())), &format!("{kind:?}"));
    }
    let maps = vec![double(x.clone()), double(x.clone())];
    close(concat_channels(vec![x.clone(), x]), concat_channels(maps), "joined maps");
}

#[test]
fn an_activation_does_not_change_a_tensor_that_somebody_else_has() {
    let device = Device::flex();
    for kind in ACTIVATIONS {
        for order in Order::ALL {
            let input = Input::new([4, 5, 3, 2], order, false, 1, &device).tensor;
            let before = values(input.clone());
            let expected = |x: Tensor<4>| values(burn_activation(x, kind));
            // A copy, a part, and another shape of the same memory.
            let part = || input.clone().narrow(0, 1, 2);
            let flat = || input.clone().reshape([4, 30]);
            for (found, expected) in [
                (values(activate(input.clone(), kind)), expected(input.clone())),
                (values(activate(part(), kind)), expected(part())),
                (values(activate(flat(), kind)), values(burn_activation(flat(), kind))),
            ] {
                assert_close(&vec![Some(found)], &vec![Some(expected)], TOLERANCE, &format!("{kind:?}, {order:?}"));
            }
            assert_eq!(values(input), before, "{kind:?}, {order:?}");
        }
    }
}

#[test]
fn an_activation_does_not_change_what_an_earlier_or_later_gradient_needs() {
    let sizes = all_sizes();
    for kind in ACTIVATIONS {
        let run = |convolve: &dyn Fn(Tensor<4>, Tensor<4>, Activation) -> Tensor<4>,
                   apply: &dyn Fn(Tensor<4>) -> Tensor<4>,
                   pool: &dyn Fn(Tensor<4>) -> Tensor<4>| {
            let device = Device::flex().autodiff();
            let x = Input::new(sizes[1].x, Order::RowMajor, true, 1, &device);
            let first = Input::new(sizes[1].weight, Order::RowMajor, true, 2, &device);
            let second = Input::new([5, 5, 4, 3], Order::RowMajor, true, 3, &device);
            // The maps are the input of a convolution, of a pooling and of an activation, whose output gets another.
            let maps = convolve(x.tensor.clone(), first.tensor.clone(), Activation::Identity);
            let convolved = convolve(maps.clone(), second.tensor.clone(), Activation::Identity).sum();
            let pooled = pool(maps.clone()).sum();
            let active = apply(apply(maps));
            let gradients = (active * convolved.unsqueeze() + pooled.unsqueeze()).sum().backward();
            vec![x.gradient(&gradients), first.gradient(&gradients), second.gradient(&gradients)]
        };
        let (stride, padding) = ([1, 1], [1, 1]);
        let found =
            run(&|x, weight, kind| conv2d(x, weight, None, stride, padding, kind), &|x| activate(x, kind), &|x| {
                pool2d(x, [2, 2], [1, 1], [0, 0], Pooling::Max)
            });
        let expected = run(
            &|x, weight, _| {
                module::conv2d(x, weight, None, ConvOptions::new_with_padding(stride, [(1, 1); 2], [1, 1], 1))
            },
            &|x| burn_activation(x, kind),
            &|x| burn_pool(x, [2, 2], [1, 1], [0, 0], Pooling::Max),
        );
        assert_close(&found, &expected, TOLERANCE, &format!("{kind:?}"));
    }
}

//! Linear layers against Burn's products: outputs and gradients, and equal results with every number of threads.

use burn::tensor::{Device, Tensor};

use super::super::{Activation, linear};
use super::tensors::{Input, Order, Outcome, TOLERANCE, assert_close, burn_activation, differentiate, values};

/// The output, and the gradients of input, weight and bias.
fn outcome(
    [rows, inputs, outputs]: [usize; 3],
    orders: [Order; 3],
    tracked: [bool; 3],
    run: impl Fn(Tensor<2>, Tensor<2>, Tensor<1>) -> Tensor<2>,
) -> Outcome {
    let device = Device::flex().autodiff();
    let x = Input::new([rows, inputs], orders[0], tracked[0], 1, &device);
    let weight = Input::new([inputs, outputs], orders[1], tracked[1], 2, &device);
    let bias = Input::new([outputs], Order::RowMajor, tracked[2], 3, &device);
    let output = run(x.tensor.clone(), weight.tensor.clone(), bias.tensor.clone());
    let gradients = differentiate(output.clone(), orders[2]);
    vec![Some(values(output)), x.gradient(&gradients), weight.gradient(&gradients), bias.gradient(&gradients)]
}

#[test]
fn linear_layers_of_matrices_in_every_order_of_memory_equal_those_of_burn() {
    for (sizes, kind) in [
        ([1, 1, 1], Activation::Identity),
        ([5, 3, 4], Activation::Tanh),
        ([64, 301, 257], Activation::LeakyRelu),
        ([3, 2500, 70], Activation::Relu),
    ] {
        for order in Order::ALL {
            for tracked in [[true; 3], [true, false, false], [false, true, false]] {
                let orders = [order, Order::Window, order];
                let found = outcome(sizes, orders, tracked, |x, weight, bias| linear(x, weight, Some(bias), kind));
                let expected = outcome(sizes, orders, tracked, |x, weight, bias| {
                    burn_activation(x.matmul(weight) + bias.unsqueeze(), kind)
                });
                assert_close(&found, &expected, TOLERANCE, &format!("{sizes:?}, {order:?}, {tracked:?}"));
            }
        }
    }
}

#[test]
fn a_transposed_weight_is_read_as_it_lies() {
    let device = Device::flex();
    let x = Input::new([7, 300], Order::RowMajor, false, 1, &device).tensor;
    let weight = Input::new([90, 300], Order::RowMajor, false, 2, &device).tensor.transpose();
    let found = values(linear(x.clone(), weight.clone(), None, Activation::Identity));
    let expected = values(x.matmul(weight));
    assert_close(&vec![Some(found)], &vec![Some(expected)], TOLERANCE, "transposed");
}

#[test]
fn linear_layers_are_the_same_with_every_number_of_threads() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let orders = [Order::RowMajor; 3];
            outcome([64, 2400, 256], orders, [true; 3], |x, weight, bias| {
                linear(x, weight, Some(bias), Activation::LeakyRelu)
            })
        })
    };
    let one = run(1);
    for threads in [2, 3, 7] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

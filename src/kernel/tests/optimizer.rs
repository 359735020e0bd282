//! Adam and AdamW against Burn's own.

use burn::optim::{Adam as BurnAdam, AdamConfig, AdamState, AdamWConfig, Optimizer};
use burn::tensor::{Device, Tensor, TensorData};

use super::super::{Adam, AdamW};
use super::support::{bits, uniform};
use super::tensors::{Input, Order, values};

const RATE: f64 = 2e-4;
const BETAS: [f32; 2] = [0.5, 0.999];
const EPSILON: f32 = 1e-8;

fn adams() -> (Adam, BurnAdam) {
    let [first, second] = BETAS;
    let burn = AdamConfig::new().with_beta_1(first).with_beta_2(second).with_epsilon(EPSILON).build();
    (Adam::new(first, second, EPSILON), burn)
}

type Step<const D: usize> = (Tensor<D>, Option<AdamState<D>>);

/// The bits of a parameter and its moments, and the number of steps.
fn state<const D: usize>((parameter, state): &Step<D>) -> ([Vec<u32>; 3], usize) {
    let momentum = &state.as_ref().unwrap().momentum;
    let tensors = [parameter, &momentum.moment_1, &momentum.moment_2];
    (tensors.map(|tensor| bits(&values(tensor.clone()))), momentum.time)
}

/// The gradient of a step: of very different sizes, some of them 0.
fn gradient<const D: usize>(shape: [usize; D], step: usize, device: &Device) -> Tensor<D> {
    let values = uniform(shape.iter().product(), step as u64).into_iter().enumerate();
    let values = values.map(|(at, value)| match at % 7 {
        0 => 0.0,
        1 => value * 1e-15,
        2 => value * 1e6,
        _ => value,
    });
    Tensor::from_data(TensorData::new(values.collect::<Vec<f32>>(), shape), device)
}

fn compare<const D: usize>(shape: [usize; D]) {
    let device = Device::flex();
    let (ours, burn) = adams();
    let parameter = Input::new(shape, Order::RowMajor, false, 1, &device).tensor;
    let (mut found, mut expected) = ((parameter.clone(), None), (parameter, None));
    for step in 0..6 {
        let gradient = gradient(shape, step, &device);
        found = ours.step(RATE, found.0, gradient.clone(), found.1);
        expected = burn.step(RATE, expected.0, gradient, expected.1);
        assert!(state(&found) == state(&expected), "step {step} of a parameter {shape:?}");
    }
}

#[test]
fn steps_of_adam_equal_those_of_burn_bit_for_bit() {
    compare([3]);
    compare([7, 5]);
    compare([16, 3, 5, 5]);
    // More values than in a part, and not a multiple of it.
    compare([333, 401]);
}

#[test]
fn steps_of_adam_w_equal_those_of_burn_bit_for_bit() {
    let device = Device::flex();
    for decay in [0.0, 1e-2] {
        let burn = AdamWConfig::new().with_weight_decay(decay).with_epsilon(1e-8).build();
        let parameter = Input::new([333, 401], Order::RowMajor, false, 1, &device).tensor;
        let (mut found, mut expected) = ((parameter.clone(), None), (parameter, None));
        for step in 0..6 {
            let gradient = gradient([333, 401], step, &device);
            found = AdamW::new(decay).step(1e-3, found.0, gradient.clone(), found.1);
            expected = burn.step(1e-3, expected.0, gradient, expected.1);
            let [found, expected] = [&found, &expected].map(|(parameter, state)| {
                let momentum = &state.as_ref().unwrap().momentum;
                let tensors = [parameter, &momentum.moment_1, &momentum.moment_2];
                (tensors.map(|tensor| bits(&values(tensor.clone()))), momentum.time)
            });
            assert!(found == expected, "step {step} with a decay of {decay}");
        }
    }
}

#[test]
fn adam_continues_from_the_state_of_burn_and_burn_from_its_state() {
    let device = Device::flex();
    let (ours, burn) = adams();
    let parameter = Input::new([9, 8], Order::RowMajor, false, 1, &device).tensor;
    let (mut mixed, mut expected) = ((parameter.clone(), None), (parameter, None));
    for step in 0..8 {
        let gradient = gradient([9, 8], step, &device);
        mixed = match step % 4 < 2 {
            true => burn.step(RATE, mixed.0, gradient.clone(), mixed.1),
            false => ours.step(RATE, mixed.0, gradient.clone(), mixed.1),
        };
        expected = burn.step(RATE, expected.0, gradient, expected.1);
        assert!(state(&mixed) == state(&expected), "step {step}");
    }
}

#[test]
fn adam_takes_parameters_and_gradients_in_every_order_of_memory() {
    let device = Device::flex();
    let (ours, burn) = adams();
    for order in Order::ALL {
        for other in Order::ALL {
            let parameter = || Input::new([4, 5, 3, 2], order, false, 1, &device).tensor;
            let gradient = || Input::new([4, 5, 3, 2], other, false, 2, &device).tensor;
            let first = ours.step(RATE, parameter(), gradient(), None);
            let second = ours.step(RATE, first.0, gradient(), first.1);
            let first = burn.step(RATE, parameter(), gradient(), None);
            let expected = burn.step(RATE, first.0, gradient(), first.1);
            assert!(state(&second) == state(&expected), "{order:?}, {other:?}");
        }
    }
}

#[test]
fn a_step_does_not_change_tensors_that_somebody_else_has() {
    let device = Device::flex();
    let (ours, _) = adams();
    for order in Order::ALL {
        let input = || Input::new([4, 5], order, false, 1, &device).tensor;
        let gradient = gradient([4, 5], 1, &device);
        let first = ours.step(RATE, input(), gradient.clone(), None);
        let kept = (first.0.clone(), first.1.clone());
        let before = (state(&kept), values(gradient.clone()));
        ours.step(RATE, first.0, gradient.clone(), first.1);
        assert!(before == (state(&kept), values(gradient)), "{order:?}");
        let parameter = input();
        let before = values(parameter.clone());
        ours.step(RATE, parameter.clone(), input(), None);
        assert_eq!(values(parameter), before, "{order:?}");
    }
}

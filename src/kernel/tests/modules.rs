//! Burn's layer modules, computed by the kernels, against their own forward passes.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation};

use super::super::{Activation, convolve, convolve_transposed, normalize, record_statistics};
use super::tensors::{Input, Order, Outcome, TOLERANCE, assert_close, differentiate, values};

fn input<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Input::new(shape, Order::RowMajor, false, seed, device).tensor
}

#[test]
fn convolution_modules_give_the_same_maps_as_their_own_forward_pass() {
    let device = Device::flex();
    let x = input([2, 4, 9, 8], 1, &device);
    let filled = |config: Conv2dConfig| {
        let layer: Conv2d = config.init(&device);
        let weight = Param::from_tensor(input(layer.weight.dims(), 2, &device));
        let bias = layer.bias.as_ref().map(|bias| Param::from_tensor(input(bias.dims(), 3, &device)));
        Conv2d { weight, bias, ..layer }
    };
    let config = || Conv2dConfig::new([4, 6], [3, 4]);
    for config in [
        config(),
        config().with_bias(false).with_stride([2, 1]),
        config().with_padding(PaddingConfig2d::Explicit(1, 2, 1, 2)),
        config().with_padding(PaddingConfig2d::Explicit(1, 2, 0, 1)),
        config().with_padding(PaddingConfig2d::Same),
        config().with_dilation([2, 1]),
        config().with_groups(2),
    ] {
        let what = format!("{config}");
        let layer = filled(config);
        let found = convolve(&layer, x.clone(), Activation::Relu);
        let expected = activation::relu(layer.forward(x.clone()));
        assert_eq!(found.dims(), expected.dims());
        let [found, expected] = [found, expected].map(|tensor| vec![Some(values(tensor))]);
        assert_close(&found, &expected, TOLERANCE, &what);
    }
}

#[test]
fn transposed_convolution_modules_give_the_same_maps_as_their_own_forward_pass() {
    let device = Device::flex();
    let x = input([2, 4, 5, 6], 1, &device);
    let filled = |config: ConvTranspose2dConfig| {
        let layer: ConvTranspose2d = config.init(&device);
        let weight = Param::from_tensor(input(layer.weight.dims(), 2, &device));
        let bias = layer.bias.as_ref().map(|bias| Param::from_tensor(input(bias.dims(), 3, &device)));
        ConvTranspose2d { weight, bias, ..layer }
    };
    let config = || ConvTranspose2dConfig::new([4, 6], [3, 4]).with_stride([2, 2]);
    for config in [
        config(),
        config().with_bias(false).with_padding([1, 2]),
        config().with_padding([1, 1]).with_padding_out([1, 0]),
        config().with_dilation([2, 1]),
        config().with_groups(2),
    ] {
        let what = format!("{config}");
        let layer = filled(config);
        let found = convolve_transposed(&layer, x.clone(), Activation::Tanh);
        let expected = activation::tanh(layer.forward(x.clone()));
        assert_eq!(found.dims(), expected.dims());
        let [found, expected] = [found, expected].map(|tensor| vec![Some(values(tensor))]);
        assert_close(&found, &expected, TOLERANCE, &what);
    }
}

/// A batch norm with parameters and running statistics that are not those of its start.
fn norm(device: &Device) -> BatchNorm {
    let layer = BatchNormConfig::new(5).with_epsilon(1e-3).with_momentum(0.3).init(device);
    layer.running_mean.update(input([5], 4, device));
    layer.running_var.update(input([5], 5, device).abs() + 0.5);
    let [gamma, beta] = [6, 7].map(|seed| Param::from_tensor(input([5], seed, device)));
    BatchNorm { gamma, beta, ..layer }
}

fn running(layer: &BatchNorm) -> Outcome {
    vec![Some(values(layer.running_mean.value_sync())), Some(values(layer.running_var.value_sync()))]
}

#[test]
fn on_a_device_without_gradients_a_normalisation_uses_the_running_statistics() {
    let device = Device::flex();
    let layer = norm(&device);
    let before = running(&layer);
    for (kind, apply) in [
        (Activation::Identity, (|x| x) as fn(f64) -> f64),
        (Activation::Relu, |x| x.max(0.0)),
        (Activation::LeakyRelu, |x| x.max(0.2 * x)),
        (Activation::Tanh, f64::tanh),
    ] {
        for order in Order::ALL {
            let x = Input::new([3, 5, 2, 4], order, false, 1, &device).tensor;
            let (output, statistics) = normalize(&layer, x.clone(), kind);
            assert!(statistics.is_none());
            let [gamma, beta] = [&layer.gamma, &layer.beta].map(|parameter| values(parameter.val()));
            let [mean, variance] = [&layer.running_mean, &layer.running_var].map(|running| values(running.value()));
            let expected = values(x.clone()).into_iter().enumerate().map(|(at, x)| {
                let channel = at / 8 % 5;
                let wide = |values: &[f32]| f64::from(values[channel]);
                let scale = wide(&gamma) / (wide(&variance) + 1e-3).sqrt();
                apply((f64::from(x) - wide(&mean)) * scale + wide(&beta)) as f32
            });
            let expected = vec![Some(expected.collect())];
            assert_close(&vec![Some(values(output))], &expected, TOLERANCE, &format!("{kind:?}, {order:?}"));
            // Vectors are maps of single pixels.
            let vectors = x.narrow(2, 1, 1).narrow(3, 2, 1).reshape([3, 5]);
            let maps = normalize(&layer, vectors.clone().reshape([3, 5, 1, 1]), kind).0;
            assert_eq!(values(normalize(&layer, vectors, kind).0), values(maps));
        }
    }
    assert_eq!(running(&layer), before, "the running statistics are as before");
}

#[test]
fn recording_the_statistics_of_two_batches_equals_two_forward_passes_of_burn() {
    let device = Device::flex().autodiff();
    let (ours, burn) = (norm(&device), norm(&device));
    let mut before = running(&ours);
    assert_eq!(before, running(&burn));
    for seed in [1, 2] {
        let x = input([6, 5, 4, 3], seed, &device) * 3.0 + 1.0;
        let (output, statistics) = normalize(&ours, x.clone(), Activation::Identity);
        assert_eq!(running(&ours), before, "a normalisation alone does not move the running statistics");
        record_statistics(&ours, &statistics.unwrap());
        let expected = burn.forward(x);
        let [output, expected] = [output, expected].map(|tensor| vec![Some(values(tensor))]);
        assert_close(&output, &expected, TOLERANCE, "the output");
        let after = running(&ours);
        assert_close(&after, &running(&burn), 1e-6, "the running statistics");
        assert_ne!(after, before);
        before = after;
    }
}

#[test]
fn recording_a_batch_twice_equals_two_forward_passes_with_it() {
    let device = Device::flex().autodiff();
    let (ours, burn) = (norm(&device), norm(&device));
    let x = input([20, 5], 1, &device) * 2.0;
    let statistics = normalize(&ours, x.clone(), Activation::Relu).1.unwrap();
    for _ in 0..2 {
        record_statistics(&ours, &statistics);
        burn.forward(x.clone());
    }
    assert_close(&running(&ours), &running(&burn), 1e-6, "the running statistics");
}

#[test]
fn a_batch_norm_that_does_not_train_uses_the_running_statistics_and_passes_gradients() {
    let device = Device::flex().autodiff();
    let layer = BatchNorm { training: Param::from_bool(false), ..norm(&device) };
    let outcome = |run: &dyn Fn(Tensor<4>) -> Tensor<4>| {
        let x = Input::new([3, 5, 2, 4], Order::ChannelsLast, true, 1, &device);
        let output = run(x.tensor.clone());
        let gradients = differentiate(output.clone(), Order::RowMajor);
        vec![Some(values(output)), x.gradient(&gradients)]
    };
    let found = outcome(&|x| {
        let (output, statistics) = normalize(&layer, x, Activation::LeakyRelu);
        assert!(statistics.is_none());
        output
    });
    let expected = outcome(&|x| activation::leaky_relu(layer.forward(x), 0.2));
    assert_close(&found, &expected, TOLERANCE, "frozen");
}

#[test]
fn the_running_statistics_do_not_depend_on_the_threads_that_record_them() {
    let device = Device::flex().autodiff();
    let (one, several) = (norm(&device), norm(&device));
    assert_eq!(running(&one), running(&several));
    for seed in 1..4 {
        let x = input([20, 5], seed, &device) * 2.0;
        let statistics = normalize(&one, x, Activation::Relu).1.unwrap();
        record_statistics(&one, &statistics);
        std::thread::scope(|scope| {
            scope.spawn(|| record_statistics(&several, &statistics));
        });
    }
    assert_eq!(running(&one), running(&several));
}

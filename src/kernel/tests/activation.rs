//! Activations against `f64`.

use super::super::activation::{Activation, backward, forward};
use super::support::{error, uniform, wide};

const ALL: [Activation; 4] = [Activation::Identity, Activation::Relu, Activation::LeakyRelu, Activation::Tanh];

/// Rows of one part, and of many parts and blocks in which sums are computed.
const ROWS: [usize; 4] = [1, 5, 33, 30_011];

fn activation(x: f64, activation: Activation) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu => x.max(0.2 * x),
        Activation::Tanh => x.tanh(),
    }
}

fn applied(mut values: Vec<f32>, activation: Activation) -> Vec<f32> {
    forward(&mut values, 1, None, activation);
    values
}

#[test]
fn each_channel_gets_its_bias_and_then_the_activation() {
    for (rows, channels) in ROWS.into_iter().zip([1, 3, 8, 21]) {
        let values = uniform(rows * channels, 1);
        let bias = uniform(channels, 2);
        for kind in ALL {
            for bias in [None, Some(&bias[..])] {
                let mut found = values.clone();
                forward(&mut found, channels, bias, kind);
                let term = |at: usize| bias.map_or(0.0, |bias| f64::from(bias[at % channels]));
                let terms = values.iter().enumerate().map(|(at, x)| f64::from(*x) + term(at));
                let expected: Vec<f64> = terms.map(|x| activation(x, kind)).collect();
                let error = error(&found, &expected);
                assert!(error < 4e-7, "the error of {kind:?} is {error:e} for {rows} rows of {channels}");
            }
        }
    }
}

#[test]
fn gradients_before_an_activation_and_of_the_bias_equal_the_formulas() {
    for (rows, channels) in ROWS.into_iter().zip([1, 3, 8, 21]) {
        // Values after the activation. The gradients have a mean, so that their sums are not near 0.
        let gradient: Vec<f32> = uniform(rows * channels, 2).iter().map(|value| value + 0.5).collect();
        for kind in ALL {
            let values = applied(uniform(rows * channels, 1), kind);
            let slope = |y: f64| match kind {
                Activation::Identity => 1.0,
                Activation::Relu => f64::from(u8::from(y > 0.0)),
                Activation::LeakyRelu => {
                    if y > 0.0 {
                        1.0
                    } else {
                        0.2
                    }
                }
                Activation::Tanh => 1.0 - y * y,
            };
            let products = wide(&values).into_iter().zip(wide(&gradient)).map(|(y, dy)| slope(y) * dy);
            let expected: Vec<f64> = products.collect();
            let mut expected_bias = vec![0.0; channels];
            for row in expected.chunks(channels) {
                expected_bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            let (found, no_bias) = backward(&values, &gradient, channels, kind, false);
            assert!(error(&found, &expected) < 4e-7, "{kind:?}, {rows} rows of {channels}");
            assert!(no_bias.is_empty());
            let (found, bias) = backward(&values, &gradient, channels, kind, true);
            assert!(error(&found, &expected) < 4e-7, "{kind:?}, {rows} rows of {channels}");
            let bias = error(&bias, &expected_bias);
            assert!(bias < 4e-7, "the error of the bias is {bias:e}: {kind:?}, {rows} rows of {channels}");
        }
    }
}

#[test]
fn activations_of_infinities_zeros_and_nan_are_those_of_their_definition() {
    let values = vec![f32::NEG_INFINITY, -0.0, 0.0, f32::INFINITY];
    assert_eq!(applied(values.clone(), Activation::Relu), [0.0, 0.0, 0.0, f32::INFINITY]);
    assert_eq!(applied(values.clone(), Activation::LeakyRelu), values);
    assert_eq!(applied(values, Activation::Tanh), [-1.0, 0.0, 0.0, 1.0]);
    for kind in ALL {
        assert!(applied(vec![f32::NAN], kind)[0].is_nan(), "{kind:?}");
    }
}

/// The difference in units of the last place of the expected value.
fn units(found: f32, expected: f64) -> f64 {
    let nearest = (expected as f32).abs();
    let unit = f64::from(nearest) - f64::from(f32::from_bits(nearest.to_bits().saturating_sub(1)));
    (f64::from(found) - expected).abs() / if unit > 0.0 { unit } else { f64::from(f32::from_bits(1)) }
}

#[test]
fn tanh_is_within_two_units_in_the_last_place() {
    // From 0 over subnormal values to 25, one in 499 of all values, and where the formula changes.
    let dense = (0..=25.0f32.to_bits()).step_by(499);
    let near = |x: f32| x.to_bits() - 2000..x.to_bits() + 2000;
    let values = dense.chain(near(0.625)).chain(near(9.0)).chain(near(10.0)).chain(near(20.0)).map(f32::from_bits);
    let values: Vec<f32> = values.chain([1e-45, f32::MIN_POSITIVE, 1e10, f32::MAX]).collect();
    let found = applied(values.clone(), Activation::Tanh);
    let mut largest = 0.0f64;
    for (x, y) in values.iter().zip(&found) {
        let units = units(*y, f64::from(*x).tanh());
        assert!(units <= 2.0, "tanh {x:e} is {y:e}, {units} units from its value");
        assert!(*y <= 1.0, "tanh {x:e} is {y:e}");
        largest = largest.max(units);
    }
    assert!(largest > 0.5, "the measure sees rounding");
    let negative = applied(values.iter().map(|x| -x).collect(), Activation::Tanh);
    assert!(negative.iter().zip(&found).all(|(a, b)| a.to_bits() == (-b).to_bits()), "tanh is odd, to the bit");
}

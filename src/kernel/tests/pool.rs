//! Poolings against plain loops in `f64`.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::super::pool::{PoolGeometry, Pooling, backward, forward};
use super::support::{error, pairs, uniform};

const ALL: [Pooling; 3] = [Pooling::Max, Pooling::Mean, Pooling::MeanWithPadding];

/// Maps with padding up to half a window, as PyTorch and Burn permit.
fn geometries() -> impl Strategy<Value = PoolGeometry> {
    let direction = (1usize..=9, 1usize..=4, 1usize..=4, 0usize..=2)
        .prop_map(|(input, window, stride, padding)| (input, window, stride, padding.min(window / 2)))
        .prop_filter("the window fits", |(input, window, _, padding)| *window <= input + 2 * padding);
    (1usize..=3, 1usize..=20, direction.clone(), direction).prop_map(|(batch, channels, rows, columns)| {
        let side = |(input, window, stride, padding)| (input + 2 * padding - window) / stride + 1;
        PoolGeometry {
            batch,
            channels,
            input: [rows.0, columns.0],
            output: [side(rows), side(columns)],
            window: [rows.1, columns.1],
            stride: [rows.2, columns.2],
            padding: [rows.3, columns.3],
        }
    })
}

/// The pooled maps, and the gradient of the input.
fn reference(values: &[f32], gradient: &[f32], geometry: PoolGeometry, pooling: Pooling) -> [Vec<f64>; 2] {
    let PoolGeometry { batch, channels, input, output, window, stride, padding } = geometry;
    let mut pooled = Vec::new();
    let mut gradients = vec![0.0; values.len()];
    for image in 0..batch {
        for (y, x) in pairs(output) {
            for channel in 0..channels {
                // The places of the pixels under the window, without padding.
                let places = pairs(window).filter_map(|(i, j)| {
                    let y = (y * stride[0] + i).checked_sub(padding[0]).filter(|y| *y < input[0])?;
                    let x = (x * stride[1] + j).checked_sub(padding[1]).filter(|x| *x < input[1])?;
                    Some(((image * input[0] + y) * input[1] + x) * channels + channel)
                });
                let places: Vec<usize> = places.collect();
                let slope = f64::from(gradient[pooled.len()]);
                if pooling == Pooling::Max {
                    let is_nan = |place: &usize| values[*place].is_nan();
                    let largest = places.iter().map(|place| values[*place]).fold(f32::NEG_INFINITY, f32::max);
                    let nan = places.iter().copied().find(is_nan);
                    let best = nan.or(places.iter().copied().find(|place| values[*place] == largest));
                    let best = best.expect("a window has a pixel");
                    pooled.push(f64::from(values[best]));
                    gradients[best] += slope;
                    continue;
                }
                let count = if pooling == Pooling::Mean { places.len() } else { window[0] * window[1] } as f64;
                pooled.push(places.iter().map(|place| f64::from(values[*place])).sum::<f64>() / count);
                places.iter().for_each(|place| gradients[*place] += slope / count);
            }
        }
    }
    [pooled, gradients]
}

#[test]
fn poolings_and_their_gradients_equal_a_plain_loop() {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&geometries(), |geometry| {
        let length = |side: [usize; 2]| geometry.batch * geometry.channels * side[0] * side[1];
        // Eighths, so that a window has several pixels with the largest value.
        let values: Vec<f32> = uniform(length(geometry.input), 1).iter().map(|x| (x * 4.0).round() / 8.0).collect();
        let gradient = uniform(length(geometry.output), 2);
        for pooling in ALL {
            let [pooled, gradients] = reference(&values, &gradient, geometry, pooling);
            let found = error(&forward(&values, geometry, pooling), &pooled);
            prop_assert!(found < 5e-7, "the error of {pooling:?} is {found:e}");
            let found = error(&backward(&values, &gradient, geometry, pooling), &gradients);
            prop_assert!(found < 5e-7, "the error of the gradient of {pooling:?} is {found:e}");
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn nan_and_infinities_pass_a_pooling_and_padding_never_is_the_largest() {
    // Windows of 3 pixels over a row of 6 with padding on both sides, for two channels.
    let geometry = PoolGeometry {
        batch: 1,
        channels: 2,
        input: [1, 6],
        output: [1, 3],
        window: [1, 3],
        stride: [1, 2],
        padding: [0, 1],
    };
    let (nan, low) = (f32::NAN, f32::NEG_INFINITY);
    let values = [-3.0, low, -2.0, low, nan, low, 5.0, -7.0, nan, low, 4.0, f32::INFINITY];
    let largest = forward(&values, geometry, Pooling::Max);
    assert_eq!(largest[..2], [-2.0, low]);
    assert!(largest[2].is_nan() && largest[4].is_nan());
    assert_eq!([largest[3], largest[5]], [-7.0, f32::INFINITY]);
    // To the first pixel that has the largest value; NaN counts as larger.
    let gradient = backward(&values, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0], geometry, Pooling::Max);
    assert_eq!(gradient, [0.0, 2.0, 1.0, 0.0, 4.0, 0.0, 0.0, 8.0, 16.0, 0.0, 0.0, 32.0]);
    for pooling in [Pooling::Mean, Pooling::MeanWithPadding] {
        let means = forward(&values, geometry, pooling);
        assert_eq!(means[0], if pooling == Pooling::Mean { -2.5 } else { -5.0 / 3.0 });
        assert!([2, 4, 5].into_iter().all(|at| means[at].is_nan()), "{means:?}");
        assert_eq!(means[1], low);
    }
}

//! Batch normalisation against `f64`, and its gradients against finite differences.

use super::super::norm::{Moments, apply, backward, moments};
use super::support::{error, uniform, wide};

const EPSILON: f64 = 1e-5;
/// The slopes below 0 of no activation, ReLU and leaky ReLU.
const SLOPES: [f32; 3] = [1.0, 0.0, 0.2];

/// γ and β of each channel.
fn parameters(channels: usize) -> [Vec<f32>; 2] {
    [uniform(channels, 10), uniform(channels, 11)]
}

/// Rows of values with the given deviation, and a mean of its own in each channel.
fn rows(count: usize, channels: usize, mean: f32, deviation: f32) -> Vec<f32> {
    let means = uniform(channels, 20);
    // Uniform values in [−1, 1) have the deviation 1/√3.
    let values = uniform(count * channels, 21).into_iter().enumerate();
    values.map(|(at, value)| mean * (1.0 + 0.1 * means[at % channels]) + deviation * value * 3f32.sqrt()).collect()
}

/// The mean and variance of one channel.
fn exact_moments(values: &[f64]) -> [f64; 2] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    [mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count]
}

/// A channel normalised with the given mean and variance, before the activation.
fn exact(values: &[f64], gamma: f64, beta: f64, [mean, variance]: [f64; 2], epsilon: f64) -> Vec<f64> {
    let scale = gamma / (variance + epsilon).sqrt();
    values.iter().map(|value| (value - mean) * scale + beta).collect()
}

/// The factor of an activation of two lines.
fn factor(z: f64, slope: f32) -> f64 {
    if z > 0.0 { 1.0 } else { f64::from(slope) }
}

/// The values of a channel.
fn column(values: &[f32], channel: usize, channels: usize) -> Vec<f64> {
    wide(&values.iter().skip(channel).step_by(channels).copied().collect::<Vec<f32>>())
}

#[test]
fn a_normalisation_keeps_its_digits_when_the_mean_is_much_larger_than_the_deviation() {
    for (count, channels) in [(2, 1), (7, 3), (300, 8), (20_011, 21)] {
        for (mean, deviation) in [(0.0, 1.0), (-5.0, 2.0), (1e3, 0.1), (-1e3, 10.0)] {
            let values = rows(count, channels, mean, deviation);
            let found = moments(&values, channels);
            for slope in SLOPES {
                let [gamma, beta] = parameters(channels);
                let output = apply(&values, &gamma, &beta, &found, EPSILON, slope);
                assert_eq!(output.len(), values.len());
                for channel in 0..channels {
                    let values = column(&values, channel, channels);
                    let exact_moments = exact_moments(&values);
                    let [mean, variance] = exact_moments;
                    let mean_error = (f64::from(found.mean[channel]) - mean).abs();
                    assert!(mean_error <= 1.2e-7 * mean.abs() + 1e-7, "the mean {mean} has the error {mean_error:e}");
                    let variance_error = (f64::from(found.variance[channel]) / variance - 1.0).abs();
                    assert!(variance_error < 2e-6, "the variance {variance} has the relative error {variance_error:e}");
                    let (gamma, beta) = (f64::from(gamma[channel]), f64::from(beta[channel]));
                    let expected = exact(&values, gamma, beta, exact_moments, EPSILON);
                    let expected = expected.into_iter().map(|z| z * factor(z, slope));
                    let output = column(&output, channel, channels);
                    // The mean is rounded to `f32`, and so is each step of the formula.
                    let tolerance = 1e-7 * (mean.abs() / (variance + EPSILON).sqrt() * gamma.abs() + 10.0);
                    for (found, expected) in output.into_iter().zip(expected) {
                        let error = (found - expected).abs();
                        assert!(error < tolerance, "{expected} has the error {error:e}, more than {tolerance:e}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_channel_of_equal_values_becomes_beta() {
    let values = vec![1234.567f32; 100 * 3];
    let found = moments(&values, 3);
    assert_eq!((found.mean, found.variance), (vec![1234.567; 3], vec![0.0; 3]));
    let moments = Moments { mean: vec![1234.567; 3], variance: vec![0.0; 3] };
    let output = apply(&values, &[2.0; 3], &[0.5, -1.0, 0.25], &moments, EPSILON, 0.2);
    assert!(output.chunks(3).all(|row| row == [0.5, -0.2, 0.25]));
    let gradients = backward(&values, &uniform(300, 1), &[2.0; 3], &[0.5; 3], &moments, EPSILON, 1.0);
    assert!(gradients.gamma.iter().all(|value| *value == 0.0));
    assert!(gradients.values.iter().all(|value| value.is_finite()));
}

#[test]
fn a_given_mean_and_variance_are_used_as_they_are() {
    let values = rows(50, 9, 3.0, 1.0);
    let (epsilon, slope) = (1e-3, 0.2);
    let [gamma, beta] = parameters(9);
    let given = Moments { mean: uniform(9, 30), variance: uniform(9, 31).iter().map(|x| x.abs()).collect() };
    let output = apply(&values, &gamma, &beta, &given, epsilon, slope);
    for channel in 0..9 {
        let (gamma, beta) = (f64::from(gamma[channel]), f64::from(beta[channel]));
        let moments = [f64::from(given.mean[channel]), f64::from(given.variance[channel])];
        let expected = exact(&column(&values, channel, 9), gamma, beta, moments, epsilon);
        let expected: Vec<f64> = expected.into_iter().map(|z| z * factor(z, slope)).collect();
        let found: Vec<f32> = output.iter().skip(channel).step_by(9).copied().collect();
        assert!(error(&found, &expected) < 6e-7);
    }
}

#[test]
fn gradients_of_a_normalisation_equal_finite_differences() {
    const STEP: f64 = 1e-6;
    for (count, channels, epsilon) in [(2, 3, 0.1), (7, 13, EPSILON), (100, 8, 0.1), (20_011, 9, EPSILON)] {
        // Among many values one is so near to 0 before the activation that its sign differs in f32.
        for slope in SLOPES.into_iter().filter(|&slope| count < 10_000 || slope == 1.0) {
            let [all_gamma, all_beta] = parameters(channels);
            let values = rows(count, channels, 5.0, 1.0);
            let gradient = uniform(count * channels, 40);
            let found = moments(&values, channels);
            let found = backward(&values, &gradient, &all_gamma, &all_beta, &found, epsilon, slope);
            assert_eq!(found.values.len(), values.len());
            // Of many rows a sample.
            let sample: Vec<usize> = (0..count).step_by(count.div_ceil(100)).collect();
            let mut expected = [vec![0.0; sample.len() * channels], Vec::new(), Vec::new()];
            for channel in 0..channels {
                let mut values = column(&values, channel, channels);
                let (gamma, beta) = (f64::from(all_gamma[channel]), f64::from(all_beta[channel]));
                // The side of the activation on which a value is stays: there is no derivative where it changes.
                let outputs = exact(&values, gamma, beta, exact_moments(&values), epsilon);
                let weights = column(&gradient, channel, channels).into_iter().zip(outputs);
                let weights: Vec<f64> = weights.map(|(weight, z)| weight * factor(z, slope)).collect();
                let loss = |values: &[f64], gamma: f64, beta: f64| -> f64 {
                    let outputs = exact(values, gamma, beta, exact_moments(values), epsilon);
                    outputs.iter().zip(&weights).map(|(output, weight)| output * weight).sum()
                };
                let slope = |upper: f64, lower: f64| (upper - lower) / (2.0 * STEP);
                expected[1].push(slope(loss(&values, gamma + STEP, beta), loss(&values, gamma - STEP, beta)));
                expected[2].push(slope(loss(&values, gamma, beta + STEP), loss(&values, gamma, beta - STEP)));
                for (index, &row) in sample.iter().enumerate() {
                    let value = values[row];
                    values[row] = value + STEP;
                    let upper = loss(&values, gamma, beta);
                    values[row] = value - STEP;
                    expected[0][index * channels + channel] = slope(upper, loss(&values, gamma, beta));
                    values[row] = value;
                }
            }
            let sampled = sample.iter().flat_map(|row| &found.values[row * channels..(row + 1) * channels]);
            let sampled: Vec<f32> = sampled.copied().collect();
            for (name, found, expected) in [
                ("values", sampled, &expected[0]),
                ("gamma", found.gamma, &expected[1]),
                ("beta", found.beta, &expected[2]),
            ] {
                let error = error(&found, expected);
                assert!(error < 3e-6, "the error of {name} is {error:e}: {count} rows of {channels}, slope {slope}");
            }
        }
    }
}

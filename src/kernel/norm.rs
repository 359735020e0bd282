//! Batch normalisation with the activation after it, on channels-last rows.
//!
//! Ioffe & Szegedy 2015 (arXiv 1502.03167), algorithm 1: y = γ · (x − mean) / √(variance + ε) + β, with the mean and the
//! variance (over n, not n − 1) of each channel over the batch and all pixels.

use super::activation::two_lines;
use super::lanes::{LANES, Lanes, ZERO, add, load, mul, scale_below_zero, store, sub};
use super::threads::{for_each, part_length, vectorized};

/// Into how many parts the rows are split; sums of the parts are added in order.
const PARTS: usize = 32;
/// Rows that are summed in `f32` before they are added in `f64`, at most.
const SUM_ROWS: usize = 64;
/// Values that are summed in `f32` before they are added in `f64`; they are meant to stay in the processor's nearest cache.
const BLOCK: usize = 4096;

/// The mean and variance of each channel.
pub(super) struct Moments {
    pub mean: Vec<f32>,
    pub variance: Vec<f32>,
}

/// Computes two sums per channel over all rows of `length` values, in an order that depends on the sizes alone. `terms`
/// gets a channel and the place of its value, and returns the terms of it and the next channels; places from its last
/// argument on are of the next row.
fn two_sums(length: usize, channels: usize, terms: impl Fn(usize, usize, usize) -> [Lanes; 2] + Sync) -> Vec<[f64; 2]> {
    let rows = length / channels;
    let part = part_length(rows, PARTS, channels);
    let block = (BLOCK / channels).clamp(8, SUM_ROWS);
    let mut sums = vec![[0.0f64; 2]; rows.div_ceil(part) * channels];
    for_each(sums.chunks_mut(channels).enumerate().collect(), |(index, sums): (usize, &mut [[f64; 2]])| {
        vectorized(
            #[inline(always)]
            || {
                let end = rows.min((index + 1) * part);
                for first in (index * part..end).step_by(block) {
                    for channel in (0..channels).step_by(LANES) {
                        let mut partial = [ZERO; 2];
                        for row in first..end.min(first + block) {
                            let terms = terms(channel, row * channels + channel, (row + 1) * channels);
                            partial = [add(partial[0], terms[0]), add(partial[1], terms[1])];
                        }
                        for ((sum, a), b) in sums[channel..].iter_mut().zip(partial[0]).zip(partial[1]) {
                            sum[0] += f64::from(a);
                            sum[1] += f64::from(b);
                        }
                    }
                }
            },
        );
    });
    let mut total = vec![[0.0; 2]; channels];
    for sums in sums.chunks(channels) {
        for (total, sum) in total.iter_mut().zip(sums) {
            total[0] += sum[0];
            total[1] += sum[1];
        }
    }
    total
}

/// The mean and variance of each channel, in one pass. The first row is subtracted first, so that a large mean does not
/// cost digits of the variance.
pub(super) fn moments(values: &[f32], channels: usize) -> Moments {
    let shift = &values[..channels];
    let sums = two_sums(
        values.len(),
        channels,
        #[inline(always)]
        |channel, at, end| {
            let x = sub(load(&values[..end], at), load(shift, channel));
            [x, mul(x, x)]
        },
    );
    let count = (values.len() / channels) as f64;
    let mut moments = Moments { mean: Vec::with_capacity(channels), variance: Vec::with_capacity(channels) };
    for ([sum, squares], shift) in sums.into_iter().zip(shift) {
        let mean = sum / count;
        moments.mean.push((f64::from(*shift) + mean) as f32);
        moments.variance.push((squares / count - mean * mean).max(0.0) as f32);
    }
    moments
}

/// The factor and the term of each channel with which the normalisation is factor · x + term.
pub(super) fn scale_and_shift(gamma: &[f32], beta: &[f32], moments: &Moments, epsilon: f64) -> (Vec<f32>, Vec<f32>) {
    let mut scales = Vec::with_capacity(gamma.len());
    let mut shifts = Vec::with_capacity(gamma.len());
    for (((gamma, beta), mean), variance) in gamma.iter().zip(beta).zip(&moments.mean).zip(&moments.variance) {
        let scale = f64::from(*gamma) / (f64::from(*variance) + epsilon).sqrt();
        scales.push(scale as f32);
        shifts.push((f64::from(*beta) - f64::from(*mean) * scale) as f32);
    }
    (scales, shifts)
}

/// Normalises every row with the [`Moments`] given, and applies the activation with the slope below 0.
pub(super) fn apply(
    values: &[f32],
    gamma: &[f32],
    beta: &[f32],
    moments: &Moments,
    epsilon: f64,
    slope: f32,
) -> Vec<f32> {
    let channels = gamma.len();
    let (scales, _) = scale_and_shift(gamma, beta, moments, epsilon);
    let mut result = vec![0.0; values.len()];
    let length = part_length(values.len() / channels, PARTS, channels) * channels;
    let parts = result.chunks_mut(length).zip(values.chunks(length)).collect();
    for_each(parts, |(result, values): (&mut [f32], &[f32])| {
        vectorized(
            #[inline(always)]
            || {
                for (result, row) in result.chunks_exact_mut(channels).zip(values.chunks_exact(channels)) {
                    let row = row.iter().zip(&moments.mean).zip(&scales).zip(beta);
                    for (y, (((x, mean), scale), beta)) in result.iter_mut().zip(row) {
                        // The mean is subtracted from the value, not from the shift: no digits are lost.
                        *y = two_lines((x - mean) * scale + beta, slope);
                    }
                }
            },
        );
    });
    result
}

/// The gradients of a normalisation with the batch's own [`Moments`].
pub(super) struct NormGradients {
    pub values: Vec<f32>,
    pub gamma: Vec<f32>,
    pub beta: Vec<f32>,
}

/// The gradients of `values`, γ and β (Ioffe & Szegedy 2015, section 3). The sign before the activation is computed
/// again from `values`.
pub(super) fn backward(
    values: &[f32],
    gradient: &[f32],
    gamma: &[f32],
    beta: &[f32],
    moments: &Moments,
    epsilon: f64,
    slope: f32,
) -> NormGradients {
    let channels = gamma.len();
    let (scales, _) = scale_and_shift(gamma, beta, moments, epsilon);
    let mean = &moments.mean[..];
    // Σ dz and Σ dz · (x − mean), where dz is the gradient before the activation.
    let sums = two_sums(
        values.len(),
        channels,
        #[inline(always)]
        |channel, at, end| {
            let centred = sub(load(&values[..end], at), load(mean, channel));
            let z = add(mul(centred, load(&scales, channel)), load(beta, channel));
            let dz = scale_below_zero(load(&gradient[..end], at), z, slope);
            [dz, mul(dz, centred)]
        },
    );
    let count = (values.len() / channels) as f64;
    let mut gradients = NormGradients { values: vec![0.0; values.len()], gamma: Vec::new(), beta: Vec::new() };
    let (mut means, mut slopes) = (Vec::new(), Vec::new());
    for ([sum, product], variance) in sums.into_iter().zip(&moments.variance) {
        let inverse = 1.0 / (f64::from(*variance) + epsilon).sqrt();
        gradients.beta.push(sum as f32);
        gradients.gamma.push((product * inverse) as f32);
        means.push((sum / count) as f32);
        slopes.push((product * inverse * inverse / count) as f32);
    }
    let length = part_length(values.len() / channels, PARTS, channels) * channels;
    let parts = gradients.values.chunks_mut(length).zip(values.chunks(length).zip(gradient.chunks(length))).collect();
    for_each(parts, |(result, (values, gradient)): (&mut [f32], (&[f32], &[f32]))| {
        vectorized(
            #[inline(always)]
            || {
                for (row, result) in result.chunks_exact_mut(channels).enumerate() {
                    let range = row * channels..(row + 1) * channels;
                    let (values, gradient) = (&values[range.clone()], &gradient[range]);
                    for channel in (0..channels).step_by(LANES) {
                        let centred = sub(load(values, channel), load(mean, channel));
                        let scale = load(&scales, channel);
                        let z = add(mul(centred, scale), load(beta, channel));
                        let dz = scale_below_zero(load(gradient, channel), z, slope);
                        let tilted = mul(centred, load(&slopes, channel));
                        let dx = mul(scale, sub(sub(dz, load(&means, channel)), tilted));
                        store(dx, result, channel);
                    }
                }
            },
        );
    });
    gradients
}

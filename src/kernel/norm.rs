//! Batch normalisation with the activation after it, on channels-last rows.
//!
//! Ioffe & Szegedy 2015 (arXiv 1502.03167), algorithm 1: y = γ · (x − mean) / √(variance + ε) + β, with the mean and the
//! variance (over n, not n − 1) of each channel over the batch and all pixels.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::activation::two_lines;
use super::buffer;
use super::threads::{for_each, part_length, vectorized};
use super::vector::{load, scale_below_zero, store};

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

/// Two sums for each channel, over rows of values: Σ w and Σ w · (x − centre), where w is x − centre itself, or the
/// gradient before the activation.
#[derive(Clone, Copy)]
struct TwoSums<'a> {
    values: &'a [f32],
    centre: &'a [f32],
    activated: Option<Activated<'a>>,
}

/// The gradient after the activation, and what tells on which side of 0 the activation's input was.
#[derive(Clone, Copy)]
struct Activated<'a> {
    gradient: &'a [f32],
    scales: &'a [f32],
    beta: &'a [f32],
    slope: f32,
}

impl Activated<'_> {
    /// The gradient before the activation of the values `at` in the slices, which belong to the channels from `channel`
    /// on and end at `end`.
    #[inline(always)]
    fn gradient<S: Simd>(&self, simd: S, centred: S::f32s, [channel, at, end]: [usize; 3]) -> S::f32s {
        let scaled = simd.mul_f32s(centred, load(simd, &self.scales[channel..]));
        let z = simd.add_f32s(scaled, load(simd, &self.beta[channel..]));
        scale_below_zero(simd, load(simd, &self.gradient[at..end]), z, simd.splat_f32s(self.slope))
    }
}

impl TwoSums<'_> {
    /// The sums over all rows, in an order that depends on the sizes alone.
    fn total(self) -> Vec<[f64; 2]> {
        let channels = self.centre.len();
        let rows = self.values.len() / channels;
        let part = part_length(rows, PARTS, channels);
        let mut sums = vec![[0.0f64; 2]; rows.div_ceil(part) * channels];
        for_each(sums.chunks_mut(channels).enumerate().collect(), |(index, sums): (usize, &mut [[f64; 2]])| {
            let rows = index * part..rows.min((index + 1) * part);
            Arch::new().dispatch(PartialSums { of: self, rows, sums });
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
}

/// The sums over some rows.
struct PartialSums<'a, 'b> {
    of: TwoSums<'a>,
    rows: Range<usize>,
    sums: &'b mut [[f64; 2]],
}

impl WithSimd for PartialSums<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { of: TwoSums { values, centre, activated }, rows, sums } = self;
        let channels = centre.len();
        let block = (BLOCK / channels).clamp(8, SUM_ROWS);
        for first in rows.clone().step_by(block) {
            for channel in (0..channels).step_by(S::F32_LANES) {
                let middle = load(simd, &centre[channel..]);
                let mut partial = [simd.splat_f32s(0.0); 2];
                for row in first..rows.end.min(first + block) {
                    let (at, end) = (row * channels + channel, (row + 1) * channels);
                    let centred = simd.sub_f32s(load(simd, &values[at..end]), middle);
                    let weight = match activated {
                        Some(activated) => activated.gradient(simd, centred, [channel, at, end]),
                        None => centred,
                    };
                    let product = simd.mul_f32s(weight, centred);
                    partial = [simd.add_f32s(partial[0], weight), simd.add_f32s(partial[1], product)];
                }
                // Values after the last channel are dropped with the rest of the vector.
                for (term, partial) in partial.into_iter().enumerate() {
                    let partial: &[f32] = bytemuck::cast_slice(std::slice::from_ref(&partial));
                    for (sum, value) in sums[channel..].iter_mut().zip(partial) {
                        sum[term] += f64::from(*value);
                    }
                }
            }
        }
    }
}

/// The mean and variance of each channel, in one pass. The first row is subtracted first, so that a large mean does not
/// cost digits of the variance.
pub(super) fn moments(values: &[f32], channels: usize) -> Moments {
    let shift = &values[..channels];
    let sums = TwoSums { values, centre: shift, activated: None }.total();
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
    let mut result = buffer::overwritten(values.len());
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
    let activated = Activated { gradient, scales: &scales, beta, slope };
    let sums = TwoSums { values, centre: mean, activated: Some(activated) }.total();
    let count = (values.len() / channels) as f64;
    let mut gradients =
        NormGradients { values: buffer::overwritten(values.len()), gamma: Vec::new(), beta: Vec::new() };
    let (mut means, mut slopes) = (Vec::new(), Vec::new());
    for ([sum, product], variance) in sums.into_iter().zip(&moments.variance) {
        let inverse = 1.0 / (f64::from(*variance) + epsilon).sqrt();
        gradients.beta.push(sum as f32);
        gradients.gamma.push((product * inverse) as f32);
        means.push((sum / count) as f32);
        slopes.push((product * inverse * inverse / count) as f32);
    }
    let length = part_length(values.len() / channels, PARTS, channels) * channels;
    let parts = gradients.values.chunks_mut(length).enumerate().collect();
    for_each(parts, |(index, result): (usize, &mut [f32])| {
        let (means, slopes) = (&means, &slopes);
        Arch::new().dispatch(InputGradient { values, mean, activated, means, slopes, first: index * length, result });
    });
    gradients
}

/// The gradient of the input for some rows.
struct InputGradient<'a, 'b> {
    values: &'a [f32],
    mean: &'a [f32],
    activated: Activated<'a>,
    /// The mean of the gradient before the activation, of each channel.
    means: &'a [f32],
    /// How much of x − mean is subtracted from the gradient.
    slopes: &'a [f32],
    /// Where the rows are.
    first: usize,
    result: &'b mut [f32],
}

impl WithSimd for InputGradient<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { values, mean, activated, means, slopes, first, result } = self;
        let channels = mean.len();
        for (row, result) in result.chunks_exact_mut(channels).enumerate() {
            let start = first + row * channels;
            for channel in (0..channels).step_by(S::F32_LANES) {
                let (at, end) = (start + channel, start + channels);
                let centred = simd.sub_f32s(load(simd, &values[at..end]), load(simd, &mean[channel..]));
                let dz = activated.gradient(simd, centred, [channel, at, end]);
                let tilted = simd.mul_f32s(centred, load(simd, &slopes[channel..]));
                let rest = simd.sub_f32s(simd.sub_f32s(dz, load(simd, &means[channel..])), tilted);
                let dx = simd.mul_f32s(load(simd, &activated.scales[channel..]), rest);
                store(simd, &mut result[channel..], dx);
            }
        }
    }
}

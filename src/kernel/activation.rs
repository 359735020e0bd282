//! Activations, with the bias before them, on channels-last values.

use super::buffer;
use super::threads::{for_each, part_length, vectorized};

/// Into how many parts a pass over values is split.
const PARTS: usize = 32;
/// Rows whose bias gradients are summed in `f32` before they are added in `f64`.
const SUM_ROWS: usize = 64;
/// Values that are computed in one loop, at least, if rows are shorter.
const VALUES_AT_ONCE: usize = 64;

/// An element-wise function after a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x.
    Identity,
    /// max(x, 0).
    Relu,
    /// x where x > 0, else x/5.
    LeakyRelu,
    /// tanh x.
    Tanh,
}

/// The negative slope of [`Activation::LeakyRelu`].
pub(super) const SLOPE: f32 = 0.2;

impl Activation {
    /// The slope below 0 of those that consist of two lines.
    pub(super) fn slope(self) -> Option<f32> {
        match self {
            Activation::Identity => Some(1.0),
            Activation::Relu => Some(0.0),
            Activation::LeakyRelu => Some(SLOPE),
            Activation::Tanh => None,
        }
    }
}

/// Adds `bias`, if there is one, to each row of `channels` values, and applies the activation, in place.
pub(super) fn forward(values: &mut [f32], channels: usize, bias: Option<&[f32]>, activation: Activation) {
    if bias.is_none() && activation == Activation::Identity {
        return;
    }
    let length = part_length(values.len() / channels, PARTS, channels) * channels;
    for_each(values.chunks_mut(length).collect(), |values: &mut [f32]| {
        vectorized(
            #[inline(always)]
            || match activation.slope() {
                Some(slope) => map(
                    values,
                    channels,
                    bias,
                    #[inline(always)]
                    |x| two_lines(x, slope),
                ),
                None => map(values, channels, bias, tanh),
            },
        );
    });
}

/// The gradient before the activation, from the values after it, and the gradient of the bias if it is wanted.
pub(super) fn backward(
    values: &[f32],
    gradient: &[f32],
    channels: usize,
    activation: Activation,
    wants_bias: bool,
) -> (Vec<f32>, Vec<f32>) {
    let mut result = buffer::overwritten(values.len());
    let length = part_length(values.len() / channels, PARTS, channels) * channels;
    let mut sums = vec![0.0; if wants_bias { values.len().div_ceil(length) * channels } else { 0 }];
    let mut sum = sums.chunks_mut(channels);
    let parts = result.chunks_mut(length).zip(values.chunks(length).zip(gradient.chunks(length)));
    let parts = parts.map(|(to, from)| (to, from, sum.next().unwrap_or_default())).collect();
    type Part<'a> = (&'a mut [f32], (&'a [f32], &'a [f32]), &'a mut [f64]);
    for_each(parts, |(result, (values, gradient), sum): Part<'_>| {
        vectorized(
            #[inline(always)]
            || {
                match activation.slope() {
                    Some(slope) => {
                        for ((to, y), dy) in result.iter_mut().zip(values).zip(gradient) {
                            *to = if *y > 0.0 { *dy } else { slope * dy };
                        }
                    }
                    None => {
                        for ((to, y), dy) in result.iter_mut().zip(values).zip(gradient) {
                            *to = (1.0 - y * y) * dy;
                        }
                    }
                }
                if !sum.is_empty() {
                    add_rows(result, sum);
                }
            },
        );
    });
    let mut bias = vec![0.0; if wants_bias { channels } else { 0 }];
    for sum in sums.chunks(channels) {
        bias.iter_mut().zip(sum).for_each(|(bias, sum)| *bias += sum);
    }
    (result, bias.into_iter().map(|sum: f64| sum as f32).collect())
}

/// Adds rows of values to `sums`, which has one for each channel.
#[inline(always)]
fn add_rows(values: &[f32], sums: &mut [f64]) {
    let channels = sums.len();
    // Several rows at once, as in `map`; each place belongs to one channel.
    let mut partial = vec![0.0f32; channels * VALUES_AT_ONCE.div_ceil(channels)];
    for block in values.chunks(SUM_ROWS * partial.len()) {
        partial.fill(0.0);
        for rows in block.chunks(partial.len()) {
            partial.iter_mut().zip(rows).for_each(|(partial, value)| *partial += value);
        }
        for row in partial.chunks(channels) {
            sums.iter_mut().zip(row).for_each(|(sum, partial)| *sum += f64::from(*partial));
        }
    }
}

/// Adds `bias`, if there is one, to each row of `channels` values, and applies `of`.
#[inline(always)]
fn map(values: &mut [f32], channels: usize, bias: Option<&[f32]>, of: impl Fn(f32) -> f32) {
    let Some(bias) = bias else {
        values.iter_mut().for_each(
            #[inline(always)]
            |x| *x = of(*x),
        );
        return;
    };
    // Several rows at once, so that few channels fill the processor's vectors too.
    let bias = bias.repeat(VALUES_AT_ONCE.div_ceil(channels));
    for rows in values.chunks_mut(bias.len()) {
        for (x, bias) in rows.iter_mut().zip(&bias) {
            *x = of(*x + bias);
        }
    }
}

/// x above 0, and `slope` · x below, for slopes from 0 to 1. NaN stays NaN, and −∞ becomes 0 for a slope of 0.
#[inline(always)]
pub(super) fn two_lines(x: f32, slope: f32) -> f32 {
    let below = if slope == 0.0 { 0.0 } else { slope * x };
    if x <= 0.0 { below } else { x }
}

/// tanh x, within 2 units in the last place, without branches, so that it is computed for many values at a time.
///
/// Below 0.625 a polynomial in x², and above 1 − 2 / (e^2x + 1), both as in the Cephes library of S. Moshier (`tanhf.c`,
/// `expf.c`), whose coefficients these are.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let square = x * x;
    let mut small = -5.704_988_7e-3;
    for coefficient in [2.063_909e-2, -5.373_971_5e-2, 1.333_144_2e-1, -3.333_328e-1] {
        small = small * square + coefficient;
    }
    let small = size + size * (small * square);
    // From 9 on, tanh x is 1 in f32.
    let large = 1.0 - 2.0 / (exp(2.0 * size.min(10.0)) + 1.0);
    let result = if size < 0.625 { small } else { large };
    // NaN stays NaN: both branches come from it.
    if x.is_nan() { x } else { result.copysign(x) }
}

/// e^x for x from 0 to 80.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // The next integer n to x / ln 2, without a conversion to an integer, which would not be computed for many values at
    // a time: added to 1.5 · 2²³, a small number is rounded to an integer, which is then in the last bits.
    const ROUND: f32 = 12_582_912.0;
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    // x = n · ln 2 + rest, with ln 2 in two parts so that the rest is exact.
    let rest = x - n * 0.693_359_4 - n * -2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        sum = sum * rest + coefficient;
    }
    let fraction = sum * rest * rest + rest + 1.0;
    // 2ⁿ: n + 127 in the bits of the exponent.
    fraction * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

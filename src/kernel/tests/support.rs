//! Values, measures of error and plain loops in `f64`, which the tests of several kernels share.

use super::super::geometry::Geometry;

/// `length` values in [−1, 1), the same ones for the same seed.
pub(super) fn uniform(length: usize, seed: u64) -> Vec<f32> {
    // A linear congruential generator (Knuth, MMIX); its first values depend little on the seed.
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
    };
    (0..length + 8).map(|_| next()).skip(8).collect()
}

/// The bits of values, so that equal means equal bit for bit, also for NaN and −0.
pub(super) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// The values in `f64`.
pub(super) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// The largest difference, relative to the largest expected value; infinite if a value is NaN or one is missing.
pub(super) fn error(found: &[f32], expected: &[f64]) -> f64 {
    if found.len() != expected.len() || found.iter().any(|value| value.is_nan()) {
        return f64::INFINITY;
    }
    let largest = expected.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    let pairs = found.iter().zip(expected);
    let difference = pairs.fold(0.0f64, |largest, (a, b)| largest.max((f64::from(*a) - b).abs()));
    if difference == 0.0 { 0.0 } else { difference / largest }
}

/// The sides and weights of a convolution, each computed from the other two.
pub(super) struct Convolution {
    pub large: Vec<f64>,
    pub small: Vec<f64>,
    pub weight: Vec<f64>,
}

/// The three convolutions of `geometry`, pixel by pixel.
pub(super) fn convolution(geometry: &Geometry, large: &[f32], small: &[f32], weight: &[f32]) -> Convolution {
    let Geometry { batch, kernel, stride, padding, large_channels, small_channels, .. } = *geometry;
    let (large, small, weight) = (wide(large), wide(small), wide(weight));
    let mut result = Convolution {
        large: vec![0.0; geometry.large_len()],
        small: vec![0.0; geometry.small_len()],
        weight: vec![0.0; geometry.weight_len()],
    };
    // The pixel of the large side under the kernel, in one direction; `None` in the padding.
    let pixel = |direction: usize, at: usize, tap: usize| {
        let pixel = (at * stride[direction] + tap).checked_sub(padding[direction])?;
        (pixel < geometry.large[direction]).then_some(pixel)
    };
    for image in 0..batch {
        for (y, x) in pairs(geometry.small) {
            let at_small = ((image * geometry.small[0] + y) * geometry.small[1] + x) * small_channels;
            for (i, j) in pairs(kernel) {
                let (Some(top), Some(left)) = (pixel(0, y, i), pixel(1, x, j)) else { continue };
                let at_large = ((image * geometry.large[0] + top) * geometry.large[1] + left) * large_channels;
                for (to, from) in pairs([small_channels, large_channels]) {
                    let tap = ((to * large_channels + from) * kernel[0] + i) * kernel[1] + j;
                    result.small[at_small + to] += large[at_large + from] * weight[tap];
                    result.large[at_large + from] += small[at_small + to] * weight[tap];
                    result.weight[tap] += large[at_large + from] * small[at_small + to];
                }
            }
        }
    }
    result
}

/// All pairs of indices below two sizes.
pub(super) fn pairs([rows, columns]: [usize; 2]) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

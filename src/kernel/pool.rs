//! Poolings of channels-last maps.

use super::buffer;
use super::threads::{for_each, vectorized};

/// What a pooling makes of the pixels under its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// The largest value; padding never wins.
    Max,
    /// The mean of the pixels of the map; padding does not count.
    Mean,
    /// The sum of the pixels of the map, divided by the size of the window: padding counts as zeros.
    MeanWithPadding,
}

/// The sizes of a pooling.
#[derive(Clone, Copy, Debug)]
pub(super) struct PoolGeometry {
    pub batch: usize,
    pub channels: usize,
    /// Height and width of the input.
    pub input: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
    pub window: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
}

impl PoolGeometry {
    fn input_image(&self) -> usize {
        self.input[0] * self.input[1] * self.channels
    }

    fn output_row(&self) -> usize {
        self.output[1] * self.channels
    }

    /// The pixels under the window at `at`, in one direction.
    #[inline(always)]
    fn pixels(&self, direction: usize, at: usize) -> std::ops::Range<usize> {
        let start = at * self.stride[direction];
        let end = (start + self.window[direction]).saturating_sub(self.padding[direction]);
        start.saturating_sub(self.padding[direction])..end.min(self.input[direction])
    }

    /// What a mean is divided by.
    fn divisor(&self, pooling: Pooling, pixels: usize) -> f32 {
        match pooling {
            Pooling::MeanWithPadding => (self.window[0] * self.window[1]) as f32,
            Pooling::Max | Pooling::Mean => pixels as f32,
        }
    }
}

/// The pooled maps.
pub(super) fn forward(values: &[f32], geometry: PoolGeometry, pooling: Pooling) -> Vec<f32> {
    let channels = geometry.channels;
    let mut result = buffer::overwritten(geometry.batch * geometry.output[0] * geometry.output_row());
    let parts =
        result.chunks_mut(geometry.output[0] * geometry.output_row()).zip(values.chunks(geometry.input_image()));
    for_each(parts.collect(), |(result, image): (&mut [f32], &[f32])| {
        vectorized(
            #[inline(always)]
            || {
                for (y, row) in result.chunks_mut(geometry.output_row()).enumerate() {
                    let ys = geometry.pixels(0, y);
                    for (x, to) in row.chunks_mut(channels).enumerate() {
                        let xs = geometry.pixels(1, x);
                        to.fill(if pooling == Pooling::Max { f32::NEG_INFINITY } else { 0.0 });
                        for y in ys.clone() {
                            for x in xs.clone() {
                                let start = (y * geometry.input[1] + x) * channels;
                                let pixel = &image[start..start + channels];
                                match pooling {
                                    Pooling::Max => take_larger(to, pixel),
                                    _ => to.iter_mut().zip(pixel).for_each(|(to, x)| *to += x),
                                }
                            }
                        }
                        if pooling != Pooling::Max {
                            let divisor = geometry.divisor(pooling, ys.len() * xs.len());
                            to.iter_mut().for_each(|to| *to /= divisor);
                        }
                    }
                }
            },
        );
    });
    result
}

/// The gradient of the input. That of a maximum goes to the first of the pixels that have it.
pub(super) fn backward(values: &[f32], gradient: &[f32], geometry: PoolGeometry, pooling: Pooling) -> Vec<f32> {
    let channels = geometry.channels;
    let mut result = buffer::zeros(values.len());
    let images = values.chunks(geometry.input_image()).zip(gradient.chunks(geometry.output[0] * geometry.output_row()));
    let parts = result.chunks_mut(geometry.input_image()).zip(images).collect();
    for_each(parts, |(result, (image, gradient)): (&mut [f32], (&[f32], &[f32]))| {
        let (mut largest, mut rest) = (vec![0.0; channels], vec![0.0; channels]);
        vectorized(
            #[inline(always)]
            || {
                for (y, row) in gradient.chunks(geometry.output_row()).enumerate() {
                    let ys = geometry.pixels(0, y);
                    for (x, dy) in row.chunks(channels).enumerate() {
                        let xs = geometry.pixels(1, x);
                        if pooling == Pooling::Max {
                            // The maximum again, and what is left of the gradient after its first pixel.
                            largest.fill(f32::NEG_INFINITY);
                            rest.copy_from_slice(dy);
                            for y in ys.clone() {
                                for x in xs.clone() {
                                    let start = (y * geometry.input[1] + x) * channels;
                                    take_larger(&mut largest, &image[start..start + channels]);
                                }
                            }
                            for y in ys.clone() {
                                for x in xs.clone() {
                                    let start = (y * geometry.input[1] + x) * channels;
                                    let to = &mut result[start..start + channels];
                                    give_to_largest(to, &mut rest, &image[start..start + channels], &largest);
                                }
                            }
                            continue;
                        }
                        let divisor = geometry.divisor(pooling, ys.len() * xs.len());
                        for y in ys.clone() {
                            for x in xs.clone() {
                                let start = (y * geometry.input[1] + x) * channels;
                                let pixel = &mut result[start..start + channels];
                                pixel.iter_mut().zip(dy).for_each(|(pixel, dy)| *pixel += dy / divisor);
                            }
                        }
                    }
                }
            },
        );
    });
    result
}

/// The larger value of each pair. NaN wins, as in PyTorch.
#[inline(always)]
fn take_larger(largest: &mut [f32], values: &[f32]) {
    for (largest, x) in largest.iter_mut().zip(values) {
        *largest = if *largest >= *x || largest.is_nan() { *largest } else { *x };
    }
}

/// Adds what is left of the gradients where a value is the largest, or NaN; then nothing is left of them.
#[inline(always)]
fn give_to_largest(to: &mut [f32], rest: &mut [f32], values: &[f32], largest: &[f32]) {
    for (((to, rest), x), largest) in to.iter_mut().zip(rest).zip(values).zip(largest) {
        let is_largest = *x == *largest || x.is_nan();
        *to += if is_largest { *rest } else { 0.0 };
        *rest = if is_largest { 0.0 } else { *rest };
    }
}

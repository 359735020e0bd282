//! The transform of the weights, and that of their gradient.

use super::planes::Planes;
use super::tile::four;
use super::{PIXELS, POINTS, PlanePhase, Winograd};
use crate::kernel::buffer;
use crate::kernel::lanes::{LANES, Lanes, ZERO};
use crate::kernel::threads::{for_each, part_length, vectorized};

/// Into how many parts the output channels are split.
const PARTS: usize = 32;

/// The taps of a phase, at most 3×3.
type Taps = [[Lanes; 3]; 3];

impl Winograd {
    /// The weights `[small, large, height, width]` → per point `[small, phases · large]`.
    pub(super) fn transform_filter(&self, weight: &[f32], result: &mut [f32], planes: &Planes) {
        let channels = self.geometry.large_channels;
        let [height, width] = self.geometry.kernel;
        let filter = channels * height * width;
        let rows = part_length(self.geometry.small_channels, PARTS, POINTS * POINTS * channels);
        let parts = planes.split_rows(result, rows);
        let parts = parts.into_iter().zip(weight.chunks(rows * filter)).collect();
        for_each(parts, |(mut part, weights): (Vec<&mut [f32]>, &[f32])| {
            vectorized(
                #[inline(always)]
                || {
                    for (row, filters) in weights.chunks(filter).enumerate() {
                        for (chunk, filters) in filters.chunks(LANES * height * width).enumerate() {
                            let mut pixels = [ZERO; PIXELS];
                            for (lane, filter) in filters.chunks_exact(height * width).enumerate() {
                                for (pixel, value) in pixels.iter_mut().zip(filter) {
                                    pixel[lane] = *value;
                                }
                            }
                            for phase in &self.phases {
                                let points = transform(self.load_taps(&pixels, phase));
                                for point in (0..POINTS * POINTS).filter(|&point| phase.has(point)) {
                                    let start = row * planes.lengths[point] + phase.place[point] * channels;
                                    let to = &mut part[point][start..start + channels][chunk * LANES..];
                                    for (to, value) in to.iter_mut().zip(points[point / POINTS][point % POINTS]) {
                                        *to = value;
                                    }
                                }
                            }
                        }
                    }
                },
            );
        });
    }

    /// The gradients of the transformed weights → those of the weights.
    pub(super) fn inverse_filter(&self, gradient: &[f32], planes: &Planes) -> Vec<f32> {
        let channels = self.geometry.large_channels;
        let [height, width] = self.geometry.kernel;
        let filter = channels * height * width;
        let mut result = buffer::overwritten(self.geometry.weight_len());
        let rows = part_length(self.geometry.small_channels, PARTS, POINTS * POINTS * channels);
        let parts = result.chunks_mut(rows * filter).enumerate().collect();
        for_each(parts, |(index, weights): (usize, &mut [f32])| {
            vectorized(
                #[inline(always)]
                || {
                    for (row, filters) in weights.chunks_mut(filter).enumerate() {
                        let row = index * rows + row;
                        for (chunk, filters) in filters.chunks_mut(LANES * height * width).enumerate() {
                            let mut pixels = [ZERO; PIXELS];
                            for phase in &self.phases {
                                let mut points = [[[0.0; LANES]; POINTS]; POINTS];
                                for point in (0..POINTS * POINTS).filter(|&point| phase.has(point)) {
                                    let start = planes.starts[point]
                                        + row * planes.lengths[point]
                                        + phase.place[point] * channels;
                                    let from = &gradient[start..start + channels][chunk * LANES..];
                                    for (to, &value) in points[point / POINTS][point % POINTS].iter_mut().zip(from) {
                                        *to = value;
                                    }
                                }
                                self.store_taps(inverse(points), &mut pixels, phase);
                            }
                            for (lane, filter) in filters.chunks_exact_mut(height * width).enumerate() {
                                for (value, pixel) in filter.iter_mut().zip(&pixels) {
                                    *value = pixel[lane];
                                }
                            }
                        }
                    }
                },
            );
        });
        result
    }

    #[inline(always)]
    fn load_taps(&self, pixels: &[Lanes; PIXELS], phase: &PlanePhase) -> Taps {
        let mut taps = [[ZERO; 3]; 3];
        for (i, taps) in taps.iter_mut().enumerate().take(phase.rows.taps) {
            for (j, tap) in taps.iter_mut().enumerate().take(phase.columns.taps) {
                *tap = pixels[self.pixel(phase, i, j)];
            }
        }
        taps
    }

    #[inline(always)]
    fn store_taps(&self, taps: Taps, pixels: &mut [Lanes; PIXELS], phase: &PlanePhase) {
        for (i, taps) in taps.iter().enumerate().take(phase.rows.taps) {
            for (j, tap) in taps.iter().enumerate().take(phase.columns.taps) {
                pixels[self.pixel(phase, i, j)] = *tap;
            }
        }
    }

    /// The pixel of the kernel of a phase's tap.
    #[inline(always)]
    fn pixel(&self, phase: &PlanePhase, i: usize, j: usize) -> usize {
        let stride = self.geometry.stride;
        (phase.rows.first + i * stride[0]) * self.geometry.kernel[1] + phase.columns.first + j * stride[1]
    }
}

/// G g Gᵀ.
#[inline(always)]
fn transform(taps: Taps) -> [[Lanes; POINTS]; POINTS] {
    let columns = three(
        #[inline(always)]
        |j| expand([taps[0][j], taps[1][j], taps[2][j]]),
    );
    four(
        #[inline(always)]
        |i| expand([columns[0][i], columns[1][i], columns[2][i]]),
    )
}

/// Gᵀ u G.
#[inline(always)]
fn inverse(points: [[Lanes; POINTS]; POINTS]) -> Taps {
    let columns = four(
        #[inline(always)]
        |j| contract([points[0][j], points[1][j], points[2][j], points[3][j]]),
    );
    three(
        #[inline(always)]
        |i| contract([columns[0][i], columns[1][i], columns[2][i], columns[3][i]]),
    )
}

#[inline(always)]
fn three<T>(of: impl Fn(usize) -> T) -> [T; 3] {
    [of(0), of(1), of(2)]
}

/// ½ (a + sign · b).
#[inline(always)]
fn half(mut a: Lanes, sign: f32, b: Lanes) -> Lanes {
    for (a, b) in a.iter_mut().zip(b) {
        *a = 0.5 * (*a + sign * b);
    }
    a
}

#[inline(always)]
fn sum(mut a: Lanes, sign: f32, b: Lanes) -> Lanes {
    for (a, b) in a.iter_mut().zip(b) {
        *a += sign * b;
    }
    a
}

/// G g: the values of a filter with three taps at the points 0, 1, −1 and ∞; those at ±1 are halved.
#[inline(always)]
fn expand(taps: [Lanes; 3]) -> [Lanes; POINTS] {
    let [first, middle, last] = taps;
    let outer = sum(first, 1.0, last);
    [first, half(outer, 1.0, middle), half(outer, -1.0, middle), last]
}

/// Gᵀ u.
#[inline(always)]
fn contract(points: [Lanes; POINTS]) -> [Lanes; 3] {
    let [zero, plus, minus, infinity] = points;
    let even = half(plus, 1.0, minus);
    [sum(zero, 1.0, even), half(plus, -1.0, minus), sum(even, 1.0, infinity)]
}

//! The transform of the weights, and that of their gradient.

use super::tile::four;
use super::{POINTS, PlanePhase, Planes, Winograd};
use crate::kernel::buffer;
use crate::kernel::lanes::{LANES, Lanes};
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
                            for phase in &self.phases {
                                let taps = self.load_taps(filters, phase);
                                let points = transform(taps);
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
                                self.store_taps(inverse(points), filters, phase);
                            }
                        }
                    }
                },
            );
        });
        result
    }

    #[inline(always)]
    fn load_taps(&self, filters: &[f32], phase: &PlanePhase) -> Taps {
        let ([height, width], stride) = (self.geometry.kernel, self.geometry.stride);
        let mut taps = [[[0.0; LANES]; 3]; 3];
        for (lane, filter) in filters.chunks(height * width).enumerate() {
            for (i, taps) in taps.iter_mut().enumerate().take(phase.rows.taps) {
                for (j, tap) in taps.iter_mut().enumerate().take(phase.columns.taps) {
                    let at = (phase.rows.first + i * stride[0]) * width + phase.columns.first + j * stride[1];
                    tap[lane] = filter[at];
                }
            }
        }
        taps
    }

    #[inline(always)]
    fn store_taps(&self, taps: Taps, filters: &mut [f32], phase: &PlanePhase) {
        let ([height, width], stride) = (self.geometry.kernel, self.geometry.stride);
        for (lane, filter) in filters.chunks_mut(height * width).enumerate() {
            for (i, taps) in taps.iter().enumerate().take(phase.rows.taps) {
                for (j, tap) in taps.iter().enumerate().take(phase.columns.taps) {
                    let at = (phase.rows.first + i * stride[0]) * width + phase.columns.first + j * stride[1];
                    filter[at] = tap[lane];
                }
            }
        }
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

//! Rows around a common centre in f32, and bounds of the distances that their products give.
//!
//! With x and y centred and rounded to f32, |x − y|² = |x|² + |y|² − 2x·y. What is computed differs from the squared
//! distance that [`squared_distances`](super::squared_distances) returns, by at most η(|x|² + |y|²) + a. In
//! η = γ + 5u + 4(d + 8)v, u is 2⁻²⁴ and v is 2⁻⁵³, the unit roundoffs of f32 and f64, and the terms are:
//!
//! - γ = du / (1 − du): a sum of d products in f32, in any order, with or without fused operations, is off by at most γ
//!   times the sum of their absolute values (Higham 2002, section 3.1), which is at most |x||y|, and 2|x||y| is at most
//!   |x|² + |y|².
//! - 5u: rounding moves each row by at most 1.01u times its norm, so the squared distance changes by at most
//!   1.01u(|x| + |y|)(2 + 1.01u)(|x| + |y|), and (|x| + |y|)² is at most 2(|x|² + |y|²).
//! - 4(d + 8)v: the norms and the returned sum have d terms in f64, and a few more operations follow.
//!
//! Values below 2⁻¹²⁶ may be lost. As no value of a row exceeds 1, a = 2d·2⁻¹²¹ covers that.

use std::ops::Range;

use rayon::prelude::*;

use super::super::rows::Rows;
use crate::kernel::{Matrix, Onto, product};

/// Rows whose mean one task adds up.
const SUMMED: usize = 256;

/// What is subtracted from features, and the power of two by which they are multiplied then.
pub(super) struct Frame {
    centre: Vec<f64>,
    scale: f64,
}

impl Frame {
    /// The centre of sets of one dimension is the mean of their means. Any other would be correct; near the rows, the
    /// bounds are narrow.
    pub(super) fn new(sets: &[&Rows]) -> Self {
        let mut centre = vec![0.0; sets.first().map_or(0, |rows| rows.dimension())];
        let mut largest = 0.0f32;
        for rows in sets {
            let weight = 1.0 / (rows.count() * sets.len()) as f64;
            for (sums, of_part) in sums(rows) {
                centre.iter_mut().zip(sums).for_each(|(centre, sum)| *centre += weight * sum);
                largest = largest.max(of_part);
            }
        }
        Self { centre, scale: scale(largest) }
    }

    /// The factor of squared distances.
    pub(super) fn squared_scale(&self) -> f64 {
        self.scale * self.scale
    }
}

/// For each part of a set, the sum of its rows and the largest absolute value.
fn sums(rows: &Rows) -> Vec<(Vec<f64>, f32)> {
    let parts: Vec<usize> = (0..rows.count()).step_by(SUMMED).collect();
    let sum = |first: usize| {
        let (mut sums, mut largest) = (vec![0.0; rows.dimension()], 0.0f32);
        for i in first..rows.count().min(first + SUMMED) {
            for (sum, &value) in sums.iter_mut().zip(rows.row(i)) {
                *sum += f64::from(value);
                largest = largest.max(value.abs());
            }
        }
        (sums, largest)
    };
    parts.into_par_iter().map(sum).collect()
}

/// A power of two, so that multiplying by it is exact. The difference of two values of at most `largest`, multiplied by
/// it, is at most 1, so that no product overflows.
fn scale(largest: f32) -> f64 {
    if largest == 0.0 {
        return 1.0;
    }
    // The exponent alone: the largest power of two that is not above the value. Each f32 is a normal f64.
    let power = f64::from_bits(f64::from(largest).to_bits() & f64::INFINITY.to_bits());
    0.25 / power
}

/// Rows in a [`Frame`].
pub(super) struct Centred {
    values: Vec<f32>,
    dimension: usize,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Centred {
    /// A copy of these rows in f32: as large as the features.
    pub(super) fn new(rows: &Rows, frame: &Frame) -> Self {
        let dimension = rows.dimension();
        let mut values = vec![0.0f32; rows.count() * dimension];
        let (relative, absolute) = error(dimension);
        let bounds = values.par_chunks_mut(dimension).enumerate().map(|(i, centred)| {
            for ((centred, &value), centre) in centred.iter_mut().zip(rows.row(i)).zip(&frame.centre) {
                *centred = ((f64::from(value) - centre) * frame.scale) as f32;
            }
            let square = sum_of_squares(centred);
            (square - relative * square - absolute, square + relative * square + absolute)
        });
        let (low, high) = bounds.unzip();
        Self { values, dimension, low, high }
    }

    /// For each row x, |x|² minus its part of the error. [`Centred::bounds`] adds two of them.
    pub(super) fn low(&self) -> &[f64] {
        &self.low
    }

    /// The bounds of the scaled squared distance between a row and a row of another set in the same frame, from their
    /// dot product.
    pub(super) fn bounds(&self, i: usize, other: &Self, j: usize, product: f32) -> (f64, f64) {
        let twice = 2.0 * f64::from(product);
        (self.low[i] + other.low[j] - twice, self.high[i] + other.high[j] - twice)
    }

    /// The dot products of these rows with these rows of another set, row by row.
    pub(super) fn products(&self, rows: &Range<usize>, other: &Self, columns: &Range<usize>) -> Vec<f32> {
        let (n, m, d) = (rows.len(), columns.len(), self.dimension);
        let mut products = vec![0.0f32; n * m];
        let left = &self.values[rows.start * d..rows.end * d];
        let right = &other.values[columns.start * d..columns.end * d];
        assert_eq!(d, other.dimension, "both sets have the same dimension");
        product(&mut products, Matrix::new(left, n, d), Matrix::new(right, m, d).transposed(), Onto::Replace);
        products
    }
}

/// The sum of squares, with independent sums so that the compiler uses SIMD.
fn sum_of_squares(row: &[f32]) -> f64 {
    let mut sums = [0.0f64; 8];
    let (chunks, rest) = row.as_chunks::<8>();
    for chunk in chunks {
        for (sum, &value) in sums.iter_mut().zip(chunk) {
            *sum += f64::from(value) * f64::from(value);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>()
}

/// η, and half of a: the error for one of the two rows.
fn error(dimension: usize) -> (f64, f64) {
    /// Unit roundoff of f32.
    const U: f64 = (f32::EPSILON / 2.0) as f64;
    /// Unit roundoff of f64.
    const V: f64 = f64::EPSILON / 2.0;
    let d = dimension as f64;
    // With millions of dimensions a sum in f32 can be arbitrarily wrong; then nothing is decided by it.
    let gamma = if d * U < 0.5 { d * U / (1.0 - d * U) } else { 1e30 };
    (gamma + 5.0 * U + 4.0 * (d + 8.0) * V, d * 2f64.powi(-121))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_a_power_of_two_that_keeps_differences_at_most_one() {
        let smallest = f32::from_bits(1);
        for largest in [f32::MAX, 1e30, 3.0, 2.0, 1.0, 0.75, 1e-30, f32::MIN_POSITIVE, smallest] {
            let scale = scale(largest);
            assert_eq!(scale.to_bits() & ((1 << 52) - 1), 0, "{largest:e}");
            let difference = 2.0 * f64::from(largest) * scale;
            assert!((0.5..=1.0).contains(&difference), "{largest:e}: {difference}");
        }
        assert_eq!(scale(0.0), 1.0);
    }

    #[test]
    fn every_distance_is_within_its_bounds() {
        // Values of many magnitudes, and rows near each other and far from the centre.
        for (d, offset) in [(1, 0.0), (2, 1e3), (33, 0.0), (300, 1e4), (2048, 0.0), (2048, 1e3)] {
            let value = |at: usize| {
                let bits = (at as u32).wrapping_mul(0x9E37_79B9) ^ ((at as u32) >> 7).wrapping_mul(0x85EB_CA6B);
                let side = if (at / d).is_multiple_of(2) { offset } else { -offset };
                side + (f64::from(bits >> 8) / f64::from(1 << 23) - 1.0) * 10f64.powi((bits % 5) as i32 - 3)
            };
            let values: Vec<f32> = (0..60 * d).map(|at| value(at) as f32).collect();
            let rows = Rows::new(&values, d).unwrap();
            let frame = Frame::new(&[&rows]);
            let centred = Centred::new(&rows, &frame);
            let products = centred.products(&(0..60), &centred, &(0..60));
            let mut distances = Vec::new();
            for i in 0..60 {
                super::super::squared_distances(rows.row(i), &rows, &(0..60).collect::<Vec<_>>(), &mut distances);
                for (j, distance) in distances.iter().enumerate() {
                    let (low, high) = centred.bounds(i, &centred, j, products[i * 60 + j]);
                    let scaled = distance * frame.squared_scale();
                    assert!(low <= scaled && scaled <= high, "{d}, {i}, {j}: {low}, {scaled}, {high}");
                }
            }
        }
    }
}

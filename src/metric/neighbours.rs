//! Balls around feature vectors, whose radius is the distance to a neighbour, and the vectors inside them.
//!
//! Every decision is that of [`squared_distances`], in f64. Products of blocks in f32 are several times as fast; they
//! give bounds of each distance ([`centred`]), and only the pairs that the bounds cannot decide are computed in f64. So
//! the results do not depend on the processor, on the order of the products, or on the number of threads.

use std::ops::Range;

use super::rows::Rows;

mod centred;
mod membership;
mod radii;

pub(super) use membership::{Balls, Membership, Side, memberships};
pub(super) use radii::radii;

/// Rows of a block at most. Larger blocks are not faster, and of a block on the diagonal half is computed in vain.
const LARGEST_BLOCK: usize = 256;

/// Rows of a block at least: the products of smaller ones are slow.
const SMALLEST_BLOCK: usize = 128;

/// Pairs whose distances are computed together.
const TOGETHER: usize = 4;

/// Replaces the content of `into` by the squared distances from a row to the rows of a set with these indices.
///
/// Each is one sum over the dimensions, from the first to the last. It is symmetric, and 0 for equal rows. Several
/// sums are computed at a time, since the additions of one have to wait for each other.
fn squared_distances(row: &[f32], rows: &Rows, indices: &[usize], into: &mut Vec<f64>) {
    into.clear();
    for together in indices.chunks(TOGETHER) {
        // The places that are left compute the last one again.
        let row_at = |at: usize| &rows.row(together[at.min(together.len() - 1)])[..row.len()];
        let others: [&[f32]; TOGETHER] = std::array::from_fn(row_at);
        let mut sums = [0.0f64; TOGETHER];
        for (at, &value) in row.iter().enumerate() {
            let value = f64::from(value);
            for (sum, other) in sums.iter_mut().zip(others) {
                let difference = value - f64::from(other[at]);
                *sum += difference * difference;
            }
        }
        into.extend_from_slice(&sums[..together.len()]);
    }
}

/// Blocks of these rows: several for each thread, if there are enough rows.
fn blocks(rows: Range<usize>) -> Vec<Range<usize>> {
    let size = rows.len().div_ceil(4 * rayon::current_num_threads()).clamp(SMALLEST_BLOCK, LARGEST_BLOCK);
    rows.clone().step_by(size).map(|first| first..rows.end.min(first + size)).collect()
}

/// A threshold for each column of a row of products: `row + columns[at]`.
#[derive(Clone, Copy)]
struct Thresholds<'a> {
    row: f64,
    columns: &'a [f64],
}

/// Replaces the content of `into` by the columns whose product is above at least one of two thresholds.
fn columns_above(products: &[f32], first: Thresholds, second: Thresholds, into: &mut Vec<usize>) {
    /// Columns that are compared together: mostly none of them is above.
    const CHUNK: usize = 16;
    into.clear();
    let columns = first.columns.chunks(CHUNK).zip(second.columns.chunks(CHUNK));
    for (chunk, (products, (of_first, of_second))) in products.chunks(CHUNK).zip(columns).enumerate() {
        let is_above = |((&product, &one), &other): ((&f32, &f64), &f64)| {
            // Without a branch between both, so that the compiler uses SIMD.
            let product = f64::from(product);
            (product > first.row + one) | (product > second.row + other)
        };
        let pairs = || products.iter().zip(of_first).zip(of_second);
        if pairs().map(is_above).fold(false, |any, is| any | is) {
            let above = pairs().enumerate().filter(|&(_, pair)| is_above(pair));
            into.extend(above.map(|(at, _)| chunk * CHUNK + at));
        }
    }
}

#[cfg(test)]
mod tests;

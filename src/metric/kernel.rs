//! The kernel distance between two sets of features.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::error::MetricError;
use super::rows::{BLOCK, Rows};
use crate::random::Random;
use table::KernelTable;

mod table;

/// A kernel distance over subsets.
#[derive(Clone, Debug, PartialEq)]
pub struct Kid {
    /// The mean over subsets. It is unbiased, and may be negative if the sets are similar.
    pub mean: f64,
    /// The standard deviation over subsets (divided by N).
    pub deviation: f64,
    /// The number of subsets.
    pub subsets: usize,
}

/// Rows of the first set and rows of the second, which [`kernel_distance`] compares.
pub type SubsetPair = (Vec<usize>, Vec<usize>);

/// `count` pairs of subsets of `size` rows, drawn with `seed` without replacement within a subset. torch-fidelity uses
/// 100 pairs of 1000 rows.
///
/// # Errors
///
/// If a set has fewer than `size` rows, or `size` is below 2.
pub fn kid_subsets(
    count_a: usize,
    count_b: usize,
    count: usize,
    size: usize,
    seed: u64,
) -> Result<Vec<SubsetPair>, MetricError> {
    if size > count_a.min(count_b) {
        return Err(MetricError::SubsetSize { size, count: count_a.min(count_b) });
    }
    if size < 2 {
        return Err(MetricError::Subset { subset: 0, reason: format!("{size} row(s) have no pairs") });
    }
    let draw = |subset: usize, side: &str, count: usize| {
        let mut order = Random::named(seed, &format!("kernel distance/{subset}/{side}")).permutation(count);
        order.truncate(size);
        order
    };
    Ok((0..count).map(|subset| (draw(subset, "first", count_a), draw(subset, "second", count_b))).collect())
}

/// The kernel distance (Bińkowski et al. 2018, section 4): the unbiased estimate (Gretton et al. 2012, equation 3) of
/// the squared maximum mean discrepancy with the kernel (x·y/d + 1)³, over pairs of subsets.
///
/// # Errors
///
/// If the dimensions differ, there are no subsets, or a subset has fewer than two rows or a row that does not exist.
pub fn kernel_distance(a: &Rows, b: &Rows, subsets: &[SubsetPair]) -> Result<Kid, MetricError> {
    a.check_dimension(b)?;
    if subsets.is_empty() {
        return Err(MetricError::NoSubsets);
    }
    for (subset, (of_a, of_b)) in subsets.iter().enumerate() {
        for (rows, chosen) in [(a, of_a), (b, of_b)] {
            if chosen.len() < 2 {
                return Err(MetricError::Subset { subset, reason: format!("{} row(s) have no pairs", chosen.len()) });
            }
            if let Some(row) = chosen.iter().find(|&&row| row >= rows.count()) {
                let reason = format!("row {row} in a set of {}", rows.count());
                return Err(MetricError::Subset { subset, reason });
            }
        }
    }
    let distances: Vec<f64> = if KernelTable::is_cheaper(a, b, subsets) {
        let table = KernelTable::new(a, b);
        subsets.par_iter().map(|pair| table.discrepancy(pair)).collect()
    } else {
        subsets.iter().map(|(of_a, of_b)| discrepancy(a, of_a, b, of_b)).collect()
    };
    let (mean, deviation) = mean_and_deviation(&distances);
    Ok(Kid { mean, deviation, subsets: distances.len() })
}

/// The mean, and the standard deviation (divided by N).
pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean) * (value - mean));
    (mean, (squares.sum::<f64>() / count).sqrt())
}

fn discrepancy(a: &Rows, of_a: &[usize], b: &Rows, of_b: &[usize]) -> f64 {
    let [n, m] = [of_a, of_b].map(|chosen| chosen.len() as f64);
    let mut across = 0.0;
    for of_a in of_a.chunks(BLOCK) {
        across += of_b.chunks(BLOCK).map(|of_b| kernel_sum(a, of_a, b, of_b)).sum::<f64>();
    }
    within(a, of_a) / (n * (n - 1.0)) + within(b, of_b) / (m * (m - 1.0)) - 2.0 * across / (n * m)
}

/// The sum of the kernel over all ordered pairs of different rows of these.
fn within(rows: &Rows, chosen: &[usize]) -> f64 {
    let blocks: Vec<&[usize]> = chosen.chunks(BLOCK).collect();
    let mut half = 0.0;
    for (i, block) in blocks.iter().enumerate() {
        half += kernel_sum_below(rows, block);
        half += blocks[..i].iter().map(|other| kernel_sum(rows, block, rows, other)).sum::<f64>();
    }
    2.0 * half
}

fn kernel(product: f64, dimension: f64) -> f64 {
    let base = product / dimension + 1.0;
    base * base * base
}

/// The dot products of rows of the first set with rows of the second.
fn products(a: &Rows, of_a: &[usize], b: &Rows, of_b: &[usize], into: MatMut<f64>) {
    let d = a.dimension();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    a.widen(of_a.iter().copied(), &mut left);
    b.widen(of_b.iter().copied(), &mut right);
    let left = MatRef::from_row_major_slice(&left, of_a.len(), d);
    let right = MatRef::from_row_major_slice(&right, of_b.len(), d);
    matmul(into, Accum::Replace, left, right.transpose(), 1.0, Par::rayon(0));
}

/// The sum of the kernel over all pairs of a row of the first set and a row of the second.
fn kernel_sum(a: &Rows, of_a: &[usize], b: &Rows, of_b: &[usize]) -> f64 {
    let d = a.dimension() as f64;
    let mut found = Mat::<f64>::zeros(of_a.len(), of_b.len());
    products(a, of_a, b, of_b, found.as_mut());
    // Column sums first: the sum of a million values has a smaller rounding error.
    let column = |j: usize| found.col_as_slice(j).iter().map(|&product| kernel(product, d)).sum::<f64>();
    (0..of_b.len()).map(column).sum()
}

/// The sum of the kernel over all pairs of different rows of these, each pair once.
fn kernel_sum_below(rows: &Rows, chosen: &[usize]) -> f64 {
    let (d, n) = (rows.dimension(), chosen.len());
    let mut wide = Vec::new();
    rows.widen(chosen.iter().copied(), &mut wide);
    let wide = MatRef::from_row_major_slice(&wide, n, d);
    let mut products = Mat::<f64>::zeros(n, n);
    triangular::matmul(
        products.as_mut(),
        BlockStructure::StrictTriangularLower,
        Accum::Replace,
        wide,
        BlockStructure::Rectangular,
        wide.transpose(),
        BlockStructure::Rectangular,
        1.0,
        Par::rayon(0),
    );
    let below = |j: usize| products.col_as_slice(j)[j + 1..].iter().map(|&product| kernel(product, d as f64));
    (0..n).map(|j| below(j).sum::<f64>()).sum()
}

#[cfg(test)]
mod tests;

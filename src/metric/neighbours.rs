//! Balls around feature vectors, whose radius is the distance to a neighbour, and the vectors inside them.

use std::sync::atomic::{AtomicBool, Ordering};

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::error::MetricError;
use super::rows::{BLOCK, Rows};

/// Rows whose distances to all others are in memory at a time: 100 MB for 50,000.
const QUERIES: usize = 256;

/// Squared distances from dot products, with bounds of their rounding error.
///
/// |x|² + |y|² − 2x·y is fast, but equal distances may differ by rounding. If the error could change a comparison, the
/// distance is computed again as the sum of squared differences, which is symmetric, and 0 for x = y.
struct Distances<'a> {
    queries: Rows<'a>,
    others: Rows<'a>,
    query_norms: Vec<f64>,
    other_norms: Vec<f64>,
}

impl<'a> Distances<'a> {
    fn new(queries: Rows<'a>, others: Rows<'a>) -> Self {
        let squares = |rows: &Rows| {
            let square = |i| rows.row(i).iter().map(|&value| f64::from(value) * f64::from(value)).sum();
            (0..rows.count()).into_par_iter().map(square).collect::<Vec<f64>>()
        };
        Self { query_norms: squares(&queries), other_norms: squares(&others), queries, others }
    }

    /// The distance of query `i` and other `j` from their dot product, and its largest error: each of the three sums
    /// has an error below d·ε times the sum of its absolute terms, and |x·y| is at most half of |x|² + |y|².
    fn approximate(&self, i: usize, j: usize, product: f64) -> (f64, f64) {
        let squares = self.query_norms[i] + self.other_norms[j];
        let error = 2.0 * (self.queries.dimension() + 2) as f64 * f64::EPSILON * squares;
        (squares - 2.0 * product, error)
    }

    /// The distance from the differences.
    fn exact(&self, i: usize, j: usize) -> f64 {
        let pairs = self.queries.row(i).iter().zip(self.others.row(j));
        pairs.map(|(&x, &y)| f64::from(x) - f64::from(y)).map(|difference| difference * difference).sum()
    }

    /// Calls `compute` with each query and its dot products with all others.
    fn map_queries<T: Send>(&self, compute: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
        let (n, m, d) = (self.queries.count(), self.others.count(), self.queries.dimension());
        let mut products = vec![0.0; QUERIES.min(n) * m];
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let mut found = Vec::with_capacity(n);
        for first in (0..n).step_by(QUERIES) {
            let rows = QUERIES.min(n - first);
            self.queries.widen(first..first + rows, &mut left);
            let left = MatRef::from_row_major_slice(&left, rows, d);
            for from in (0..m).step_by(BLOCK) {
                let columns = BLOCK.min(m - from);
                self.others.widen(from..from + columns, &mut right);
                let right = MatRef::from_row_major_slice(&right, columns, d);
                let all = MatMut::from_row_major_slice_mut(&mut products[..rows * m], rows, m);
                let part = all.subcols_mut(from, columns);
                matmul(part, Accum::Replace, left, right.transpose(), 1.0, Par::rayon(0));
            }
            let results = products[..rows * m].par_chunks(m).enumerate();
            found.par_extend(results.map(|(row, products)| compute(first + row, products)));
        }
        found
    }
}

/// The squared distance of each row to its `k`-th nearest other row of the set.
///
/// # Errors
///
/// If `k` is 0, or there are at most `k` rows.
pub(super) fn radii(rows: &Rows, k: usize) -> Result<Vec<f64>, MetricError> {
    if k == 0 || k >= rows.count() {
        return Err(MetricError::Neighbour { k, count: rows.count() });
    }
    let distances = Distances::new(*rows, *rows);
    Ok(distances.map_queries(|i, products| {
        let others = || (0..products.len()).filter(move |&j| j != i);
        // An upper bound of the k-th distance; all that may be below it are computed exactly.
        let mut highest: Vec<f64> = others()
            .map(|j| {
                let (distance, error) = distances.approximate(i, j, products[j]);
                distance + error
            })
            .collect();
        let bound = *highest.select_nth_unstable_by(k - 1, f64::total_cmp).1;
        let candidates = others().filter(|&j| {
            let (distance, error) = distances.approximate(i, j, products[j]);
            distance - error <= bound
        });
        let mut candidates: Vec<f64> = candidates.map(|j| distances.exact(i, j)).collect();
        *candidates.select_nth_unstable_by(k - 1, f64::total_cmp).1
    }))
}

/// Which rows are inside which balls.
pub(super) struct Membership {
    /// For each query, the number of balls that contain it.
    pub(super) balls: Vec<usize>,
    /// For each centre, whether its ball contains a query.
    pub(super) reached: Vec<bool>,
}

/// Determines which `queries` are strictly inside the ball of each centre. `radii` are squared.
pub(super) fn membership(queries: &Rows, centres: &Rows, radii: &[f64]) -> Membership {
    let distances = Distances::new(*queries, *centres);
    let reached: Vec<AtomicBool> = radii.iter().map(|_| AtomicBool::new(false)).collect();
    let balls = distances.map_queries(|i, products| {
        let inside = |&j: &usize| {
            let (distance, error) = distances.approximate(i, j, products[j]);
            match (distance - radii[j]).abs() > error {
                true => distance < radii[j],
                false => distances.exact(i, j) < radii[j],
            }
        };
        let found = (0..products.len()).filter(inside);
        found.inspect(|&j| reached[j].store(true, Ordering::Relaxed)).count()
    });
    Membership { balls, reached: reached.into_iter().map(AtomicBool::into_inner).collect() }
}

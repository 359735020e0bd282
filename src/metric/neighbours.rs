//! Balls around features that reach to a neighbour, and which other features lie in them.

use std::sync::atomic::{AtomicBool, Ordering};

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::error::MetricError;
use super::rows::{BLOCK, Rows};

/// Rows whose distances to all others are held at a time: 100 MB for 50,000.
const QUERIES: usize = 256;

/// Squared distances from products, and how far rounding may have moved them.
///
/// |x|² + |y|² − 2x·y is fast, but equal distances come out unequal by it. What lies so near to a bound that this could
/// tell is measured again by the sum of squared differences, which is the same for (x, y) and (y, x) and 0 for x = y.
struct Distances<'a> {
    queries: Rows<'a>,
    others: Rows<'a>,
    of_queries: Vec<f64>,
    of_others: Vec<f64>,
}

impl<'a> Distances<'a> {
    fn new(queries: Rows<'a>, others: Rows<'a>) -> Self {
        let squares = |rows: &Rows| {
            let square = |i| rows.row(i).iter().map(|&value| f64::from(value) * f64::from(value)).sum();
            (0..rows.count()).into_par_iter().map(square).collect::<Vec<f64>>()
        };
        Self { of_queries: squares(&queries), of_others: squares(&others), queries, others }
    }

    /// By products, from query `i` to other `j`, and the most that it may be off: of the three sums each has an error
    /// below d·ε of its terms' absolute sum, and |x·y| is at most half of |x|² + |y|².
    fn near(&self, i: usize, j: usize, product: f64) -> (f64, f64) {
        let squares = self.of_queries[i] + self.of_others[j];
        let off = 2.0 * (self.queries.dimension() + 2) as f64 * f64::EPSILON * squares;
        (squares - 2.0 * product, off)
    }

    /// By differences.
    fn exact(&self, i: usize, j: usize) -> f64 {
        let pairs = self.queries.row(i).iter().zip(self.others.row(j));
        pairs.map(|(&x, &y)| f64::from(x) - f64::from(y)).map(|apart| apart * apart).sum()
    }

    /// Gives `look` the products of every query with all others.
    fn each<T: Send>(&self, look: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
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
            let looked = products[..rows * m].par_chunks(m).enumerate();
            found.par_extend(looked.map(|(row, products)| look(first + row, products)));
        }
        found
    }
}

/// The squared distance of every row to its `k`-th nearest other row of the set.
///
/// # Errors
///
/// If `k` is 0, or there are no `k` other rows.
pub(super) fn radii(rows: &Rows, k: usize) -> Result<Vec<f64>, MetricError> {
    if k == 0 || k >= rows.count() {
        return Err(MetricError::Neighbour { k, count: rows.count() });
    }
    let distances = Distances::new(*rows, *rows);
    Ok(distances.each(|i, products| {
        let others = || (0..products.len()).filter(move |&j| j != i);
        // No less than the k-th distance can be; what may be as near is measured exactly.
        let mut highest: Vec<f64> = others()
            .map(|j| {
                let (near, off) = distances.near(i, j, products[j]);
                near + off
            })
            .collect();
        let bound = *highest.select_nth_unstable_by(k - 1, f64::total_cmp).1;
        let candidates = others().filter(|&j| {
            let (near, off) = distances.near(i, j, products[j]);
            near - off <= bound
        });
        let mut candidates: Vec<f64> = candidates.map(|j| distances.exact(i, j)).collect();
        *candidates.select_nth_unstable_by(k - 1, f64::total_cmp).1
    }))
}

/// Which rows lie within which balls.
pub(super) struct Membership {
    /// For each query, how many balls it is in.
    pub(super) balls: Vec<usize>,
    /// For each centre, whether any query is in its ball.
    pub(super) reached: Vec<bool>,
}

/// Looks which `queries` lie nearer to a centre than its ball's squared radius, strictly.
pub(super) fn membership(queries: &Rows, centres: &Rows, radii: &[f64]) -> Membership {
    let distances = Distances::new(*queries, *centres);
    let reached: Vec<AtomicBool> = radii.iter().map(|_| AtomicBool::new(false)).collect();
    let balls = distances.each(|i, products| {
        let inside = |&j: &usize| {
            let (near, off) = distances.near(i, j, products[j]);
            match (near - radii[j]).abs() > off {
                true => near < radii[j],
                false => distances.exact(i, j) < radii[j],
            }
        };
        let found = (0..products.len()).filter(inside);
        found.inspect(|&j| reached[j].store(true, Ordering::Relaxed)).count()
    });
    Membership { balls, reached: reached.into_iter().map(AtomicBool::into_inner).collect() }
}

//! The distance of each row to its k-th nearest neighbour.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::super::error::MetricError;
use super::super::rows::Rows;
use super::centred::{Centred, Frame};
use super::{SMALLEST_BLOCK, Thresholds, blocks, columns_above, squared_distances};

/// Candidates in memory at a time: 256 MiB.
const MAX_CANDIDATES: usize = 1 << 24;

/// For each of the numbers `ks`, the squared distance of each row to its k-th nearest other row of the set.
///
/// Each product is computed once, for both of its rows. A copy of the rows in f32 is in memory, a block of products for
/// each thread, and at most 2k + 32 candidates for each row.
///
/// # Errors
///
/// If one of the numbers is 0, or there are at most that many rows.
pub(in super::super) fn radii<const N: usize>(rows: &Rows, ks: [usize; N]) -> Result<[Vec<f64>; N], MetricError> {
    let count = rows.count();
    if let Some(&k) = ks.iter().find(|&&k| k == 0 || k >= count) {
        return Err(MetricError::Neighbour { k, count });
    }
    let nearest = nearest(rows, ks.into_iter().max().unwrap_or(1), MAX_CANDIDATES);
    Ok(ks.map(|k| nearest.iter().map(|distances| distances[k - 1]).collect()))
}

/// The squared distances of each row to its `k` nearest other rows, in ascending order. There are more than `k` rows.
pub(super) fn nearest(rows: &Rows, k: usize, max_candidates: usize) -> Vec<Vec<f64>> {
    let search = Search::new(rows, k);
    let all = 0..rows.count();
    let in_memory = max_candidates / search.capacity;
    if in_memory >= all.len() {
        return search.nearest_of(all, true);
    }
    // Products are computed twice, for one of their rows each time.
    let group = in_memory.max(SMALLEST_BLOCK);
    let groups = all.clone().step_by(group).map(|first| first..all.end.min(first + group));
    groups.flat_map(|rows| search.nearest_of(rows, false)).collect()
}

/// A row that may be among the nearest, and the dot product with it.
struct Candidate {
    row: usize,
    product: f32,
}

/// What is known about the nearest rows of one row. Distances are squared and scaled.
struct Nearest {
    /// Computed distances, at most `k`.
    exact: Vec<f64>,
    candidates: Vec<Candidate>,
    /// At least `k` rows have at most this distance, so that another at this distance or above makes no difference.
    limit: f64,
}

struct Search<'a> {
    rows: Rows<'a>,
    centred: Centred,
    squared_scale: f64,
    k: usize,
    /// With so many candidates, those are discarded that cannot be among the `k` nearest.
    capacity: usize,
}

impl<'a> Search<'a> {
    fn new(rows: &Rows<'a>, k: usize) -> Self {
        let frame = Frame::new(&[rows]);
        let centred = Centred::new(rows, &frame);
        Self { rows: *rows, centred, squared_scale: frame.squared_scale(), k, capacity: 2 * k + 32 }
    }

    /// The distances of these rows to their `k` nearest among all rows. With `in_pairs`, they are all rows, and each
    /// pair is visited once, for both of its rows.
    fn nearest_of(&self, rows: Range<usize>, in_pairs: bool) -> Vec<Vec<f64>> {
        let empty = || Nearest { exact: Vec::new(), candidates: Vec::new(), limit: f64::INFINITY };
        let found: Vec<Mutex<Nearest>> = rows.clone().map(|_| Mutex::new(empty())).collect();
        let (some, all) = (blocks(rows.clone()), blocks(0..self.rows.count()));
        let tasks: Vec<_> = if in_pairs {
            // Along the diagonals, so that threads seldom need the same rows at the same time.
            (0..all.len()).flat_map(|distance| all.iter().zip(&all[distance..])).collect()
        } else {
            some.iter().flat_map(|block| all.iter().map(move |columns| (block, columns))).collect()
        };
        tasks.into_par_iter().with_max_len(1).for_each(|(block, columns)| {
            let of_block = &found[block.start - rows.start..][..block.len()];
            let of_columns = if in_pairs { Some(&found[columns.clone()]) } else { None };
            self.visit(block, of_block, columns, of_columns);
        });
        found.into_par_iter().zip(rows).map(|(nearest, i)| self.finish(i, nearest)).collect()
    }

    /// Compares a block of rows with a block of columns, for the rows and, if there is a place for them, the columns.
    fn visit(
        &self,
        rows: &Range<usize>,
        of_rows: &[Mutex<Nearest>],
        columns: &Range<usize>,
        of_columns: Option<&[Mutex<Nearest>]>,
    ) {
        let low = self.centred.low();
        let products = self.centred.products(rows, &self.centred, columns);
        let halves: Vec<f64> = low[columns.clone()].iter().map(|low| low / 2.0).collect();
        // A distance is below the limit if the product is above this, plus half of `low` of the other row.
        let threshold = |i: usize, limit: f64| match limit > 0.0 {
            // Slightly raised, for the rounding of the sum.
            true => (low[i] - limit * (1.0 + 8.0 * f64::EPSILON)) / 2.0,
            false => f64::INFINITY,
        };
        let mut of_limits = vec![f64::INFINITY; columns.len()];
        if let Some(of_columns) = of_columns {
            for ((of_limit, nearest), j) in of_limits.iter_mut().zip(of_columns).zip(columns.clone()) {
                *of_limit = threshold(j, lock(nearest).limit);
            }
        }
        let mut above = Vec::new();
        for ((i, of_row), products) in rows.clone().zip(of_rows).zip(products.chunks(columns.len())) {
            // In a block on the diagonal, the pairs before this are those of earlier rows, and of the row itself.
            let first = if of_columns.is_some() && rows == columns { i + 1 - columns.start } else { 0 };
            {
                let mut nearest = lock(of_row);
                let of_row = Thresholds { row: threshold(i, nearest.limit), columns: &halves[first..] };
                let of_column = Thresholds { row: low[i] / 2.0, columns: &of_limits[first..] };
                columns_above(&products[first..], of_row, of_column, &mut above);
                above.iter_mut().for_each(|at| *at += first);
                let others = above.iter().filter(|&&at| columns.start + at != i);
                others.for_each(|&at| self.offer(&mut nearest, i, columns.start + at, products[at]));
            }
            // The row is unlocked again: no thread waits for one row while it locks another.
            if let Some(of_columns) = of_columns {
                for &at in &above {
                    let mut nearest = lock(&of_columns[at]);
                    self.offer(&mut nearest, columns.start + at, i, products[at]);
                    of_limits[at] = threshold(columns.start + at, nearest.limit);
                }
            }
        }
    }

    /// The bounds of the distance of row `i` to another row.
    fn bounds(&self, i: usize, other: usize, product: f32) -> (f64, f64) {
        let (low, high) = self.centred.bounds(i, &self.centred, other, product);
        (low.max(0.0), high)
    }

    /// Adds a candidate to the nearest rows of row `i`, if it can be one of them.
    fn offer(&self, nearest: &mut Nearest, i: usize, row: usize, product: f32) {
        if self.bounds(i, row, product).0 >= nearest.limit {
            return;
        }
        nearest.candidates.push(Candidate { row, product });
        if nearest.candidates.len() >= self.capacity {
            self.discard(nearest, i);
            if nearest.candidates.len() > self.capacity / 2 {
                // The bounds do not tell the candidates apart.
                self.compute(nearest, i);
            }
        }
    }

    /// Discards candidates that cannot be among the `k` nearest. There are at least `k` rows.
    fn discard(&self, nearest: &mut Nearest, i: usize) {
        let candidates = nearest.candidates.iter().map(|candidate| self.bounds(i, candidate.row, candidate.product).1);
        let mut highest: Vec<f64> = nearest.exact.iter().copied().chain(candidates).collect();
        nearest.limit = *highest.select_nth_unstable_by(self.k - 1, f64::total_cmp).1;
        let limit = nearest.limit;
        nearest.candidates.retain(|candidate| self.bounds(i, candidate.row, candidate.product).0 <= limit);
    }

    /// Computes the distances of all candidates, and keeps the `k` smallest. There are at least `k` rows.
    fn compute(&self, nearest: &mut Nearest, i: usize) {
        let rows: Vec<usize> = nearest.candidates.drain(..).map(|candidate| candidate.row).collect();
        let mut distances = Vec::new();
        squared_distances(self.rows.row(i), &self.rows, &rows, &mut distances);
        nearest.exact.extend(distances.iter().map(|distance| distance * self.squared_scale));
        nearest.limit = *nearest.exact.select_nth_unstable_by(self.k - 1, f64::total_cmp).1;
        nearest.exact.truncate(self.k);
    }

    /// The squared distances to the `k` nearest, in ascending order, after all other rows have been visited.
    fn finish(&self, i: usize, nearest: Mutex<Nearest>) -> Vec<f64> {
        let mut nearest = nearest.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.discard(&mut nearest, i);
        self.compute(&mut nearest, i);
        nearest.exact.sort_by(f64::total_cmp);
        // Exact, since the scale is a power of two.
        nearest.exact.iter().map(|distance| distance / self.squared_scale).collect()
    }
}

fn lock(nearest: &Mutex<Nearest>) -> MutexGuard<'_, Nearest> {
    nearest.lock().unwrap_or_else(PoisonError::into_inner)
}

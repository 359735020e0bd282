use faer::Mat;

use super::super::rows::{BLOCK, Rows};
use super::{SubsetPair, kernel, products};

/// The most kernel values in memory: 1 GiB.
const MAX_VALUES: usize = 1 << 27;

/// The kernel of all pairs of rows of two sets. If the sets are not much larger than the subsets, the subsets share
/// most of their pairs; with the table, each pair is computed once.
pub(super) struct KernelTable {
    within_a: Mat<f64>,
    within_b: Mat<f64>,
    across: Mat<f64>,
}

impl KernelTable {
    /// Whether the table fits in memory and requires less work than the subsets one by one.
    pub(super) fn is_cheaper(a: &Rows, b: &Rows, subsets: &[SubsetPair]) -> bool {
        let (n, m) = (a.count(), b.count());
        let of_subsets = subsets.iter().map(|(of_a, of_b)| {
            let (n, m) = (of_a.len(), of_b.len());
            n * (n - 1) / 2 + m * (m - 1) / 2 + n * m
        });
        let values = n * n + m * m + n * m;
        values <= MAX_VALUES && n * n / 2 + m * m / 2 + n * m < of_subsets.sum()
    }

    pub(super) fn new(a: &Rows, b: &Rows) -> Self {
        Self { within_a: within(a), within_b: within(b), across: across(a, b) }
    }

    /// The squared discrepancy between rows of the first set and rows of the second.
    pub(super) fn discrepancy(&self, (of_a, of_b): &SubsetPair) -> f64 {
        let [n, m] = [of_a, of_b].map(|chosen| chosen.len() as f64);
        let within = |table: &Mat<f64>, chosen: &[usize]| {
            2.0 * (0..chosen.len()).map(|i| sum(table, &chosen[..i], chosen[i])).sum::<f64>()
        };
        let across = of_b.iter().map(|&row| sum(&self.across, of_a, row)).sum::<f64>();
        within(&self.within_a, of_a) / (n * (n - 1.0)) + within(&self.within_b, of_b) / (m * (m - 1.0))
            - 2.0 * across / (n * m)
    }
}

/// The sum of these rows of a column.
fn sum(table: &Mat<f64>, rows: &[usize], column: usize) -> f64 {
    let values = table.col_as_slice(column);
    rows.iter().map(|&row| values[row]).sum()
}

fn across(a: &Rows, b: &Rows) -> Mat<f64> {
    let mut values = Mat::<f64>::zeros(a.count(), b.count());
    for of_a in blocks(a) {
        for of_b in blocks(b) {
            fill(&mut values, (a, &of_a), (b, &of_b));
        }
    }
    values
}

/// The kernel within one set, which is symmetric.
fn within(rows: &Rows) -> Mat<f64> {
    let mut values = Mat::<f64>::zeros(rows.count(), rows.count());
    let blocks = blocks(rows);
    for (i, below) in blocks.iter().enumerate() {
        for above in &blocks[..=i] {
            fill(&mut values, (rows, below), (rows, above));
            if above[0] < below[0] {
                let (first, other) = values.as_mut().split_at_col_mut(below[0]);
                let from = first.submatrix(below[0], above[0], below.len(), above.len());
                other.submatrix_mut(above[0], 0, above.len(), below.len()).copy_from(from.transpose());
            }
        }
    }
    values
}

fn blocks(rows: &Rows) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..rows.count()).collect();
    all.chunks(BLOCK).map(<[usize]>::to_vec).collect()
}

/// The values of a block of rows and a block of columns.
fn fill(values: &mut Mat<f64>, (a, of_a): (&Rows, &[usize]), (b, of_b): (&Rows, &[usize])) {
    let mut part = values.as_mut().submatrix_mut(of_a[0], of_b[0], of_a.len(), of_b.len());
    products(a, of_a, b, of_b, part.as_mut());
    for column in part.col_iter_mut() {
        column.iter_mut().for_each(|value| *value = kernel(*value, a.dimension() as f64));
    }
}

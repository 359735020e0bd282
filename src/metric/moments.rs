//! Mean and covariance of features, computed block by block.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::error::MetricError;
use super::rows::{BLOCK, Rows};

/// Count, mean and scatter of rows. The scatter is the sum of the outer products of the rows minus the mean. Blocks are
/// combined as in Chan, Golub and LeVeque 1979 ("Updating formulae and a pairwise algorithm for computing sample
/// variances", equation 2.1), which avoids cancellation if the mean is large.
#[derive(Clone, Debug)]
pub struct Moments {
    /// `None` for statistics without a count: the scatter is the covariance then.
    count: Option<usize>,
    mean: Vec<f64>,
    /// Column by column; only the lower triangle with the diagonal is valid.
    scatter: Vec<f64>,
}

impl Moments {
    /// Moments of no rows.
    pub fn new(dimension: usize) -> Self {
        Self { count: Some(0), mean: vec![0.0; dimension], scatter: vec![0.0; dimension * dimension] }
    }

    /// Moments of all rows.
    pub fn from_rows(rows: &Rows) -> Self {
        let mut moments = Self::new(rows.dimension());
        moments.add(rows, &(0..rows.count()).collect::<Vec<_>>());
        moments
    }

    /// Moments of the rows with these indices, which must be below the count.
    pub(super) fn from_some_rows(rows: &Rows, chosen: &[usize]) -> Self {
        let mut moments = Self::new(rows.dimension());
        moments.add(rows, chosen);
        moments
    }

    /// From a mean of length d and a covariance of d × d (divided by N − 1) of `count` images, or of an unknown number.
    ///
    /// # Errors
    ///
    /// If the count is below two, the covariance is not d × d or not symmetric up to a millionth of its largest value,
    /// a value is not finite, or a variance is negative.
    pub fn from_statistics(count: Option<usize>, mean: Vec<f64>, covariance: &[f64]) -> Result<Self, MetricError> {
        let wrong = |reason: String| Err(MetricError::Statistics { reason });
        let d = mean.len();
        let divisor = divisor(count)?;
        if d == 0 || covariance.len() != d * d {
            return wrong(format!("the covariance has {} values for {d} dimensions", covariance.len()));
        }
        if let Some(column) = mean.iter().position(|value| !value.is_finite()) {
            return wrong(format!("the mean is not finite in column {column}"));
        }
        if let Some(at) = covariance.iter().position(|value| !value.is_finite()) {
            return wrong(format!("the covariance is not finite in row {}, column {}", at / d, at % d));
        }
        let largest = covariance.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let mut scatter = vec![0.0; d * d];
        for j in 0..d {
            if covariance[j * d + j] < 0.0 {
                return wrong(format!("the variance of column {j} is negative"));
            }
            for i in j..d {
                let (below, above) = (covariance[i * d + j], covariance[j * d + i]);
                if (below - above).abs() > 1e-6 * largest {
                    return wrong(format!("the covariance is not symmetric in row {i}, column {j}"));
                }
                scatter[j * d + i] = (below / 2.0 + above / 2.0) * divisor;
            }
        }
        Ok(Self { count, mean, scatter })
    }

    /// Adds rows.
    ///
    /// # Errors
    ///
    /// If they have another dimension, or the count is unknown.
    pub fn push(&mut self, rows: &Rows) -> Result<(), MetricError> {
        self.check_dimension(rows.dimension())?;
        self.known_count()?;
        self.add(rows, &(0..rows.count()).collect::<Vec<_>>());
        Ok(())
    }

    /// Adds the moments of other rows.
    ///
    /// # Errors
    ///
    /// If they have another dimension, or one of the counts is unknown.
    pub fn merge(&mut self, other: &Moments) -> Result<(), MetricError> {
        self.check_dimension(other.dimension())?;
        self.known_count()?;
        let count = other.known_count()?;
        self.scatter.iter_mut().zip(&other.scatter).for_each(|(sum, value)| *sum += value);
        self.shift(count, &other.mean);
        Ok(())
    }

    fn check_dimension(&self, second: usize) -> Result<(), MetricError> {
        let first = self.dimension();
        if first == second { Ok(()) } else { Err(MetricError::Dimension { first, second }) }
    }

    /// The number of rows.
    ///
    /// # Errors
    ///
    /// If it is unknown.
    pub fn known_count(&self) -> Result<usize, MetricError> {
        let unknown = || MetricError::Statistics { reason: "the number of images is not known".into() };
        self.count.ok_or_else(unknown)
    }

    fn add(&mut self, rows: &Rows, chosen: &[usize]) {
        let d = self.dimension();
        let mut block = Vec::with_capacity(BLOCK.min(chosen.len()) * d);
        for chosen in chosen.chunks(BLOCK) {
            rows.widen(chosen.iter().copied(), &mut block);
            let mut mean = vec![0.0; d];
            for row in block.chunks_exact(d) {
                mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            mean.iter_mut().for_each(|sum| *sum /= chosen.len() as f64);
            for row in block.chunks_exact_mut(d) {
                row.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
            }
            let block = MatRef::from_row_major_slice(&block, chosen.len(), d);
            triangular::matmul(
                MatMut::from_column_major_slice_mut(&mut self.scatter, d, d),
                BlockStructure::TriangularLower,
                Accum::Add,
                block.transpose(),
                BlockStructure::Rectangular,
                block,
                BlockStructure::Rectangular,
                1.0,
                Par::rayon(0),
            );
            self.shift(chosen.len(), &mean);
        }
    }

    /// Updates the mean and scatter for `count` more rows with this mean, whose own scatter has been added.
    fn shift(&mut self, count: usize, mean: &[f64]) {
        if count == 0 {
            return;
        }
        let (d, own) = (self.dimension(), self.count.unwrap_or_default());
        let all = (own + count) as f64;
        let weight = own as f64 * count as f64 / all;
        let difference: Vec<f64> = mean.iter().zip(&self.mean).map(|(other, own)| other - own).collect();
        if own > 0 {
            for (j, column) in self.scatter.chunks_exact_mut(d).enumerate() {
                let factor = weight * difference[j];
                column[j..].iter_mut().zip(&difference[j..]).for_each(|(sum, difference)| *sum += factor * difference);
            }
        }
        self.mean.iter_mut().zip(&difference).for_each(|(own, difference)| *own += difference * count as f64 / all);
        self.count = Some(own + count);
    }

    /// The number of rows; `None` for statistics without a count.
    pub fn count(&self) -> Option<usize> {
        self.count
    }

    /// The dimensions of a row.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// The mean of each column; zeros for no rows.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The covariance (divided by N − 1) as d × d values, exactly symmetric.
    ///
    /// # Errors
    ///
    /// If there are fewer than two rows.
    pub fn covariance(&self) -> Result<Vec<f64>, MetricError> {
        let d = self.dimension();
        let lower = self.covariance_matrix()?;
        let lower_index = |at: usize| ((at / d).max(at % d), (at / d).min(at % d));
        Ok((0..d * d).map(|at| lower[lower_index(at)]).collect())
    }

    /// The covariance, of which only the lower triangle with the diagonal is valid.
    pub(super) fn covariance_matrix(&self) -> Result<Mat<f64>, MetricError> {
        let (d, divisor) = (self.dimension(), divisor(self.count)?);
        Ok(Mat::from_fn(d, d, |i, j| self.scatter[j * d + i] / divisor))
    }
}

/// The quotient of scatter and covariance: N − 1, or 1 without a count.
fn divisor(count: Option<usize>) -> Result<f64, MetricError> {
    match count {
        Some(count @ (0 | 1)) => Err(MetricError::OneImage { count }),
        Some(count) => Ok((count - 1) as f64),
        None => Ok(1.0),
    }
}

#[cfg(test)]
mod tests;

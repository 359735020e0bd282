//! Mean and covariance of features, gathered block by block.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::error::MetricError;
use super::rows::{BLOCK, Rows};

/// Count, mean and scatter of rows. The scatter is the sum of the outer products of what is left of each row without
/// the mean: kept about a mean that moves with the rows (Chan, Golub and LeVeque 1979, "Updating formulae and a
/// pairwise algorithm for computing sample variances", equation 2.1), it does not cancel where the mean is large.
#[derive(Clone, Debug)]
pub struct Moments {
    /// `None` of statistics that do not say of how many rows they are: the scatter is the covariance then.
    count: Option<usize>,
    mean: Vec<f64>,
    /// Column by column; only the diagonal and what lies below it is kept up.
    scatter: Vec<f64>,
}

impl Moments {
    /// Of no rows yet, of `dimension` numbers each.
    pub fn new(dimension: usize) -> Self {
        Self { count: Some(0), mean: vec![0.0; dimension], scatter: vec![0.0; dimension * dimension] }
    }

    /// Of all these rows.
    pub fn of(rows: &Rows) -> Self {
        let mut moments = Self::new(rows.dimension());
        moments.gather(rows, &(0..rows.count()).collect::<Vec<_>>());
        moments
    }

    /// Of some of these rows, each of which must be below their count.
    pub(super) fn of_some(rows: &Rows, chosen: &[usize]) -> Self {
        let mut moments = Self::new(rows.dimension());
        moments.gather(rows, chosen);
        moments
    }

    /// From a mean of `d` numbers and a covariance of d × d (of N − 1), such as others saved of `count` images, or of a number
    /// that they did not save.
    ///
    /// # Errors
    ///
    /// If it is known that there are fewer than two images, the covariance is not of d × d, or not symmetric up to a millionth of its
    /// largest number, or a number is not finite, or a variance negative.
    pub fn from_statistics(count: Option<usize>, mean: Vec<f64>, covariance: &[f64]) -> Result<Self, MetricError> {
        let wrong = |reason: String| Err(MetricError::Statistics { reason });
        let d = mean.len();
        let less = less_one(count)?;
        if d == 0 || covariance.len() != d * d {
            return wrong(format!("{} numbers for the covariance of {d}", covariance.len()));
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
                scatter[j * d + i] = (below / 2.0 + above / 2.0) * less;
            }
        }
        Ok(Self { count, mean, scatter })
    }

    /// Adds rows.
    ///
    /// # Errors
    ///
    /// If they are of another dimension, or nobody knows how many there were before.
    pub fn push(&mut self, rows: &Rows) -> Result<(), MetricError> {
        self.fits(rows.dimension())?;
        self.known_count()?;
        self.gather(rows, &(0..rows.count()).collect::<Vec<_>>());
        Ok(())
    }

    /// Adds what another gathered of other rows.
    ///
    /// # Errors
    ///
    /// If that is of another dimension, or nobody knows of how many rows one of them is.
    pub fn merge(&mut self, other: &Moments) -> Result<(), MetricError> {
        self.fits(other.dimension())?;
        self.known_count()?;
        let count = other.known_count()?;
        self.scatter.iter_mut().zip(&other.scatter).for_each(|(sum, value)| *sum += value);
        self.shift(count, &other.mean);
        Ok(())
    }

    fn fits(&self, second: usize) -> Result<(), MetricError> {
        let first = self.dimension();
        if first == second { Ok(()) } else { Err(MetricError::Dimension { first, second }) }
    }

    /// How many rows were gathered.
    ///
    /// # Errors
    ///
    /// If they are statistics that do not say it.
    pub fn known_count(&self) -> Result<usize, MetricError> {
        let unknown = || MetricError::Statistics { reason: "of how many images they are is not known".into() };
        self.count.ok_or_else(unknown)
    }

    fn gather(&mut self, rows: &Rows, chosen: &[usize]) {
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

    /// Moves the mean by `count` more rows whose scatter about their own `mean` has been added.
    fn shift(&mut self, count: usize, mean: &[f64]) {
        if count == 0 {
            return;
        }
        let (d, own) = (self.dimension(), self.count.unwrap_or_default());
        let all = (own + count) as f64;
        let weight = own as f64 * count as f64 / all;
        let apart: Vec<f64> = mean.iter().zip(&self.mean).map(|(theirs, own)| theirs - own).collect();
        if own > 0 {
            for (j, column) in self.scatter.chunks_exact_mut(d).enumerate() {
                let factor = weight * apart[j];
                column[j..].iter_mut().zip(&apart[j..]).for_each(|(sum, apart)| *sum += factor * apart);
            }
        }
        self.mean.iter_mut().zip(&apart).for_each(|(own, apart)| *own += apart * count as f64 / all);
        self.count = Some(own + count);
    }

    /// How many rows were gathered; `None` of statistics that do not say it.
    pub fn count(&self) -> Option<usize> {
        self.count
    }

    /// Numbers in a row.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// The mean of each column; zeros for no rows.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The covariance, of N − 1, as d × d numbers: symmetric to the bit.
    ///
    /// # Errors
    ///
    /// If fewer than two rows were gathered.
    pub fn covariance(&self) -> Result<Vec<f64>, MetricError> {
        let d = self.dimension();
        let lower = self.covariance_matrix()?;
        let corner = |at: usize| ((at / d).max(at % d), (at / d).min(at % d));
        Ok((0..d * d).map(|at| lower[corner(at)]).collect())
    }

    /// The covariance, of which only the diagonal and what lies below it may be looked at.
    pub(super) fn covariance_matrix(&self) -> Result<Mat<f64>, MetricError> {
        let (d, less) = (self.dimension(), less_one(self.count)?);
        Ok(Mat::from_fn(d, d, |i, j| self.scatter[j * d + i] / less))
    }
}

/// What a scatter is divided by to be a covariance: one less than its rows, or 1 where it is one already.
fn less_one(count: Option<usize>) -> Result<f64, MetricError> {
    match count {
        Some(count @ (0 | 1)) => Err(MetricError::OneImage { count }),
        Some(count) => Ok((count - 1) as f64),
        None => Ok(1.0),
    }
}

#[cfg(test)]
mod tests;

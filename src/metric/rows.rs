//! A view of features as rows.

use super::error::MetricError;

/// Rows that are converted to f64 at a time: 16 MiB for 2048 dimensions.
pub(super) const BLOCK: usize = 1024;

/// Rows of finite values, one for each image. There is at least one row, with at least one value.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    values: &'a [f32],
    dimension: usize,
}

impl<'a> Rows<'a> {
    /// Rows of `dimension` values.
    ///
    /// # Errors
    ///
    /// If there are no values, they do not fill the rows, or one of them is not finite.
    pub fn new(values: &'a [f32], dimension: usize) -> Result<Self, MetricError> {
        if dimension == 0 || values.is_empty() {
            return Err(MetricError::Empty { rows: values.len().checked_div(dimension).unwrap_or(0), dimension });
        }
        if !values.len().is_multiple_of(dimension) {
            return Err(MetricError::Ragged { values: values.len(), dimension });
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(MetricError::NotFinite { row: at / dimension, column: at % dimension }),
            None => Ok(Self { values, dimension }),
        }
    }

    /// Rows of values that [`Rows::new`] has checked before.
    pub(super) fn from_checked(values: &'a [f32], dimension: usize) -> Self {
        Self { values, dimension }
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.values.len() / self.dimension
    }

    /// The dimensions of a row.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Row `i`, which must be below [`Rows::count`].
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.values[i * self.dimension..][..self.dimension]
    }

    /// Replaces the content of `into` by these rows, as f64.
    pub(super) fn widen(&self, rows: impl Iterator<Item = usize>, into: &mut Vec<f64>) {
        into.clear();
        rows.for_each(|i| into.extend(self.row(i).iter().map(|&value| f64::from(value))));
    }

    /// Checks that two sets have the same dimension.
    pub(super) fn check_dimension(&self, other: &Rows) -> Result<(), MetricError> {
        let (first, second) = (self.dimension, other.dimension);
        if first == second { Ok(()) } else { Err(MetricError::Dimension { first, second }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_must_be_complete_finite_and_not_empty() {
        let wrong = |values: &[f32], dimension| Rows::new(values, dimension).unwrap_err().to_string();
        assert_eq!(wrong(&[], 3), "no features: 0 rows of 3 dimensions");
        assert_eq!(wrong(&[1.0], 0), "no features: 0 rows of 0 dimensions");
        assert_eq!(wrong(&[1.0; 7], 3), "7 values do not fill rows of 3");
        let mut values = [0.0; 6];
        values[5] = f32::NAN;
        assert_eq!(wrong(&values, 3), "the features are not finite in row 1, column 2");
        values[5] = f32::INFINITY;
        assert_eq!(wrong(&values, 2), "the features are not finite in row 2, column 1");
    }

    #[test]
    fn a_row_is_returned_by_index() {
        let rows = Rows::new(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!((rows.count(), rows.dimension(), rows.row(1)), (2, 2, &[3.0, 4.0][..]));
        let mut wide = vec![9.0];
        rows.widen([1, 0, 1].into_iter(), &mut wide);
        assert_eq!(wide, [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    }
}

//! A view of features: one row of numbers for each picture.

use super::error::MetricError;

/// Rows that are widened to 64 bits at a time: 16 MiB of 2048 features.
pub(super) const BLOCK: usize = 1024;

/// Finite numbers in rows of one length, one row a picture. There is one row at least, and one number in it.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    values: &'a [f32],
    dimension: usize,
}

impl<'a> Rows<'a> {
    /// Looks at `values`, row after row of `dimension` numbers.
    ///
    /// # Errors
    ///
    /// If there are none, they do not fill their rows, or one of them is not finite.
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

    /// Of values that [`Rows::new`] has looked at before.
    pub(super) fn known(values: &'a [f32], dimension: usize) -> Self {
        Self { values, dimension }
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.values.len() / self.dimension
    }

    /// Numbers in a row.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Row `i`, which must be below [`Rows::count`].
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.values[i * self.dimension..][..self.dimension]
    }

    /// Puts these rows, in 64 bits, into `into` in place of what it held.
    pub(super) fn widen(&self, rows: impl Iterator<Item = usize>, into: &mut Vec<f64>) {
        into.clear();
        rows.for_each(|i| into.extend(self.row(i).iter().map(|&value| f64::from(value))));
    }

    /// That two sets can be compared.
    pub(super) fn comparable(&self, other: &Rows) -> Result<(), MetricError> {
        let (first, second) = (self.dimension, other.dimension);
        if first == second { Ok(()) } else { Err(MetricError::Dimension { first, second }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole_finite_and_not_none() {
        let wrong = |values: &[f32], dimension| Rows::new(values, dimension).unwrap_err().to_string();
        assert_eq!(wrong(&[], 3), "no features: 0 rows of 3 numbers");
        assert_eq!(wrong(&[1.0], 0), "no features: 0 rows of 0 numbers");
        assert_eq!(wrong(&[1.0; 7], 3), "7 numbers are no rows of 3");
        let mut values = [0.0; 6];
        values[5] = f32::NAN;
        assert_eq!(wrong(&values, 3), "the features are not finite in row 1, column 2");
        values[5] = f32::INFINITY;
        assert_eq!(wrong(&values, 2), "the features are not finite in row 2, column 1");
    }

    #[test]
    fn a_row_is_found_by_its_number() {
        let rows = Rows::new(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!((rows.count(), rows.dimension(), rows.row(1)), (2, 2, &[3.0, 4.0][..]));
        let mut wide = vec![9.0];
        rows.widen([1, 0, 1].into_iter(), &mut wide);
        assert_eq!(wide, [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    }
}

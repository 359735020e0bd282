//! Matrix products, by the `gemm` crate: AVX-512, AVX2 or portable code, chosen at run time.

/// A matrix in a slice: element (r, c) is at `r · row + c · column`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    row: usize,
    column: usize,
}

impl<'a> Matrix<'a> {
    /// `rows` rows of `columns` values, one after another.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::with_steps(values, [rows, columns], [columns, 1])
    }

    /// A matrix whose rows start `row` values apart, and columns `column` values.
    pub fn with_steps(values: &'a [f32], [rows, columns]: [usize; 2], [row, column]: [usize; 2]) -> Self {
        Self { values, rows, columns, row, column }
    }

    /// `count` of its columns, from `first` on.
    pub fn columns(self, first: usize, count: usize) -> Self {
        Self { values: &self.values[first * self.column..], columns: count, ..self }
    }

    /// The same values with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows, row: self.column, column: self.row, ..self }
    }

    /// Whether all elements are inside the slice.
    fn is_inside(&self) -> bool {
        match (self.rows, self.columns) {
            (0, _) | (_, 0) => true,
            (rows, columns) => (rows - 1) * self.row + (columns - 1) * self.column < self.values.len(),
        }
    }
}

/// What becomes of the values that the result's place has already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onto {
    /// They are overwritten, and never read.
    Replace,
    /// The product is added to them.
    Add,
}

/// Computes `left · right` into `result`, whose rows of `right.columns` values are one after another.
///
/// It uses the calling thread alone. The order of summation depends on the shapes and the processor alone.
///
/// # Panics
///
/// If the shapes do not fit each other or their slices.
pub(crate) fn product(result: &mut [f32], left: Matrix<'_>, right: Matrix<'_>, onto: Onto) {
    let (rows, columns, inner) = (left.rows, right.columns, left.columns);
    assert_eq!(inner, right.rows, "the inner sizes of a product are equal");
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(rows * columns <= result.len(), "the result has room");
    assert!(left.is_inside() && right.is_inside(), "a matrix lies inside its slice");
    let signed = |step: usize| isize::try_from(step).expect("a slice has at most isize::MAX bytes");
    // SAFETY: the assertions above keep every element that `gemm` reads or writes inside the three slices, and `result`
    // is borrowed mutably, so that it overlaps neither of the others.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            result.as_mut_ptr(),
            1,
            signed(columns),
            onto == Onto::Add,
            left.values.as_ptr(),
            signed(left.column),
            signed(left.row),
            right.values.as_ptr(),
            signed(right.column),
            signed(right.row),
            1.0f32,
            1.0f32,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

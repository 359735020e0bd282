/// A square matrix, by rows.
pub(super) type Matrix = Vec<Vec<f64>>;

/// A pivot below this part of the greatest diagonal value is zero but for rounding.
const SINGULAR: f64 = 1e-10;
/// So is a matrix whose values are all below this.
const ZERO: f64 = 1e-12;

/// The inverse of a symmetric positive definite matrix with values of about 1, by Gauss–Jordan elimination; `None` if it is
/// singular.
pub(super) fn inverse(matrix: &Matrix) -> Option<Matrix> {
    let n = matrix.len();
    let greatest = (0..n).map(|j| matrix[j][j]).fold(0.0, f64::max);
    let mut left = matrix.clone();
    let mut right: Matrix = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for k in 0..n {
        // The pivots of a positive definite matrix are positive, so rows stay in place.
        let pivot = left[k][k];
        if !pivot.is_finite() || pivot <= (SINGULAR * greatest).max(ZERO) {
            return None;
        }
        left[k].iter_mut().chain(&mut right[k]).for_each(|cell| *cell /= pivot);
        let (left_row, right_row) = (left[k].clone(), right[k].clone());
        for i in (0..n).filter(|&i| i != k) {
            let factor = left[i][k];
            left[i].iter_mut().zip(&left_row).for_each(|(cell, of_k)| *cell -= factor * of_k);
            right[i].iter_mut().zip(&right_row).for_each(|(cell, of_k)| *cell -= factor * of_k);
        }
    }
    Some(right)
}

/// The product of a matrix and a vector.
pub(super) fn product(matrix: &Matrix, vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| row.iter().zip(vector).map(|(x, y)| x * y).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_the_identity() {
        // The inverse of [[4, 2], [2, 3]] is [[3, −2], [−2, 4]] / 8.
        let inverse = inverse(&vec![vec![4.0, 2.0], vec![2.0, 3.0]]).unwrap();
        assert_eq!(inverse, [[0.375, -0.25], [-0.25, 0.5]]);
        assert_eq!(product(&inverse, &[8.0, 0.0]), [3.0, -2.0]);
    }

    #[test]
    fn a_singular_matrix_has_no_inverse() {
        assert_eq!(inverse(&vec![vec![1.0, 2.0], vec![2.0, 4.0]]), None);
        assert_eq!(inverse(&vec![vec![0.0]]), None);
        assert_eq!(inverse(&vec![vec![1e-16]]), None);
        assert_eq!(inverse(&vec![vec![f64::NAN]]), None);
    }
}

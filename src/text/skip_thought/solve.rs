//! Least-squares affine maps.

use faer::linalg::solvers::Svd;
use faer::{Mat, MatRef};

/// A map x ↦ xW + b, and the quality of the fit.
#[derive(Debug)]
pub(super) struct Affine {
    /// W `[inputs, outputs]`.
    weights: Mat<f64>,
    /// b `[outputs]`.
    bias: Vec<f64>,
    /// The rank of the centred inputs.
    pub(super) rank: usize,
    /// The largest singular value divided by the smallest one that is not 0.
    pub(super) condition: f64,
    /// The fraction of the variance of the outputs that the map does not explain.
    pub(super) unexplained: f64,
}

/// The least-squares map from rows `[n, inputs]` to rows `[n, outputs]` with the smallest norm of W, as in
/// scikit-learn's `LinearRegression`: inputs and outputs are centred, and singular values up to max(n, inputs)·ε times
/// the largest are treated as 0, as in `numpy.linalg.lstsq`.
///
/// `None` if the singular value decomposition fails, which happens if a value is not finite.
pub(super) fn least_squares(inputs: &[f64], outputs: &[f64], n: usize) -> Option<Affine> {
    let centred = |values: &[f64]| {
        let columns = values.len() / n;
        let rows = MatRef::from_row_major_slice(values, n, columns);
        let means: Vec<f64> = (0..columns).map(|j| (0..n).map(|i| rows[(i, j)]).sum::<f64>() / n as f64).collect();
        (Mat::from_fn(n, columns, |i, j| rows[(i, j)] - means[j]), means)
    };
    let ((x, x_means), (y, y_means)) = (centred(inputs), centred(outputs));
    let svd = Svd::new_thin(x.as_ref()).ok()?;
    let values = svd.S().column_vector();
    let largest = if values.nrows() > 0 { values[0] } else { 0.0 };
    let threshold = largest * n.max(x.ncols()) as f64 * f64::EPSILON;
    let rank = (0..values.nrows()).filter(|&i| values[i] > threshold).count();
    let mut projected = svd.U().transpose() * &y;
    for i in 0..projected.nrows() {
        let factor = if i < rank { 1.0 / values[i] } else { 0.0 };
        (0..projected.ncols()).for_each(|j| projected[(i, j)] *= factor);
    }
    let weights = svd.V() * &projected;
    let bias = (0..weights.ncols())
        .map(|j| y_means[j] - (0..x_means.len()).map(|i| x_means[i] * weights[(i, j)]).sum::<f64>());
    let total = y.squared_norm_l2();
    let residual = (&y - &x * &weights).squared_norm_l2();
    let condition = if rank > 0 { largest / values[rank - 1] } else { f64::INFINITY };
    let unexplained = if total > 0.0 { residual / total } else { 0.0 };
    Some(Affine { bias: bias.collect(), weights, rank, condition, unexplained })
}

impl Affine {
    /// Applies the map to x.
    pub(super) fn apply(&self, x: &[f32]) -> Vec<f32> {
        let mut sums = self.bias.clone();
        for (i, &x) in x.iter().enumerate() {
            sums.iter_mut().enumerate().for_each(|(j, sum)| *sum += f64::from(x) * self.weights[(i, j)]);
        }
        sums.into_iter().map(|sum| sum as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn an_exact_map_is_found() {
        let (n, d, e) = (40, 5, 3);
        let random = |name: &str, count| Random::named(3, name).normals(count);
        let (x, w, b) = (random("x", n * d), random("w", d * e), random("b", e));
        let exact = |x: &[f32], j: usize| b[j] + (0..d).map(|i| x[i] * w[i * e + j]).sum::<f32>();
        let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
        let y: Vec<f32> = x.chunks(d).flat_map(|x| (0..e).map(move |j| (x, j))).map(|(x, j)| exact(x, j)).collect();
        let affine = least_squares(&wide(&x), &wide(&y), n).unwrap();
        assert!(affine.rank == d && affine.condition < 10.0 && affine.unexplained < 1e-12);
        let probe = random("probe", d);
        for (j, found) in affine.apply(&probe).into_iter().enumerate() {
            assert!((found - exact(&probe, j)).abs() < 1e-5);
        }
    }

    #[test]
    fn equal_inputs_lower_the_rank_and_have_equal_weights() {
        let x: Vec<f64> = [1.0, 2.0, 4.0, 7.0].into_iter().flat_map(|x| [x, x]).collect();
        let affine = least_squares(&x, &[3.0, 5.0, 9.0, 15.0], 4).unwrap();
        assert_eq!(affine.rank, 1);
        assert!((affine.weights[(0, 0)] - 1.0).abs() < 1e-12 && (affine.weights[(1, 0)] - 1.0).abs() < 1e-12);
        assert!((affine.bias[0] - 1.0).abs() < 1e-12);
        let equal = least_squares(&[2.0; 4], &[1.0, 3.0], 2).unwrap();
        assert!(equal.rank == 0 && equal.unexplained == 1.0 && equal.apply(&[9.0, 9.0]) == [2.0]);
    }
}

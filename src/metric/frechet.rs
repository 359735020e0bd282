//! The Fréchet distance between two sets of features, each modelled as a Gaussian.

use faer::{Mat, Side};

use super::error::MetricError;
use super::moments::Moments;

/// A Fréchet distance and its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Frechet {
    /// The squared distance, as Heusel et al. report it: 0 or more, in squared units of the features.
    pub distance: f64,
    /// The part of the means, |μ₁ − μ₂|².
    pub means: f64,
    /// The part of the covariances, tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½.
    pub covariances: f64,
    /// The dimensions of the features.
    pub dimension: usize,
    /// The number of images in each set, if known.
    pub counts: [Option<usize>; 2],
    /// The numerical rank of each covariance.
    pub ranks: [usize; 2],
}

impl Frechet {
    /// Which covariances are singular.
    pub fn is_singular(&self) -> [bool; 2] {
        self.ranks.map(|rank| rank < self.dimension)
    }

    /// Which sets have at most as many images as the features have dimensions: the covariance is singular, and the
    /// distance is biased upward.
    pub fn has_few_images(&self) -> [bool; 2] {
        self.counts.map(|count| count.is_some_and(|count| count <= self.dimension))
    }
}

/// The Fréchet distance |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½ (Heusel et al. 2017, equation 6), with covariances
/// of N − 1. 0 for equal moments; it has no upper bound.
///
/// With Σ₁ = AᵀA and Σ₂ = BᵀB, the eigenvalues of Σ₁Σ₂ are the squares of the singular values of ABᵀ, and the last
/// trace is the sum of the singular values. This is also exact for singular covariances. The square root of the product
/// is not: an eigenvalue that should be zero is about ε, its root is 1e-8, and with fewer images than dimensions there
/// are hundreds of these. For the same reason, A and B leave out eigenvalues that are known to be noise: all beyond the
/// N − 1 that N images can have, and those below d·ε times the largest.
///
/// # Errors
///
/// If the dimensions differ, a set has fewer than two images, or a decomposition does not converge.
pub fn frechet_distance(a: &Moments, b: &Moments) -> Result<Frechet, MetricError> {
    let (first, second) = (a.dimension(), b.dimension());
    if first != second {
        return Err(MetricError::Dimension { first, second });
    }
    gaussian_distance(&Gaussian::new(a)?, &Gaussian::new(b)?)
}

/// Moments with a factorised covariance.
pub(super) struct Gaussian {
    count: Option<usize>,
    mean: Vec<f64>,
    trace: f64,
    /// A with Σ = AᵀA: rank × d values.
    factor: Mat<f64>,
}

impl Gaussian {
    pub(super) fn new(moments: &Moments) -> Result<Self, MetricError> {
        let covariance = moments.covariance_matrix()?;
        let d = moments.dimension();
        let trace = (0..d).map(|i| covariance[(i, i)]).sum();
        let eigen = covariance
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| MetricError::NoConvergence { what: "eigendecomposition of a covariance" })?;
        // The eigenvalues ascend: the last ones are selected.
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
        let max_rank = moments.count().map_or(d, |count| d.min(count - 1));
        let noise = d as f64 * f64::EPSILON * values[d - 1].max(0.0);
        let selected: Vec<usize> = (d - max_rank..d).filter(|&i| values[i] > noise).collect();
        let factor = Mat::from_fn(selected.len(), d, |i, j| values[selected[i]].sqrt() * vectors[(j, selected[i])]);
        Ok(Self { count: moments.count(), mean: moments.mean().to_vec(), trace, factor })
    }
}

/// The distance of two Gaussians of the same dimension.
pub(super) fn gaussian_distance(a: &Gaussian, b: &Gaussian) -> Result<Frechet, MetricError> {
    let means = a.mean.iter().zip(&b.mean).map(|(a, b)| (a - b) * (a - b)).sum();
    let ranks = [a.factor.nrows(), b.factor.nrows()];
    let root: f64 = match ranks.contains(&0) {
        true => 0.0,
        false => {
            let values = (&a.factor * b.factor.transpose()).singular_values();
            values.map_err(|_| MetricError::NoConvergence { what: "singular value decomposition" })?.iter().sum()
        }
    };
    // A squared distance (Dowson and Landau 1982): only rounding can make it negative.
    let covariances = (a.trace + b.trace - 2.0 * root).max(0.0);
    let dimension = a.mean.len();
    Ok(Frechet { distance: means + covariances, means, covariances, dimension, counts: [a.count, b.count], ranks })
}

#[cfg(test)]
mod tests;

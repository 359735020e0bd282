//! The Fréchet distance between two sets of features, each taken for a Gaussian.

use faer::{Mat, Side};

use super::error::MetricError;
use super::moments::Moments;

/// A Fréchet distance and what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Frechet {
    /// The distance, squared as Heusel et al. report it: 0 or more, in the features' squared unit.
    pub distance: f64,
    /// The part of the means, |μ₁ − μ₂|².
    pub means: f64,
    /// The part of the covariances, tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½.
    pub covariances: f64,
    /// Numbers in a row of features.
    pub dimension: usize,
    /// Images in each set, where that is known.
    pub counts: [Option<usize>; 2],
    /// The numerical rank of each covariance.
    pub ranks: [usize; 2],
}

impl Frechet {
    /// Which covariances are singular: some direction has no spread at all.
    pub fn singular(&self) -> [bool; 2] {
        self.ranks.map(|rank| rank < self.dimension)
    }

    /// Which sets have no more images than features have dimensions, so that the covariance is singular whatever the
    /// images show, and the distance biased upwards.
    pub fn few(&self) -> [bool; 2] {
        self.counts.map(|count| count.is_some_and(|count| count <= self.dimension))
    }
}

/// The Fréchet distance |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½ (Heusel et al. 2017, equation 6), with covariances
/// of N − 1. 0 for equal moments; it has no upper bound.
///
/// With Σ₁ = AᵀA and Σ₂ = BᵀB the eigenvalues of Σ₁Σ₂ are the squares of the singular values of ABᵀ, and the last trace
/// is their sum. That is exact for singular covariances too. A root of the product itself is not: an eigenvalue that
/// should be zero comes out at about ε, the root makes 1e-8 of it, and with fewer images than dimensions there are
/// hundreds of these. For the same reason A and B leave out what is known to be noise: all eigenvalues beyond the
/// N − 1 that N images can have, and those below d·ε of the largest.
///
/// # Errors
///
/// If the dimensions differ, a set has fewer than two images, or a decomposition does not converge.
pub fn frechet_distance(a: &Moments, b: &Moments) -> Result<Frechet, MetricError> {
    let (first, second) = (a.dimension(), b.dimension());
    if first != second {
        return Err(MetricError::Dimension { first, second });
    }
    between(&Gaussian::of(a)?, &Gaussian::of(b)?)
}

/// Moments whose covariance has been taken apart.
pub(super) struct Gaussian {
    count: Option<usize>,
    mean: Vec<f64>,
    trace: f64,
    /// Σ = AᵀA: rank × d numbers.
    factor: Mat<f64>,
}

impl Gaussian {
    pub(super) fn of(moments: &Moments) -> Result<Self, MetricError> {
        let covariance = moments.covariance_matrix()?;
        let d = moments.dimension();
        let trace = (0..d).map(|i| covariance[(i, i)]).sum();
        let parts = covariance
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| MetricError::NoConvergence { what: "eigenvalues of a covariance" })?;
        // Ascending, so that the last are kept.
        let (values, vectors) = (parts.S().column_vector(), parts.U());
        let most = moments.count().map_or(d, |count| d.min(count - 1));
        let noise = d as f64 * f64::EPSILON * values[d - 1].max(0.0);
        let kept: Vec<usize> = (d - most..d).filter(|&i| values[i] > noise).collect();
        let factor = Mat::from_fn(kept.len(), d, |i, j| values[kept[i]].sqrt() * vectors[(j, kept[i])]);
        Ok(Self { count: moments.count(), mean: moments.mean().to_vec(), trace, factor })
    }
}

/// The distance of two that have as many dimensions.
pub(super) fn between(a: &Gaussian, b: &Gaussian) -> Result<Frechet, MetricError> {
    let means = a.mean.iter().zip(&b.mean).map(|(a, b)| (a - b) * (a - b)).sum();
    let ranks = [a.factor.nrows(), b.factor.nrows()];
    let root: f64 = match ranks.contains(&0) {
        true => 0.0,
        false => {
            let values = (&a.factor * b.factor.transpose()).singular_values();
            values.map_err(|_| MetricError::NoConvergence { what: "singular values" })?.iter().sum()
        }
    };
    // Never negative but for rounding, as the square of a distance (Dowson and Landau 1982).
    let covariances = (a.trace + b.trace - 2.0 * root).max(0.0);
    let dimension = a.mean.len();
    Ok(Frechet { distance: means + covariances, means, covariances, dimension, counts: [a.count, b.count], ranks })
}

#[cfg(test)]
mod tests;

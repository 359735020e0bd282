//! Fidelity and coverage of generated images: precision, recall, density and coverage.

use super::error::MetricError;
use super::neighbours::{membership, radii};
use super::rows::Rows;

/// Improved precision and recall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// The fraction of fakes within a ball of a real image, 0 to 1.
    pub precision: f64,
    /// The fraction of real images within a ball of a fake, 0 to 1.
    pub recall: f64,
}

/// Density and coverage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DensityCoverage {
    /// The mean number of balls of real images that contain a fake, divided by k: 0 or more, about 1 for real images.
    pub density: f64,
    /// The fraction of real images whose ball contains a fake, 0 to 1.
    pub coverage: f64,
}

/// Improved precision and recall (Kynkäänniemi et al. 2019, equations 1 and 2; `k` is 3 in the paper). The radius of
/// the ball of an image is the distance to its `k`-th nearest neighbour in its own set, without the image itself. An
/// image at exactly that distance is outside, as in the `prdc` package; it is inside in torch-fidelity and in the
/// paper.
///
/// Distances of 256 rows at a time are in memory.
///
/// # Errors
///
/// If the dimensions differ, `k` is 0, or a set has at most `k` images.
pub fn precision_recall(real: &Rows, fake: &Rows, k: usize) -> Result<PrecisionRecall, MetricError> {
    real.check_dimension(fake)?;
    check_neighbour(k, real.count().min(fake.count()))?;
    let of_fakes = membership(fake, real, &radii(real, k)?).balls;
    let of_reals = membership(real, fake, &radii(fake, k)?).balls;
    let fraction = |balls: Vec<usize>| balls.iter().filter(|&&balls| balls > 0).count() as f64 / balls.len() as f64;
    Ok(PrecisionRecall { precision: fraction(of_fakes), recall: fraction(of_reals) })
}

/// Density and coverage (Naeem et al. 2020, equations 4 and 5; `k` is 5 in the paper), with the balls of
/// [`precision_recall`] around real images only.
///
/// # Errors
///
/// If the dimensions differ, `k` is 0, or there are at most `k` real images.
pub fn density_coverage(real: &Rows, fake: &Rows, k: usize) -> Result<DensityCoverage, MetricError> {
    real.check_dimension(fake)?;
    let found = membership(fake, real, &radii(real, k)?);
    let balls: usize = found.balls.iter().sum();
    let reached = found.reached.iter().filter(|&&reached| reached).count();
    Ok(DensityCoverage {
        density: balls as f64 / (k * fake.count()) as f64,
        coverage: reached as f64 / real.count() as f64,
    })
}

/// Checked first, because the computation may take hours.
fn check_neighbour(k: usize, count: usize) -> Result<(), MetricError> {
    if k == 0 || k >= count { Err(MetricError::Neighbour { k, count }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;

//! How far generated pictures look real, and how much of what is real they show.

use super::error::MetricError;
use super::neighbours::{membership, radii};
use super::rows::Rows;

/// Improved precision and recall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// The share of fakes within a ball of some real picture, 0 to 1.
    pub precision: f64,
    /// The share of real pictures within a ball of some fake, 0 to 1.
    pub recall: f64,
}

/// Density and coverage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DensityCoverage {
    /// How many real pictures' balls a fake is in, over k: 0 or more, about 1 for real pictures.
    pub density: f64,
    /// The share of real pictures whose ball holds a fake, 0 to 1.
    pub coverage: f64,
}

/// Improved precision and recall (Kynkäänniemi et al. 2019, equations 1 and 2; the paper has `k` of 3). A ball reaches
/// from a picture to its `k`-th nearest neighbour in its own set, the picture itself not counted. A picture at exactly
/// that distance is outside, as in the `prdc` package; torch-fidelity and the paper's equation count it inside.
///
/// Distances are held for 256 rows at a time.
///
/// # Errors
///
/// If the dimensions differ, `k` is 0, or a set has no `k` other pictures for each.
pub fn precision_recall(real: &Rows, fake: &Rows, k: usize) -> Result<PrecisionRecall, MetricError> {
    real.comparable(fake)?;
    neighbour(k, real.count().min(fake.count()))?;
    let of_fakes = membership(fake, real, &radii(real, k)?).balls;
    let of_reals = membership(real, fake, &radii(fake, k)?).balls;
    let share = |balls: Vec<usize>| balls.iter().filter(|&&balls| balls > 0).count() as f64 / balls.len() as f64;
    Ok(PrecisionRecall { precision: share(of_fakes), recall: share(of_reals) })
}

/// Density and coverage (Naeem et al. 2020, equations 4 and 5; the paper has `k` of 5), with balls as in
/// [`precision_recall`] around real pictures alone.
///
/// # Errors
///
/// If the dimensions differ, `k` is 0, or there are no `k` other real pictures for each.
pub fn density_coverage(real: &Rows, fake: &Rows, k: usize) -> Result<DensityCoverage, MetricError> {
    real.comparable(fake)?;
    let found = membership(fake, real, &radii(real, k)?);
    let balls: usize = found.balls.iter().sum();
    let reached = found.reached.iter().filter(|&&reached| reached).count();
    Ok(DensityCoverage {
        density: balls as f64 / (k * fake.count()) as f64,
        coverage: reached as f64 / real.count() as f64,
    })
}

/// Said before hours of work, not between.
fn neighbour(k: usize, count: usize) -> Result<(), MetricError> {
    if k == 0 || k >= count { Err(MetricError::Neighbour { k, count }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;

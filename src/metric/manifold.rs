//! Fidelity and coverage of generated images: precision, recall, density and coverage.

use super::error::MetricError;
use super::neighbours::{Balls, Membership, Side, memberships, radii};
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

impl PrecisionRecall {
    /// From the fakes in balls around real images, and the real images in balls around fakes.
    fn new(of_fakes: &Membership, of_reals: &Membership) -> Self {
        let fraction = |Membership { balls, .. }: &Membership| {
            balls.iter().filter(|&&balls| balls > 0).count() as f64 / balls.len() as f64
        };
        Self { precision: fraction(of_fakes), recall: fraction(of_reals) }
    }
}

impl DensityCoverage {
    /// From the fakes in balls around real images, whose radius is the distance to the `k`-th neighbour.
    fn new(Membership { balls, reached }: &Membership, k: usize) -> Self {
        let inside: usize = balls.iter().sum();
        let covered = reached.iter().filter(|&&reached| reached).count();
        Self { density: inside as f64 / (k * balls.len()) as f64, coverage: covered as f64 / reached.len() as f64 }
    }
}

/// Improved precision and recall (Kynkäänniemi et al. 2019, equations 1 and 2; `k` is 3 in the paper). The radius of
/// the ball of an image is the distance to its `k`-th nearest neighbour in its own set, without the image itself. An
/// image at exactly that distance is outside, as in the `prdc` package; it is inside in torch-fidelity and in the
/// paper.
///
/// The decisions are those of distances in f64. Copies of both sets in f32 are in memory, and a few candidates for
/// each image.
///
/// # Errors
///
/// If the dimensions differ, `k` is 0, or a set has at most `k` images.
pub fn precision_recall(real: &Rows, fake: &Rows, k: usize) -> Result<PrecisionRecall, MetricError> {
    real.check_dimension(fake)?;
    check_neighbour(k, real.count().min(fake.count()))?;
    let [of_real] = radii(real, [k])?;
    let [of_fake] = radii(fake, [k])?;
    let [fakes, reals] = memberships(fake, real, [around_real(&of_real), around_fake(&of_fake)]);
    Ok(PrecisionRecall::new(&fakes, &reals))
}

/// Density and coverage (Naeem et al. 2020, equations 4 and 5; `k` is 5 in the paper), with the balls of
/// [`precision_recall`] around real images only.
///
/// # Errors
///
/// If the dimensions differ, `k` is 0, or there are at most `k` real images.
pub fn density_coverage(real: &Rows, fake: &Rows, k: usize) -> Result<DensityCoverage, MetricError> {
    real.check_dimension(fake)?;
    let [of_real] = radii(real, [k])?;
    let [fakes] = memberships(fake, real, [around_real(&of_real)]);
    Ok(DensityCoverage::new(&fakes, k))
}

/// [`precision_recall`] with `k_pr` and [`density_coverage`] with `k_dc`: the same values, in little more time than the
/// first alone, since both need the same distances.
///
/// # Errors
///
/// If the dimensions differ, a number is 0, a set has at most `k_pr` images, or there are at most `k_dc` real images.
pub fn precision_recall_density_coverage(
    real: &Rows,
    fake: &Rows,
    k_pr: usize,
    k_dc: usize,
) -> Result<(PrecisionRecall, DensityCoverage), MetricError> {
    real.check_dimension(fake)?;
    check_neighbour(k_pr, real.count().min(fake.count()))?;
    let [of_real, wide] = radii(real, [k_pr, k_dc])?;
    let [of_fake] = radii(fake, [k_pr])?;
    let kinds = [around_real(&of_real), around_fake(&of_fake), around_real(&wide)];
    let [fakes, reals, in_wide] = memberships(fake, real, kinds);
    Ok((PrecisionRecall::new(&fakes, &reals), DensityCoverage::new(&in_wide, k_dc)))
}

/// Balls around the second set of [`memberships`].
fn around_real(radii: &[f64]) -> Balls<'_> {
    Balls { around: Side::Second, radii }
}

/// Balls around the first set of [`memberships`].
fn around_fake(radii: &[f64]) -> Balls<'_> {
    Balls { around: Side::First, radii }
}

/// Checked first, because the computation may take hours.
fn check_neighbour(k: usize, count: usize) -> Result<(), MetricError> {
    if k == 0 || k >= count { Err(MetricError::Neighbour { k, count }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;

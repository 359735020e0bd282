//! The Fréchet distance, extrapolated to infinitely many generated images.

use super::error::MetricError;
use super::frechet::{Gaussian, gaussian_distance};
use super::moments::Moments;
use super::rows::Rows;
use crate::random::Random;

/// A regression line of Fréchet distances against 1/N.
#[derive(Clone, Debug, PartialEq)]
pub struct Extrapolation {
    /// The value at 1/N = 0: FID∞. It may be negative if the sets are similar.
    pub intercept: f64,
    /// The standard error of the intercept by least squares. It is too small, because samples share images.
    pub error: f64,
    /// The slope of the distance over 1/N.
    pub slope: f64,
    /// The sample sizes in ascending order, each with its distance.
    pub points: Vec<(usize, f64)>,
}

/// FID∞ (Chong and Forsyth 2020, section 4): the Fréchet distances at `points` sample sizes (15 in the paper), evenly
/// spaced from `from` (5,000) to all generated images, each for a sample drawn with `seed` without replacement, and
/// their least-squares line against 1/N, evaluated at 1/N = 0.
///
/// The reference keeps its finite number of images: only the bias of the number of generated images is removed. The
/// distance is linear in 1/N if N is much larger than the dimension and the distance is not near 0. Otherwise the
/// intercept is too low, and may be negative.
///
/// # Errors
///
/// If `from` is below 2, `points` is below 3, or there are fewer than `from + points` generated images; and as
/// [`super::frechet_distance`].
pub fn extrapolated_frechet(
    reference: &Moments,
    generated: &Rows,
    from: usize,
    points: usize,
    seed: u64,
) -> Result<Extrapolation, MetricError> {
    let (first, second) = (reference.dimension(), generated.dimension());
    if first != second {
        return Err(MetricError::Dimension { first, second });
    }
    let count = generated.count();
    if from < 2 || points < 3 || count < from.saturating_add(points) {
        return Err(MetricError::Extrapolation { count, from, points });
    }
    let reference = Gaussian::new(reference)?;
    let mut found = Vec::with_capacity(points);
    for point in 0..points {
        let size = from + (count - from) * point / (points - 1);
        let mut sample = Random::named(seed, &format!("extrapolated frechet/{point}")).permutation(count);
        sample.truncate(size);
        let sample = Gaussian::new(&Moments::from_some_rows(generated, &sample))?;
        found.push((size, gaussian_distance(&reference, &sample)?.distance));
    }
    line(found)
}

/// The least-squares line of distances against the inverse of their sample sizes.
fn line(points: Vec<(usize, f64)>) -> Result<Extrapolation, MetricError> {
    let n = points.len() as f64;
    let inverse = |&(count, _): &(usize, f64)| 1.0 / count as f64;
    let mean_x = points.iter().map(inverse).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, distance)| distance).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|point| (inverse(point) - mean_x).powi(2)).sum();
    if points.len() < 3 || spread <= 0.0 {
        return Err(MetricError::Line);
    }
    let joint: f64 = points.iter().map(|point| (inverse(point) - mean_x) * (point.1 - mean_y)).sum();
    let slope = joint / spread;
    let intercept = mean_y - slope * mean_x;
    let rest: f64 = points.iter().map(|point| (point.1 - intercept - slope * inverse(point)).powi(2)).sum();
    let error = (rest / (n - 2.0) * (1.0 / n + mean_x * mean_x / spread)).sqrt();
    Ok(Extrapolation { intercept, error, slope, points })
}

#[cfg(test)]
mod tests;

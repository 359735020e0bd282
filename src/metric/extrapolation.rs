//! The Fréchet distance that infinitely many generated pictures would have.

use super::error::MetricError;
use super::frechet::{Gaussian, between};
use super::moments::Moments;
use super::rows::Rows;
use crate::random::Random;

/// A line through Fréchet distances over 1/N.
#[derive(Clone, Debug, PartialEq)]
pub struct Extrapolation {
    /// Where the line meets 1/N = 0: FID∞. It may fall below 0 where the sets are alike.
    pub intercept: f64,
    /// The intercept's standard error by least squares. Samples share pictures, so that it is too small.
    pub error: f64,
    /// How the distance grows with 1/N.
    pub slope: f64,
    /// The sample sizes, ascending, each with its distance.
    pub points: Vec<(usize, f64)>,
}

/// FID∞ (Chong and Forsyth 2020, section 4): the Fréchet distance at `points` sample sizes (the paper has 15), evenly
/// spaced from `from` (5,000) to all generated pictures, each of a sample drawn by `seed` without replacement, and the
/// least-squares line of these against 1/N, read at 1/N = 0.
///
/// The reference is as it is, with its finite count: only what is due to the number of generated pictures is
/// taken out. The line holds where N is well above the dimension and the distance is not near 0; elsewhere the distance
/// bends, and the intercept comes out too low, even below 0.
///
/// # Errors
///
/// If `from` is below 2, `points` below 3, or there are fewer than `from + points` generated pictures; and as
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
    let reference = Gaussian::of(reference)?;
    let mut found = Vec::with_capacity(points);
    for point in 0..points {
        let size = from + (count - from) * point / (points - 1);
        let mut sample = Random::named(seed, &format!("extrapolated frechet/{point}")).permutation(count);
        sample.truncate(size);
        let sample = Gaussian::of(&Moments::of_some(generated, &sample))?;
        found.push((size, between(&reference, &sample)?.distance));
    }
    line(found)
}

/// The least-squares line of distances against one over their counts.
fn line(points: Vec<(usize, f64)>) -> Result<Extrapolation, MetricError> {
    let n = points.len() as f64;
    let inverse = |&(count, _): &(usize, f64)| 1.0 / count as f64;
    let mean_x = points.iter().map(inverse).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, distance)| distance).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|point| (inverse(point) - mean_x).powi(2)).sum();
    // Sizes are different by what was asked of their number, but a line is as good as its points.
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

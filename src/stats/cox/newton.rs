use super::CoxError;
use super::likelihood::Likelihood;
use super::matrix::{Matrix, inverse, product};

/// The maximum of a likelihood.
pub(super) struct Fit {
    pub estimates: Vec<f64>,
    /// The inverse of the observed information.
    pub covariance: Matrix,
    pub log_likelihood: f64,
    /// The log-likelihood of no effects.
    pub null_log_likelihood: f64,
}

const MAX_ITERATIONS: usize = 100;
/// The estimate has converged when a step is smaller than this. The error is then about its square.
const STEP: f64 = 1e-9;
/// The logarithm of the greatest hazard ratio between two runs that counts as finite: 5 · 10⁸.
const MAX_RANGE: f64 = 20.0;
/// A step may not change the logarithm of a hazard ratio by more than this, so that it cannot pass a finite maximum.
const MAX_STEP: f64 = 4.0;

/// Maximizes the likelihood by Newton's method; steps that do not increase it are halved.
pub(super) fn maximize(likelihood: &Likelihood) -> Result<Fit, CoxError> {
    let mut estimates = vec![0.0; likelihood.width()];
    let mut value = likelihood.at(&estimates);
    let null_log_likelihood = value.log_likelihood;
    let mut covariance = inverse(&value.information).ok_or(CoxError::Dependent)?;
    for _ in 0..MAX_ITERATIONS {
        let mut step = product(&covariance, &value.gradient);
        let range = likelihood.range(&step);
        if range > MAX_STEP {
            step.iter_mut().for_each(|part| *part *= MAX_STEP / range);
        }
        let size = step.iter().fold(0.0_f64, |size, part| size.max(part.abs()));
        let next = loop {
            let moved: Vec<f64> = estimates.iter().zip(&step).map(|(estimate, part)| estimate + part).collect();
            let there = likelihood.at(&moved);
            let is_lower = there.log_likelihood < value.log_likelihood - 1e-12 * value.log_likelihood.abs();
            if !is_lower || step.iter().all(|part| part.abs() < STEP) {
                break (moved, there);
            }
            step.iter_mut().for_each(|part| *part *= 0.5);
        };
        (estimates, value) = next;
        if likelihood.range(&estimates) > MAX_RANGE {
            return Err(CoxError::Infinite);
        }
        covariance = inverse(&value.information).ok_or(CoxError::Infinite)?;
        if size < STEP {
            let log_likelihood = value.log_likelihood;
            return Ok(Fit { estimates, covariance, log_likelihood, null_log_likelihood });
        }
    }
    Err(CoxError::NotConverged)
}

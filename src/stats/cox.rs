mod likelihood;
mod matrix;
mod newton;
#[cfg(test)]
mod tests;

use super::distribution::{chi_squared_tail, normal_quantile, normal_tail};
use super::{EventTime, Interval};
use likelihood::Likelihood;

/// A fitted proportional hazards model: hazard(t) = baseline(t) · exp(Σ coefficient · covariate) (Cox 1972).
#[derive(Clone, Debug, PartialEq)]
pub struct Cox {
    /// One for each covariate.
    pub coefficients: Vec<CoxCoefficient>,
    /// The logarithm of the partial likelihood.
    pub log_likelihood: f64,
    /// Twice the gain of the log-likelihood over that of no effects.
    pub chi_squared: f64,
    /// The p-value of the likelihood-ratio test that no covariate has an effect.
    pub p: f64,
}

/// The effect of one covariate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoxCoefficient {
    /// The logarithm of the hazard ratio.
    pub estimate: f64,
    /// Its standard error, from the observed information.
    pub standard_error: f64,
    /// The hazard with the covariate 1 greater, relative to the hazard without.
    pub hazard_ratio: f64,
    /// The Wald interval of the hazard ratio.
    pub interval: Interval,
    /// The two-sided p-value of Wald's test that the hazard ratio is 1.
    pub p: f64,
}

/// The hazard of one group relative to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HazardRatio {
    /// The ratio; above 1, the events of the first group are earlier.
    pub ratio: f64,
    /// Its Wald interval.
    pub interval: Interval,
    /// The two-sided p-value of Wald's test that the ratio is 1.
    pub wald_p: f64,
    /// The p-value of the likelihood-ratio test; it is more reliable than Wald's for large effects.
    pub likelihood_ratio_p: f64,
}

/// Why a proportional hazards model has no estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoxError {
    /// A time is NaN, infinite or negative.
    #[error("a time is not a finite number of at least 0")]
    Time,
    /// The covariates are not finite, or not one list of equal length for each time.
    #[error("the covariates are not one list of finite numbers, equally long, for each time")]
    Covariates,
    /// The confidence level is out of range.
    #[error("the confidence level is outside (0, 1)")]
    Level,
    /// No event was observed.
    #[error("no event was observed")]
    NoEvents,
    /// Whenever an event occurs, the covariates of those at risk are equal or linearly dependent.
    #[error("the covariates are constant or linearly dependent among the runs at risk")]
    Dependent,
    /// The likelihood increases without end, such as with all events in one group, or all of one group before those of
    /// the other.
    #[error("the covariates separate the events completely, so the estimate is infinite")]
    Infinite,
    /// Newton's method did not converge.
    #[error("Newton's method did not converge")]
    NotConverged,
}

/// Fits a proportional hazards model: one row of covariates for each time, with Wald intervals at this confidence
/// `level`. Tied events are handled by Efron's method (Efron 1977).
///
/// # Errors
///
/// If the input is invalid, or there is no finite estimate; see [`CoxError`].
pub fn cox(times: &[EventTime], covariates: &[Vec<f64>], level: f64) -> Result<Cox, CoxError> {
    let width = covariates.first().map_or(0, Vec::len);
    let is_row = |row: &Vec<f64>| row.len() == width && row.iter().all(|value| value.is_finite());
    if !times.iter().all(EventTime::is_valid) {
        return Err(CoxError::Time);
    }
    if times.len() != covariates.len() || (width == 0 && !times.is_empty()) || !covariates.iter().all(is_row) {
        return Err(CoxError::Covariates);
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(CoxError::Level);
    }
    if !times.iter().any(|time| time.observed) {
        return Err(CoxError::NoEvents);
    }
    // Newton's method on centred covariates with a standard deviation of 1: their unit does not matter.
    let scales = scales(covariates).ok_or(CoxError::Dependent)?;
    let scaled = |row: &Vec<f64>| row.iter().zip(&scales).map(|(x, (centre, scale))| (x - centre) / scale).collect();
    let likelihood = Likelihood::new(times, covariates.iter().map(scaled).collect());
    let fit = newton::maximize(&likelihood)?;
    let z = normal_quantile(0.5 + 0.5 * level);
    let coefficient = |j: usize| {
        let (estimate, error) = (fit.estimates[j] / scales[j].1, fit.covariance[j][j].sqrt() / scales[j].1);
        CoxCoefficient {
            estimate,
            standard_error: error,
            hazard_ratio: estimate.exp(),
            interval: Interval { low: (estimate - z * error).exp(), high: (estimate + z * error).exp() },
            p: 2.0 * normal_tail((estimate / error).abs()),
        }
    };
    // Rounding may make it less than 0 by the last digit.
    let chi_squared = (2.0 * (fit.log_likelihood - fit.null_log_likelihood)).max(0.0);
    let df = u32::try_from(width).unwrap_or(u32::MAX);
    Ok(Cox {
        coefficients: (0..width).map(coefficient).collect(),
        log_likelihood: fit.log_likelihood,
        chi_squared,
        p: chi_squared_tail(chi_squared, df),
    })
}

/// The hazard of group `a` relative to group `b`, from a proportional hazards model with one covariate; its interval has
/// this confidence `level`. It ignores any pairing.
///
/// # Errors
///
/// If a time or the level is invalid, or there is no finite estimate; see [`CoxError`].
pub fn hazard_ratio(a: &[EventTime], b: &[EventTime], level: f64) -> Result<HazardRatio, CoxError> {
    let of_group = |group: &[EventTime], value: f64| vec![vec![value]; group.len()];
    let model = cox(&[a, b].concat(), &[of_group(a, 1.0), of_group(b, 0.0)].concat(), level)?;
    let CoxCoefficient { hazard_ratio: ratio, interval, p: wald_p, .. } = model.coefficients[0];
    Ok(HazardRatio { ratio, interval, wald_p, likelihood_ratio_p: model.p })
}

/// Mean and standard deviation of each covariate; `None` if one is constant.
fn scales(rows: &[Vec<f64>]) -> Option<Vec<(f64, f64)>> {
    let n = rows.len() as f64;
    let scale = |j: usize| {
        let mean = rows.iter().map(|row| row[j]).sum::<f64>() / n;
        let variance = rows.iter().map(|row| (row[j] - mean).powi(2)).sum::<f64>() / n;
        (variance > 0.0 && variance.is_finite()).then(|| (mean, variance.sqrt()))
    };
    (0..rows.first().map_or(0, Vec::len)).map(scale).collect()
}

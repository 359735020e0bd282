use statrs::function::gamma::ln_gamma;

use super::{mann_whitney, mean, sd};

/// Cohen's d of paired differences (d_z): their mean divided by their standard deviation (Cohen 1988, section 2.3.5).
///
/// `None` for fewer than two differences, NaN or infinite ones, and if all are equal.
pub fn cohen_d_paired(differences: &[f64]) -> Option<f64> {
    let d = mean(differences)? / sd(differences)?;
    d.is_finite().then_some(d)
}

/// Hedges' g of two independent samples: the difference of means, first minus second, divided by the pooled standard
/// deviation, with the exact correction of its bias in small samples (Hedges 1981, equation 6e).
///
/// `None` for samples with fewer than two values, NaN or infinite ones, and if no value differs from its sample's mean.
pub fn hedges_g(a: &[f64], b: &[f64]) -> Option<f64> {
    let (of_a, of_b) = (a.len().saturating_sub(1) as f64, b.len().saturating_sub(1) as f64);
    let df = of_a + of_b;
    let pooled = ((of_a * sd(a)?.powi(2) + of_b * sd(b)?.powi(2)) / df).sqrt();
    let unbiased = (ln_gamma(0.5 * df) - ln_gamma(0.5 * (df - 1.0))).exp() / (0.5 * df).sqrt();
    let g = unbiased * (mean(a)? - mean(b)?) / pooled;
    g.is_finite().then_some(g)
}

/// Cliff's delta of two independent samples: P(A > B) − P(A < B), in [−1, 1] (Cliff 1993). Infinite values are ordered
/// like others.
///
/// `None` if a sample is empty or has a NaN.
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(2.0 * mann_whitney(a, b)?.u / (a.len() * b.len()) as f64 - 1.0)
}

#[cfg(test)]
mod tests;

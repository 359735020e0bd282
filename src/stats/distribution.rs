use statrs::distribution::{ChiSquared, ContinuousCDF as _, Normal, StudentsT};

/// The quantile of Student's t distribution with `df` degrees of freedom: a draw is less than it with probability `p`.
///
/// # Panics
///
/// If `p` is outside (0, 1) or `df` is 0.
pub fn t_quantile(p: f64, df: u32) -> f64 {
    assert!(p > 0.0 && p < 1.0, "the probability {p} is outside (0, 1)");
    if df > MAX_EXACT_DF {
        return expanded_t_quantile(normal_quantile(p), f64::from(df));
    }
    StudentsT::new(0.0, 1.0, f64::from(df)).expect("the degrees of freedom are positive").inverse_cdf(p)
}

/// The continued fraction of statrs ends too early for more degrees of freedom: at 10,000 the quantile is wrong by 2 · 10⁻⁵.
const MAX_EXACT_DF: u32 = 1_000;

/// The expansion of the quantile around that of the normal distribution, `z` (Abramowitz and Stegun 1964, 26.7.5).
fn expanded_t_quantile(z: f64, df: f64) -> f64 {
    let w = z * z;
    let terms = [
        (w + 1.0) / 4.0,
        ((5.0 * w + 16.0) * w + 3.0) / 96.0,
        (((3.0 * w + 19.0) * w + 17.0) * w - 15.0) / 384.0,
        ((((79.0 * w + 776.0) * w + 1_482.0) * w - 1_920.0) * w - 945.0) / 92_160.0,
    ];
    // 1 + g₁ / df + g₂ / df² + …, each divided by z.
    z * (1.0 + terms.iter().rev().fold(0.0, |sum, term| (sum + term) / df))
}

/// The quantile of the standard normal distribution; infinite for `p` of 0 and 1.
pub(super) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// P(Z ≤ z) for a standard normal Z.
pub(super) fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// P(Z > z) for a standard normal Z, exact in the tail.
pub(super) fn normal_tail(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// P(X > x) for X of the chi-squared distribution with `df` degrees of freedom, exact in the tail.
///
/// # Panics
///
/// If `df` is 0.
pub(super) fn chi_squared_tail(x: f64, df: u32) -> f64 {
    ChiSquared::new(f64::from(df)).expect("the degrees of freedom are positive").sf(x)
}

#[cfg(test)]
mod tests;

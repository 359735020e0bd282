use statrs::distribution::{ChiSquared, ContinuousCDF as _, Normal, StudentsT};

/// The quantile of Student's t distribution with `df` degrees of freedom: a draw is less than it with probability `p`.
///
/// # Panics
///
/// If `p` is outside (0, 1) or `df` is 0.
pub fn t_quantile(p: f64, df: u32) -> f64 {
    assert!(p > 0.0 && p < 1.0, "the probability {p} is outside (0, 1)");
    StudentsT::new(0.0, 1.0, f64::from(df)).expect("the degrees of freedom are positive").inverse_cdf(p)
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

use std::f64::consts::FRAC_PI_2;

/// The quantile of Student's t distribution with `df` degrees of freedom: a draw is less than it with probability `p`.
///
/// With θ = atan(t / √df) the two-sided probability P(|T| < t) is a finite sum for integer degrees of freedom
/// (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). It increases with θ, so θ is found by bisection of (0, π/2) to the
/// precision of a double.
///
/// # Panics
///
/// If `p` is outside (0, 1) or `df` is 0.
pub fn t_quantile(p: f64, df: u32) -> f64 {
    assert!(p > 0.0 && p < 1.0, "the probability {p} is outside (0, 1)");
    assert!(df > 0, "the degrees of freedom are 0");
    let two_sided = (2.0 * p - 1.0).abs();
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    // After 64 halvings the interval is smaller than the spacing of doubles.
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if within(middle, df) < two_sided { low = middle } else { high = middle }
    }
    let t = f64::from(df).sqrt() * (0.5 * (low + high)).tan();
    if p < 0.5 { -t } else { t }
}

/// P(|T| < √df · tan θ).
fn within(theta: f64, df: u32) -> f64 {
    let (sin, cos) = theta.sin_cos();
    let odd = df % 2 == 1;
    // Odd: cos θ + 2/3 cos³θ + (2·4)/(3·5) cos⁵θ … Even: 1 + 1/2 cos²θ + (1·3)/(2·4) cos⁴θ …
    let mut term = if odd { cos } else { 1.0 };
    let mut sum = 0.0;
    let mut k = if odd { 1 } else { 0 };
    while k <= df.saturating_sub(2) {
        sum += term;
        k += 2;
        term *= cos * cos * f64::from(k - 1) / f64::from(k);
    }
    if !odd {
        return sin * sum;
    }
    if df == 1 { theta / FRAC_PI_2 } else { (theta + sin * sum) / FRAC_PI_2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published tables of t: (df, two-sided 95 %, two-sided 99 %).
    const TABLE: [(u32, f64, f64); 10] = [
        (1, 12.706, 63.657),
        (2, 4.303, 9.925),
        (3, 3.182, 5.841),
        (4, 2.776, 4.604),
        (5, 2.571, 4.032),
        (9, 2.262, 3.250),
        (10, 2.228, 3.169),
        (29, 2.045, 2.756),
        (30, 2.042, 2.750),
        (120, 1.980, 2.617),
    ];

    #[test]
    fn quantiles_equal_the_published_table() {
        for (df, p95, p99) in TABLE {
            assert!((t_quantile(0.975, df) - p95).abs() < 1e-3, "df {df}: {}", t_quantile(0.975, df));
            assert!((t_quantile(0.995, df) - p99).abs() < 1e-3, "df {df}: {}", t_quantile(0.995, df));
        }
    }

    #[test]
    fn quantiles_are_symmetric_around_a_median_of_zero() {
        assert!(t_quantile(0.5, 7).abs() < 1e-12);
        assert_eq!(t_quantile(0.025, 4), -t_quantile(0.975, 4));
    }
}

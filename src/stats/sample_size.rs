use super::distribution::normal_cdf;
use super::{smallest_p, t_quantile};

/// The probability that the paired t test of `n` pairs is significant at `alpha`, two-sided, if the mean difference is
/// `effect` standard deviations of the differences: P(|T| > t) for T of the noncentral t distribution with n − 1 degrees
/// of freedom and noncentrality `effect` · √n (Cohen 1988, section 2.2).
///
/// `None` for fewer than two pairs, an effect that is NaN or infinite, and an `alpha` outside (0, 1).
pub fn paired_power(n: u32, effect: f64, alpha: f64) -> Option<f64> {
    if n < 2 || !effect.is_finite() || !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    // T = (Z + shift) / S, where S² · (n − 1) is chi-squared: P(|T| > t) is the mean of P(|Z + shift| > t S) over S.
    let df = f64::from(n - 1);
    let (critical, shift) = (-t_quantile(0.5 * alpha, n - 1), effect * f64::from(n).sqrt());
    // The density of S without its constant, which cancels. It is 1 at its mode, and nearly 0 ten deviations from it.
    let mode = ((df - 1.0) / df).sqrt();
    let log_density = |s: f64| if df > 1.0 { (df - 1.0) * s.ln() } else { 0.0 } - 0.5 * df * s * s;
    let top = log_density(mode);
    let reach = 10.0 / (2.0 * df).sqrt();
    let (low, high) = ((mode - reach).max(0.0), mode + reach);
    let (mut power, mut total) = (0.0, 0.0);
    // Simpson's rule.
    for i in 0..=INTERVALS {
        let weight = if i == 0 || i == INTERVALS { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
        let s = low + (high - low) * f64::from(i) / f64::from(INTERVALS);
        let density = weight * (log_density(s) - top).exp();
        power += density * (normal_cdf(shift - critical * s) + normal_cdf(-shift - critical * s));
        total += density;
    }
    Some(power / total)
}

/// The number of intervals of the integral; even.
const INTERVALS: u32 = 4_000;

/// The number of paired seeds with which the sign-flip test detects a mean `difference` with probability `power`, if the
/// differences have this standard deviation (a plan from runs at hand: both are estimates).
///
/// `alpha` is the level of this test: in a family of m tests, α / m (Bonferroni), which Holm's method never falls below.
/// The power is that of the paired t test ([`paired_power`]) at the greatest level that p-values of the sign-flip test can
/// have, a multiple of 2 / 2ⁿ of at most `alpha`. So the result is never less than the least n with 2 / 2ⁿ ≤ `alpha`.
///
/// `None` for a difference of 0, values that are NaN or infinite, a negative standard deviation, an `alpha` or `power`
/// outside (0, 1), and if more than a million seeds are needed.
pub fn seeds_for_power(sd_of_differences: f64, difference: f64, alpha: f64, power: f64) -> Option<u32> {
    let is_probability = |p: f64| p > 0.0 && p < 1.0;
    let is_valid = sd_of_differences.is_finite() && sd_of_differences >= 0.0 && difference.is_finite();
    if !is_valid || difference == 0.0 || !is_probability(alpha) || !is_probability(power) {
        return None;
    }
    let effect = difference.abs() / sd_of_differences;
    let is_enough = |n: u32| match attainable(n, alpha) {
        Some(level) if effect.is_finite() => paired_power(n, effect, level).is_some_and(|reached| reached >= power),
        // Equal differences are always significant.
        Some(_) => true,
        None => false,
    };
    let high = (0..=20).map(|k| 1 << k).take_while(|&n| n < MAX_SEEDS).chain([MAX_SEEDS]).find(|&n| is_enough(n))?;
    // More pairs have more power, at a level that is not less.
    let (mut low, mut high) = (high / 2, high);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

const MAX_SEEDS: u32 = 1_000_000;

/// The greatest p-value of the sign-flip test of `n` pairs that is at most `alpha`; `None` if all are greater.
fn attainable(n: u32, alpha: f64) -> Option<f64> {
    let least = smallest_p(n);
    if least < f64::EPSILON * alpha {
        return Some(alpha);
    }
    // A quotient such as 0.25 / 0.125 may be just below a whole number.
    let steps = (alpha / least + 1e-9).floor();
    (steps >= 1.0).then(|| (steps * least).min(alpha))
}

#[cfg(test)]
mod tests;

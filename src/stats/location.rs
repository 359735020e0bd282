/// The arithmetic mean; `None` for no values, and if a value is NaN or infinite.
pub fn mean(values: &[f64]) -> Option<f64> {
    // Of no values it is 0 / 0, which is NaN.
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

/// The sample standard deviation, with n − 1; `None` for fewer than two values, and if a value is NaN or infinite.
pub fn sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = (squares / (values.len() - 1) as f64).sqrt();
    sd.is_finite().then_some(sd)
}

/// The median: the middle value, or the midpoint of the two in the middle; `None` for no values, and if a value is NaN.
///
/// Infinite values are ordered like others. The median is infinite if a value in the middle is; `None` if these are
/// infinite with opposite signs.
pub fn median(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values)?;
    let half = sorted.len() / 2;
    let median = match sorted.len().is_multiple_of(2) {
        true => f64::midpoint(sorted[half - 1], sorted[half]),
        false => sorted[half],
    };
    (!median.is_nan()).then_some(median)
}

/// The interquartile mean: the mean without the least and the greatest quarter of the values, each rounded down to whole
/// values (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice"; there
/// `scipy.stats.trim_mean(values, 0.25)`). Fewer than four values are all used.
///
/// `None` for no values, if a value is NaN, and if an infinite value remains.
pub fn iqm(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values)?;
    let cut = sorted.len() / 4;
    mean(&sorted[cut..sorted.len() - cut])
}

/// The values by ascending order; `None` for no values, and if a value is NaN.
fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let is_ordered = !sorted.is_empty() && !sorted.iter().any(|value| value.is_nan());
    is_ordered.then_some(sorted)
}

#[cfg(test)]
mod tests;

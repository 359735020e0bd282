/// The centred running median of `values` over an odd `window`.
///
/// A centred window leaves monotone curves and steps unchanged; a trailing window would report every convergence
/// (window − 1) / 2 evaluations late. A median is not changed by one outlier; a mean is. Near the ends the window
/// shrinks equally on both sides, so the first value (before training) and the last one are unchanged.
pub(super) fn running_median(values: &[f64], window: usize) -> Vec<f64> {
    let half = window / 2;
    (0..values.len())
        .map(|i| {
            let reach = half.min(i).min(values.len() - 1 - i);
            let mut near = values[i - reach..=i + reach].to_vec();
            near.sort_by(f64::total_cmp);
            near[reach]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_outlier_is_removed() {
        assert_eq!(running_median(&[5.0, 4.0, 9.0, 3.0, 2.0], 3), [5.0, 5.0, 4.0, 3.0, 2.0]);
    }

    #[test]
    fn monotone_curves_and_steps_are_unchanged() {
        let falling = [9.0, 7.0, 4.0, 2.0, 1.0, 0.5];
        let step = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(running_median(&falling, 5), falling);
        assert_eq!(running_median(&step, 3), step);
        assert_eq!(running_median(&[3.0, 1.0, 2.0], 1), [3.0, 1.0, 2.0]);
        assert!(running_median(&[], 3).is_empty());
    }
}

use super::CensorReason;
use crate::measure::{Curve, Epoch};
use crate::stats::AreaRule;

/// The normalized area under a curve: the area of trapezoids between its smoothed evaluations, divided by the number of
/// epochs. It is the mean value over the epochs, in the unit of the metric.
///
/// It begins at the first evaluation and ends at the epoch of the rule, where the curve is interpolated, or at the last
/// evaluation.
///
/// # Errors
///
/// The last evaluation, and why there is no area: a value up to the end is not finite, there are fewer than two
/// evaluations, or the curve ends before the epoch of the rule.
pub fn area(curve: &Curve, rule: &AreaRule) -> Result<f64, (Epoch, CensorReason)> {
    let points = curve.points();
    let last = curve.last().map_or(Epoch::ZERO, |(epoch, _)| epoch);
    let end = rule.until().unwrap_or(last);
    // The evaluations up to the end, and the one after it if the end is between two.
    let used = points.partition_point(|(epoch, _)| *epoch < end) + 1;
    if points.len() < 2 {
        return Err((last, CensorReason::TooFewEvaluations));
    }
    if used > points.len() {
        return Err((last, CensorReason::TooShort));
    }
    if used < 2 {
        return Err((last, CensorReason::TooFewEvaluations));
    }
    // All values are smoothed, so that the area does not depend on whether the curve was cut before.
    if points.iter().any(|(_, value)| !value.is_finite()) {
        return Err((last, CensorReason::NonFinite));
    }
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    let values = rule.smoothing().apply(&values);
    let at = |i: usize| f64::from(points[i].0.0);
    let end = f64::from(end.0);
    let mut area = 0.0;
    for i in 1..used {
        let (from, to) = (at(i - 1), at(i).min(end));
        let value = values[i - 1] + (values[i] - values[i - 1]) * (to - from) / (at(i) - from);
        area += 0.5 * (values[i - 1] + value) * (to - from);
    }
    Ok(area / (end - at(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Smoothing;

    fn curve(points: &[(u32, f64)]) -> Curve {
        Curve::new(points.iter().map(|&(epoch, value)| (Epoch(epoch), value)).collect()).unwrap()
    }

    fn until(epoch: u32) -> AreaRule {
        AreaRule::new(Some(Epoch(epoch)), Smoothing::NONE)
    }

    #[test]
    fn it_is_the_mean_over_the_epochs_and_not_over_the_evaluations() {
        // Trapezoids: 10 · 0.75 and 30 · 0.5, over 40 epochs.
        let uneven = curve(&[(0, 1.0), (10, 0.5), (40, 0.5)]);
        assert_eq!(area(&uneven, &AreaRule::default()), Ok(0.5625));
        assert_eq!(area(&curve(&[(0, 2.0), (7, 2.0)]), &AreaRule::default()), Ok(2.0));
    }

    #[test]
    fn it_ends_at_an_epoch_between_two_evaluations() {
        // From 1 at 0 to 0.5 at 10; at 5 the line is at 0.75: the mean is 0.875.
        let line = curve(&[(0, 1.0), (10, 0.5), (20, 7.0)]);
        assert_eq!(area(&line, &until(5)), Ok(0.875));
        assert_eq!(area(&line, &until(10)), Ok(0.75));
        assert_eq!(area(&line, &until(20)), area(&line, &AreaRule::default()));
    }

    #[test]
    fn a_curve_without_an_area_has_a_reason() {
        let line = curve(&[(0, 1.0), (10, 0.5)]);
        assert_eq!(area(&line, &until(11)), Err((Epoch(10), CensorReason::TooShort)));
        assert_eq!(area(&line, &until(0)), Err((Epoch(10), CensorReason::TooFewEvaluations)));
        assert_eq!(area(&curve(&[(0, 1.0)]), &AreaRule::default()), Err((Epoch(0), CensorReason::TooFewEvaluations)));
        assert_eq!(area(&Curve::default(), &until(5)), Err((Epoch(0), CensorReason::TooFewEvaluations)));
        let nan = curve(&[(0, 1.0), (10, f64::NAN)]);
        assert_eq!(area(&nan, &AreaRule::default()), Err((Epoch(10), CensorReason::NonFinite)));
    }

    #[test]
    fn the_values_are_smoothed_first() {
        let outlier = curve(&[(0, 1.0), (1, 1.0), (2, 9.0), (3, 1.0), (4, 1.0)]);
        let median = AreaRule::new(None, Smoothing::median(3).unwrap());
        assert_eq!(area(&outlier, &median), Ok(1.0));
    }
}

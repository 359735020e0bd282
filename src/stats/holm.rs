/// The p-values of a family of tests, adjusted by Holm's method (Holm 1979): rejecting those of at most α keeps the
/// probability of any false rejection at most α. In the order of the input.
///
/// A test of the family that could not be made is passed as 1, so that it counts. A NaN counts as 1, and remains NaN.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let counted: Vec<f64> = p_values.iter().map(|&p| if p.is_nan() { 1.0 } else { p }).collect();
    let mut order: Vec<usize> = (0..counted.len()).collect();
    order.sort_by(|&i, &j| counted[i].total_cmp(&counted[j]));
    let mut adjusted = p_values.to_vec();
    let mut least = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        least = least.max((counted.len() - rank) as f64 * counted[i]).min(1.0);
        if !p_values[i].is_nan() {
            adjusted[i] = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::reference::{assert_close, cases, floats, section};

    #[test]
    fn values_equal_those_of_statsmodels() {
        for case in cases(&section("holm")) {
            let (found, expected) = (holm(&floats(&case["p"])), floats(&case["adjusted"]));
            found.into_iter().zip(expected).for_each(|(found, expected)| assert_close(found, expected));
        }
    }

    #[test]
    fn the_least_p_value_is_multiplied_by_the_number_of_tests_and_the_order_stays() {
        // Sorted: 0.01 · 4, 0.02 · 3, 0.03 · 2, 0.04 · 1; none may be less than the one before it.
        assert_eq!(holm(&[0.04, 0.01, 0.03, 0.02]), [0.06, 0.04, 0.06, 0.06]);
        assert_eq!(holm(&[0.5, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[0.03]), [0.03]);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn a_test_that_was_not_made_counts_in_the_family() {
        assert_eq!(holm(&[0.01, 1.0, 1.0]), [0.03, 1.0, 1.0]);
        let adjusted = holm(&[f64::NAN, 0.01]);
        assert!(adjusted[0].is_nan());
        assert_eq!(adjusted[1], 0.02);
    }
}

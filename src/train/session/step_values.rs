//! Statistics of the values that the steps of an epoch measured.

use crate::train::checkpoint::StepValues;

/// The first step, from 0, and metric that was not finite.
pub(super) fn first_nonfinite(steps: &[StepValues]) -> Option<(usize, &'static str)> {
    let of = |values: &StepValues| values.iter().find(|(_, value)| !value.is_finite()).map(|(name, _)| *name);
    steps.iter().enumerate().find_map(|(step, values)| Some((step, of(values)?)))
}

/// The mean of each metric over the steps, summed in the order of the steps.
pub(super) fn means(steps: &[StepValues]) -> StepValues {
    let count = steps.len().max(1) as f64;
    let mut sums = StepValues::new();
    for values in steps {
        for (i, (name, value)) in values.iter().enumerate() {
            match sums.get_mut(i) {
                Some((_, sum)) => *sum += value,
                None => sums.push((name, *value)),
            }
        }
    }
    sums.into_iter().map(|(name, sum)| (name, sum / count)).collect()
}

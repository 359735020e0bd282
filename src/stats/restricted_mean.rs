use super::{EventTime, KaplanMeier, PermutationTest, sign_flip, swap_permutation};

/// The difference of the restricted mean times of two paired groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestrictedMeanDifference {
    /// The restricted mean of the first group.
    pub a: f64,
    /// The restricted mean of the second group.
    pub b: f64,
    /// The swap permutation test that the difference is 0.
    pub test: PermutationTest,
}

impl RestrictedMeanDifference {
    /// The difference, first minus second.
    pub fn difference(&self) -> f64 {
        self.a - self.b
    }
}

/// The difference of the restricted mean times up to `tau` of paired runs, tested by swapping within pairs.
///
/// If no run is censored before `tau`, the restricted means are means of min(time, tau), and the test is exact for up to
/// 20 pairs; else 16.
///
/// `None` for no pairs, invalid times, a `tau` that is not positive and finite, and if the restricted mean of an
/// arrangement is not known ([`KaplanMeier::restricted_mean`]). It always is if no run is censored before `tau`.
pub fn restricted_mean_difference(pairs: &[(EventTime, EventTime)], tau: f64) -> Option<RestrictedMeanDifference> {
    let restricted = |times: &[EventTime]| KaplanMeier::new(times, 0.95)?.restricted_mean(tau);
    let (of_a, of_b): (Vec<EventTime>, Vec<EventTime>) = pairs.iter().copied().unzip();
    let (a, b) = (restricted(&of_a)?, restricted(&of_b)?);
    let is_observed = |time: &EventTime| time.observed || time.time >= tau;
    let test = if of_a.iter().chain(&of_b).all(is_observed) {
        let differences: Vec<f64> = pairs.iter().map(|(a, b)| a.time.min(tau) - b.time.min(tau)).collect();
        sign_flip(&differences)?
    } else {
        swap_permutation(pairs, |a, b| Some(restricted(a)? - restricted(b)?))?
    };
    Some(RestrictedMeanDifference { a, b, test })
}

#[cfg(test)]
mod tests;

use crate::random::Random;

/// A two-sided permutation test of paired values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutationTest {
    /// The p-value, in (0, 1].
    pub p: f64,
    /// Whether all 2ⁿ arrangements were used; else p is estimated, by (b + 1) / (m + 1) from m random ones.
    pub exact: bool,
    /// The number of arrangements: 2ⁿ, or the number of random ones.
    pub resamples: u64,
}

impl PermutationTest {
    /// The greatest number of pairs for which [`sign_flip`] is exact: 2²⁰ sums take milliseconds.
    pub const MAX_EXACT_DIFFERENCES: usize = 20;
    /// The greatest number of pairs for which [`swap_permutation`] is exact.
    pub const MAX_EXACT_PAIRS: usize = 16;
    /// The number of random arrangements for more pairs. They are the same in every call for n pairs (seed 0).
    pub const RESAMPLES: u64 = 9_999;

    fn exact(extreme: u64, n: usize) -> Self {
        let resamples = 1 << n;
        Self { p: extreme as f64 / resamples as f64, exact: true, resamples }
    }

    /// The estimate that is never 0 (Phipson and Smyth 2010): the observed arrangement counts as one of them.
    fn estimated(extreme: u64) -> Self {
        let resamples = Self::RESAMPLES;
        Self { p: (extreme + 1) as f64 / (resamples + 1) as f64, exact: false, resamples }
    }
}

/// Values this close to the observed one, as a fraction of the greatest possible value, are equal to it: they may differ
/// in the last digits only because they were computed in another order.
const ROUNDING: f64 = 1e-9;

/// The sign-flip test of paired differences: that their distribution is symmetric around 0 (Fisher 1935, section 21;
/// Pitman 1937). The statistic is the absolute mean.
///
/// Exact for up to 20 differences. `None` for no differences, and if one is NaN or infinite.
pub fn sign_flip(differences: &[f64]) -> Option<PermutationTest> {
    let n = differences.len();
    let all: f64 = differences.iter().map(|difference| difference.abs()).sum();
    if n == 0 || !all.is_finite() {
        return None;
    }
    let bound = differences.iter().sum::<f64>().abs() - ROUNDING * all;
    if n <= PermutationTest::MAX_EXACT_DIFFERENCES {
        // The opposite of every arrangement is as extreme, so the first sign can stay.
        return Some(PermutationTest::exact(2 * extreme_sums(&differences[1..], differences[0], bound), n));
    }
    let mut random = Random::named(0, "sign flip");
    let is_extreme = |_: &u64| {
        let flipped = differences.iter().map(|&d| if random.below(2) == 0 { d } else { -d });
        flipped.sum::<f64>().abs() >= bound
    };
    let extreme = (0..PermutationTest::RESAMPLES).filter(is_extreme).count();
    Some(PermutationTest::estimated(extreme as u64))
}

/// How many of the sums `sum` ± d₁ ± d₂ … have an absolute value of at least `bound`.
fn extreme_sums(differences: &[f64], sum: f64, bound: f64) -> u64 {
    match differences.split_first() {
        Some((difference, rest)) => {
            extreme_sums(rest, sum + difference, bound) + extreme_sums(rest, sum - difference, bound)
        }
        None => u64::from(sum.abs() >= bound),
    }
}

/// The swap test of pairs: that the two values of each pair could be exchanged without changing their distribution. Any
/// statistic of the two groups can be used; its absolute value is compared.
///
/// Exact for up to 16 pairs. `None` for no pairs, and if the statistic of an arrangement is `None` or not finite.
pub fn swap_permutation<T: Clone>(
    pairs: &[(T, T)],
    statistic: impl Fn(&[T], &[T]) -> Option<f64>,
) -> Option<PermutationTest> {
    let n = pairs.len();
    let (mut a, mut b): (Vec<T>, Vec<T>) = pairs.iter().cloned().unzip();
    let observed = statistic(&a, &b).filter(|value| value.is_finite() && n > 0)?.abs();
    let mut arranged = |swapped: &mut dyn FnMut(usize) -> bool| {
        for (i, pair) in pairs.iter().enumerate() {
            let (first, second) = if swapped(i) { (&pair.1, &pair.0) } else { (&pair.0, &pair.1) };
            a[i].clone_from(first);
            b[i].clone_from(second);
        }
        statistic(&a, &b).filter(|value| value.is_finite()).map(f64::abs)
    };
    let exact = n <= PermutationTest::MAX_EXACT_PAIRS;
    let values: Vec<f64> = if exact {
        (0_u64..1 << n).map(|signs| arranged(&mut |i| signs >> i & 1 == 1)).collect::<Option<_>>()?
    } else {
        let mut random = Random::named(0, "swap");
        (0..PermutationTest::RESAMPLES).map(|_| arranged(&mut |_| random.below(2) == 1)).collect::<Option<_>>()?
    };
    let greatest = values.iter().copied().fold(observed, f64::max);
    let bound = observed - ROUNDING * greatest;
    let extreme = values.iter().filter(|&&value| value >= bound).count() as u64;
    Some(if exact { PermutationTest::exact(extreme, n) } else { PermutationTest::estimated(extreme) })
}

#[cfg(test)]
mod tests;

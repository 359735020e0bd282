use super::distribution::normal_tail;

/// The Mann–Whitney test of two independent samples, and the probability that it is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// P(A < B) + P(A = B) / 2, for one value of each sample, in [0, 1].
    pub p_less: f64,
    /// U of the first sample: the number of pairs in which its value is greater; ties count as half.
    pub u: f64,
    /// The two-sided p-value, in [0, 1].
    pub p: f64,
    /// Whether p is from the exact distribution of U; else from the normal one, with corrections for ties and continuity.
    pub exact: bool,
}

/// The greatest product of both sizes for which p is exact; its counts are exact integers.
const MAX_EXACT: usize = 400;

/// The Mann–Whitney test (Mann and Whitney 1947) that neither sample tends to be greater. It ignores any pairing.
///
/// The p-value is exact without ties and with sizes up to 20 × 20. Infinite values are ordered like others. `None` if a
/// sample is empty or has a NaN.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<MannWhitney> {
    if a.is_empty() || b.is_empty() || a.iter().chain(b).any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = b.to_vec();
    sorted.sort_by(f64::total_cmp);
    let lesser = |value: f64| {
        let below = sorted.partition_point(|&other| other < value);
        let through = sorted.partition_point(|&other| other <= value);
        0.5 * (below + through) as f64
    };
    let u: f64 = a.iter().map(|&value| lesser(value)).sum();
    let pairs = a.len() * b.len();
    let ties = tie_correction(a, b);
    let exact = ties == 0.0 && pairs <= MAX_EXACT;
    let extreme = u.max(pairs as f64 - u);
    let p = if exact { exact_p(extreme as usize, a.len(), b.len()) } else { normal_p(extreme, a.len(), b.len(), ties) };
    Some(MannWhitney { p_less: 1.0 - u / pairs as f64, u, p, exact })
}

/// Σ (t³ − t) over groups of t equal values.
fn tie_correction(a: &[f64], b: &[f64]) -> f64 {
    let mut all = [a, b].concat();
    all.sort_by(f64::total_cmp);
    // Zero and minus zero are equal.
    all.chunk_by(|x, y| x == y).map(|group| group.len() as f64).map(|t| t.powi(3) - t).sum()
}

/// Twice P(U ≥ u), from the numbers of arrangements of `n` and `m` values with each U.
fn exact_p(u: usize, n: usize, m: usize) -> f64 {
    // The generating function of U is ∏ (1 − q^(m + i)) / (1 − qⁱ) over i = 1 … n.
    let mut counts = vec![0_i64; n * m + 1];
    counts[0] = 1;
    for i in 1..=n {
        for place in (m + i..counts.len()).rev() {
            counts[place] -= counts[place - m - i];
        }
        for place in i..counts.len() {
            counts[place] += counts[place - i];
        }
    }
    let (extreme, all): (i64, i64) = (counts[u..].iter().sum(), counts.iter().sum());
    (2.0 * extreme as f64 / all as f64).min(1.0)
}

fn normal_p(u: f64, n: usize, m: usize, ties: f64) -> f64 {
    let (pairs, all) = ((n * m) as f64, (n + m) as f64);
    let variance = pairs / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    if variance <= 0.0 {
        // All values are equal.
        return 1.0;
    }
    (2.0 * normal_tail((u - 0.5 * pairs - 0.5) / variance.sqrt())).min(1.0)
}

#[cfg(test)]
mod tests;

//! Ranks of paired values.

/// The ranks of both values of each pair among all values, from 1 for the least; equal values have their mean rank.
/// Infinite values are allowed.
pub fn midranks(pairs: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    let all: Vec<f64> = pairs.iter().map(|pair| pair.0).chain(pairs.iter().map(|pair| pair.1)).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&i, &j| all[i].total_cmp(&all[j]));
    let mut ranks = vec![0.0; all.len()];
    let mut below = 0;
    for equal in order.chunk_by(|&i, &j| all[i] == all[j]) {
        // The mean of the ranks below + 1 to below + equal.len().
        let rank = below as f64 + 0.5 * (equal.len() + 1) as f64;
        equal.iter().for_each(|&at| ranks[at] = rank);
        below += equal.len();
    }
    let of_b = ranks.split_off(pairs.len());
    (ranks, of_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_mean_of_their_ranks_and_infinity_is_last() {
        // Sorted: 1, 2, 2, 5, ∞, ∞: ranks 1, 2.5, 2.5, 4, 5.5, 5.5.
        let (a, b) = midranks(&[(2.0, f64::INFINITY), (1.0, 2.0), (f64::INFINITY, 5.0)]);
        assert_eq!((a, b), (vec![2.5, 1.0, 5.5], vec![5.5, 2.5, 4.0]));
        assert_eq!(midranks(&[]), (vec![], vec![]));
    }
}

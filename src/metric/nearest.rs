//! Nearest neighbours by cosine similarity.

use rayon::prelude::*;

use super::rows::Rows;

/// The inverse norm of each row; 0 for a row of zeros.
fn inverse_norms(rows: &Rows) -> Vec<f64> {
    let norm = |at: usize| rows.row(at).iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    (0..rows.count()).map(norm).map(|norm| if norm > 0.0 { 1.0 / norm } else { 0.0 }).collect()
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    // Eight independent sums, so that the compiler uses SIMD.
    let mut sums = [0.0f32; 8];
    let (chunks, rest) = a.as_chunks::<8>();
    let (other_chunks, other_rest) = b.as_chunks::<8>();
    for (a, b) in chunks.iter().zip(other_chunks) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// The indices of the `count` rows that are most similar to `vector`, with their cosine similarity, in descending
/// order; of equal rows the first comes first.
pub fn nearest(rows: &Rows, vector: &[f32], count: usize) -> Vec<(usize, f64)> {
    let norm = vector.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    let inverse = inverse_norms(rows);
    let cosine = |at: usize| f64::from(product(rows.row(at), vector)) * inverse[at] / norm;
    let mut found: Vec<(usize, f64)> = (0..rows.count()).into_par_iter().map(|at| (at, cosine(at))).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(count);
    found
}

/// The fraction of rows whose nearest neighbour by cosine similarity, among the rows of other groups, is of the same
/// class, 0 to 1. Several neighbours that are equally near count with equal fractions.
///
/// # Panics
///
/// If the number of groups or classes is not the number of rows.
pub fn agreement(rows: &Rows, groups: &[u32], classes: &[u16]) -> f64 {
    assert_eq!((groups.len(), classes.len()), (rows.count(), rows.count()), "each row has a group and a class");
    let inverse = inverse_norms(rows);
    let fraction = |at: usize| {
        let (mut best, mut right, mut equal) = (f64::NEG_INFINITY, 0usize, 0usize);
        for other in (0..rows.count()).filter(|&other| groups[other] != groups[at]) {
            // The norm of the row itself is the same for all others.
            let cosine = f64::from(product(rows.row(at), rows.row(other))) * inverse[other];
            if cosine > best {
                (best, right, equal) = (cosine, 0, 0);
            }
            if cosine == best {
                right += usize::from(classes[other] == classes[at]);
                equal += 1;
            }
        }
        if equal == 0 { 0.0 } else { right as f64 / equal as f64 }
    };
    let fractions: Vec<f64> = (0..rows.count()).into_par_iter().map(fraction).collect();
    fractions.iter().sum::<f64>() / rows.count() as f64
}

/// The expected value of [`agreement`] for random neighbours.
pub fn agreement_by_chance(groups: &[u32], classes: &[u16]) -> f64 {
    let fraction = |at: usize| {
        let others = (0..groups.len()).filter(|&other| groups[other] != groups[at]);
        let (right, all) = others.fold((0usize, 0usize), |(right, all), other| {
            (right + usize::from(classes[other] == classes[at]), all + 1)
        });
        if all == 0 { 0.0 } else { right as f64 / all as f64 }
    };
    (0..groups.len()).into_par_iter().map(fraction).sum::<f64>() / groups.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rows_have_the_smallest_angle_at_any_norm() {
        let values = [1.0, 0.0, 0.0, 5.0, 3.0, 3.0, 0.0, 0.0];
        let rows = Rows::new(&values, 2).unwrap();
        let found = nearest(&rows, &[0.1, 0.3], 3);
        assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 0]);
        assert!((found[0].1 - 0.3 / 0.1f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn neighbours_are_of_other_groups_and_equal_ones_count_as_fractions() {
        // The two rows of group 1 are equal, but are not neighbours.
        let values = [1.0, 0.0, 1.0, 0.0, 0.9, 0.1, 0.0, 1.0];
        let rows = Rows::new(&values, 2).unwrap();
        let (groups, classes) = ([1, 1, 2, 3], [7, 7, 7, 8]);
        // Row 2 is nearest to both of group 1, and they to row 2: correct. Row 2 is nearest to row 3: wrong.
        assert_eq!(agreement(&rows, &groups, &classes), 0.75);
        // Correct among the others: 1 of 2, 1 of 2, 2 of 3, 0 of 3.
        assert!((agreement_by_chance(&groups, &classes) - (0.5 + 0.5 + 2.0 / 3.0) / 4.0).abs() < 1e-12);
        // A row with a large norm is not nearer.
        let long = [1.0, 0.0, 0.9, 0.1, 50.0, 50.0];
        let rows = Rows::new(&long, 2).unwrap();
        assert_eq!(agreement(&rows, &[1, 2, 3], &[7, 7, 8]), (1.0 + 1.0 + 0.0) / 3.0);
        let equal = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let rows = Rows::new(&equal, 2).unwrap();
        assert_eq!(agreement(&rows, &[1, 2, 3], &[7, 7, 8]), (0.5 + 0.5 + 0.0) / 3.0);
    }
}

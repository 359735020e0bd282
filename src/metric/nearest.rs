//! Which vectors are nearest to which, by the angle between them.

use rayon::prelude::*;

use super::rows::Rows;

/// One over the length of each row; 0 of a row of zeros.
fn inverse_lengths(rows: &Rows) -> Vec<f64> {
    let length = |at: usize| rows.row(at).iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    (0..rows.count()).map(length).map(|length| if length > 0.0 { 1.0 / length } else { 0.0 }).collect()
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side, so that the processor adds them at once.
    let mut sums = [0.0f32; 8];
    let (whole, rest) = a.as_chunks::<8>();
    let (other, behind) = b.as_chunks::<8>();
    for (a, b) in whole.iter().zip(other) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(behind).map(|(a, b)| a * b).sum::<f32>()
}

/// The places of the `count` rows that are most like `vector`, the most like first, each with the cosine of the angle between
/// them; of equals the earlier.
pub fn nearest(rows: &Rows, vector: &[f32], count: usize) -> Vec<(usize, f64)> {
    let length = vector.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    let inverse = inverse_lengths(rows);
    let cosine = |at: usize| f64::from(product(rows.row(at), vector)) * inverse[at] / length;
    let mut found: Vec<(usize, f64)> = (0..rows.count()).into_par_iter().map(|at| (at, cosine(at))).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(count);
    found
}

/// How often a row's nearest neighbour, by the cosine, among the rows of other groups is of its own class, 0 to 1. Of equally
/// near ones each counts as its share.
///
/// # Panics
///
/// If there are not as many groups and classes as rows.
pub fn agreement(rows: &Rows, groups: &[u32], classes: &[u16]) -> f64 {
    assert_eq!((groups.len(), classes.len()), (rows.count(), rows.count()), "each row has a group and a class");
    let inverse = inverse_lengths(rows);
    let share = |at: usize| {
        let (mut best, mut right, mut equal) = (f64::NEG_INFINITY, 0usize, 0usize);
        for other in (0..rows.count()).filter(|&other| groups[other] != groups[at]) {
            // Its own length is the same for all of them.
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
    let shares: Vec<f64> = (0..rows.count()).into_par_iter().map(share).collect();
    shares.iter().sum::<f64>() / rows.count() as f64
}

/// What [`agreement`] comes to where neighbours are drawn by lot.
pub fn agreement_by_chance(groups: &[u32], classes: &[u16]) -> f64 {
    let share = |at: usize| {
        let others = (0..groups.len()).filter(|&other| groups[other] != groups[at]);
        let (right, all) = others.fold((0usize, 0usize), |(right, all), other| {
            (right + usize::from(classes[other] == classes[at]), all + 1)
        });
        if all == 0 { 0.0 } else { right as f64 / all as f64 }
    };
    (0..groups.len()).into_par_iter().map(share).sum::<f64>() / groups.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_those_at_the_smallest_angle_whatever_their_length() {
        let values = [1.0, 0.0, 0.0, 5.0, 3.0, 3.0, 0.0, 0.0];
        let rows = Rows::new(&values, 2).unwrap();
        let found = nearest(&rows, &[0.1, 0.3], 3);
        assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 0]);
        assert!((found[0].1 - 0.3 / 0.1f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn a_neighbour_is_of_another_group_and_equals_share() {
        // Two rows of group 1 are each other's twins, but do not count for each other.
        let values = [1.0, 0.0, 1.0, 0.0, 0.9, 0.1, 0.0, 1.0];
        let rows = Rows::new(&values, 2).unwrap();
        let (groups, classes) = ([1, 1, 2, 3], [7, 7, 7, 8]);
        // Both of group 1 have row 2 nearest, right; row 2 has them, right; row 3 has row 2, wrong.
        assert_eq!(agreement(&rows, &groups, &classes), 0.75);
        // Of the others: 1 of 2, 1 of 2, 2 of 3, 0 of 3.
        assert!((agreement_by_chance(&groups, &classes) - (0.5 + 0.5 + 2.0 / 3.0) / 4.0).abs() < 1e-12);
        // A long row far away is no nearer for its length.
        let long = [1.0, 0.0, 0.9, 0.1, 50.0, 50.0];
        let rows = Rows::new(&long, 2).unwrap();
        assert_eq!(agreement(&rows, &[1, 2, 3], &[7, 7, 8]), (1.0 + 1.0 + 0.0) / 3.0);
        let equal = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let rows = Rows::new(&equal, 2).unwrap();
        assert_eq!(agreement(&rows, &[1, 2, 3], &[7, 7, 8]), (0.5 + 0.5 + 0.0) / 3.0);
    }
}

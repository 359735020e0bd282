use super::*;
use crate::metric::reference::{SHIFT, assert_near, features};

/// Mean and covariance by definition.
fn plain(values: &[f32], d: usize) -> (Vec<f64>, Vec<f64>) {
    let rows: Vec<Vec<f64>> = values.chunks(d).map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect();
    let n = rows.len() as f64;
    let mean: Vec<f64> = (0..d).map(|j| rows.iter().map(|row| row[j]).sum::<f64>() / n).collect();
    let product = |i: usize, j: usize| rows.iter().map(|row| (row[i] - mean[i]) * (row[j] - mean[j])).sum::<f64>();
    let covariance = (0..d * d).map(|at| product(at / d, at % d) / (n - 1.0)).collect();
    (mean, covariance)
}

fn assert_equal(moments: &Moments, values: &[f32], d: usize) {
    let (mean, covariance) = plain(values, d);
    let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert_eq!(moments.count(), Some(values.len() / d));
    assert!(difference(moments.mean(), &mean) < 1e-12 * mean.iter().fold(1.0, |most: f64, x| most.max(x.abs())));
    let found = moments.covariance().unwrap();
    assert!(difference(&found, &covariance) < 1e-11, "{found:?} {covariance:?}");
    assert!((0..d * d).all(|at| found[at] == found[at % d * d + at / d]));
}

#[test]
fn several_blocks_give_the_values_of_the_definition() {
    let values = features(2 * BLOCK + 77, 6, 1, SHIFT, "full");
    assert_equal(&Moments::from_rows(&Rows::new(&values, 6).unwrap()), &values, 6);
}

#[test]
fn pushes_and_merges_give_the_same_moments() {
    let values = features(500, 6, 1, SHIFT, "full");
    let rows = |range: std::ops::Range<usize>| Rows::new(&values[range.start * 6..range.end * 6], 6).unwrap();
    let mut moments = Moments::new(6);
    moments.push(&rows(0..1)).unwrap();
    moments.push(&rows(1..90)).unwrap();
    let mut others = Moments::from_rows(&rows(90..300));
    others.push(&rows(300..500)).unwrap();
    moments.merge(&others).unwrap();
    moments.merge(&Moments::new(6)).unwrap();
    assert_equal(&moments, &values, 6);
    let mut from_none = Moments::new(6);
    from_none.merge(&moments).unwrap();
    assert_equal(&from_none, &values, 6);
}

#[test]
fn a_large_mean_does_not_reduce_the_precision() {
    // 2²⁰ and multiples of 1/8 are exact in f32; the sums of squares are not.
    let values: Vec<f32> = (0..3000).map(|i| 1_048_576.0 + (i * 7 % 16) as f32 / 8.0).collect();
    let covariance = Moments::from_rows(&Rows::new(&values, 1).unwrap()).covariance().unwrap();
    assert_near(covariance[0], plain(&values, 1).1[0], 1e-9);
}

#[test]
fn another_dimension_and_one_image_are_errors() {
    let two = Moments::from_rows(&Rows::new(&[1.0, 2.0], 2).unwrap());
    assert_eq!(two.covariance().unwrap_err().to_string(), "1 image(s) have no covariance");
    let mut three = Moments::new(3);
    assert_eq!(three.merge(&two).unwrap_err().to_string(), "the features have 3 and 2 dimensions");
    let error = three.push(&Rows::new(&[1.0, 2.0], 2).unwrap()).unwrap_err();
    assert!(error.help().unwrap().contains("same network"));
}

#[test]
fn statistics_are_checked() {
    let good = Moments::from_statistics(Some(10), vec![1.0, 2.0], &[4.0, 1.0, 1.0, 3.0]).unwrap();
    assert_eq!(good.covariance().unwrap(), [4.0, 1.0, 1.0, 3.0]);
    let wrong = |count, covariance: &[f64]| {
        Moments::from_statistics(Some(count), vec![1.0, 2.0], covariance).unwrap_err().to_string()
    };
    assert!(wrong(1, &[4.0, 1.0, 1.0, 3.0]).contains("1 image(s)"));
    assert!(wrong(10, &[4.0, 1.0, 1.0]).contains("the covariance has 3 values for 2 dimensions"));
    assert!(wrong(10, &[4.0, 1.0, 1.1, 3.0]).contains("not symmetric in row 1, column 0"));
    assert!(wrong(10, &[4.0, f64::NAN, 1.0, 3.0]).contains("not finite in row 0, column 1"));
    assert!(wrong(10, &[4.0, 1.0, 1.0, -3.0]).contains("variance of column 1 is negative"));
}

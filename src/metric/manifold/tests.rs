use super::*;
use crate::metric::reference::{SHIFT, assert_near, features, number, numbers, reference};

#[test]
fn they_equal_prdc_and_torch_fidelity() {
    let cases = reference("neighbours");
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let (rows, d, k) = (numbers(&case["rows"]), number(&case["dimension"]), number(&case["k"]));
        let (real, fake) = (features(rows[0], d, 6, 0, "full"), features(rows[1], d, 7, 2 * SHIFT, "full"));
        let [real, fake] = [&real, &fake].map(|values| Rows::new(values, d).unwrap());
        let (found, spread) = (precision_recall(&real, &fake, k).unwrap(), density_coverage(&real, &fake, k).unwrap());
        let theirs = |package: &str, name: &str| case[package][name].as_f64().unwrap();
        assert_near(found.precision, theirs("prdc", "precision"), 1e-12);
        assert_near(found.recall, theirs("prdc", "recall"), 1e-12);
        assert_near(spread.density, theirs("prdc", "density"), 1e-12);
        assert_near(spread.coverage, theirs("prdc", "coverage"), 1e-12);
        // torch-fidelity rounds to f32.
        assert_near(found.precision, theirs("fidelity", "precision"), 1e-6);
        assert_near(found.recall, theirs("fidelity", "recall"), 1e-6);
    }
}

#[test]
fn equal_sets_have_full_coverage_and_density_one_despite_rounding() {
    // Thirds use all 24 bits, so sums of products are rounded; the k-th neighbour is at exactly the radius of the ball.
    let values: Vec<f32> = features(300, 100, 6, 0, "full").iter().map(|value| (value + 10.0) / 3.0).collect();
    let rows = Rows::new(&values, 100).unwrap();
    assert_eq!(precision_recall(&rows, &rows, 3).unwrap(), PrecisionRecall { precision: 1.0, recall: 1.0 });
    assert_eq!(density_coverage(&rows, &rows, 5).unwrap(), DensityCoverage { density: 1.0, coverage: 1.0 });
}

#[test]
fn all_four_together_are_the_same_values() {
    let (real, fake) = (features(400, 10, 6, 0, "full"), features(300, 10, 7, SHIFT, "full"));
    let [real, fake] = [&real, &fake].map(|values| Rows::new(values, 10).unwrap());
    for (k_pr, k_dc) in [(3, 5), (4, 4), (7, 1)] {
        let each = (precision_recall(&real, &fake, k_pr).unwrap(), density_coverage(&real, &fake, k_dc).unwrap());
        assert_eq!(precision_recall_density_coverage(&real, &fake, k_pr, k_dc).unwrap(), each);
    }
    assert!(precision_recall_density_coverage(&real, &fake, 300, 5).is_err());
    assert!(precision_recall_density_coverage(&real, &fake, 3, 400).is_err());
    assert!(precision_recall_density_coverage(&real, &fake, 3, 0).is_err());
    assert!(precision_recall_density_coverage(&real, &fake, 3, 399).is_ok(), "fakes have no balls of coverage");
}

#[test]
fn balls_are_open_and_their_radius_is_the_distance_to_the_neighbour() {
    // Balls of k = 1 around 0, 1 and 3 have radii 1, 1 and 2.
    let real = Rows::new(&[0.0, 1.0, 3.0], 1).unwrap();
    let of = |fake: &[f32]| density_coverage(&real, &Rows::new(fake, 1).unwrap(), 1).unwrap();
    // 2 is only inside the ball of 3, and at exactly the radius from 1; 5 and −1 are inside no ball.
    assert_eq!(of(&[2.0]), DensityCoverage { density: 1.0, coverage: 1.0 / 3.0 });
    assert_eq!(of(&[5.0, -1.0]), DensityCoverage { density: 0.0, coverage: 0.0 });
    assert_eq!(of(&[0.5, 2.5]), DensityCoverage { density: 1.5, coverage: 1.0 });
}

#[test]
fn balls_of_equal_images_are_empty() {
    let real = Rows::new(&[0.1, 0.7, 0.1, 0.7, 0.1, 0.7], 2).unwrap();
    assert_eq!(precision_recall(&real, &real, 2).unwrap(), PrecisionRecall { precision: 0.0, recall: 0.0 });
}

#[test]
fn sets_larger_than_a_block_give_the_values_of_the_definition() {
    // More rows than a block, compared with all distances by definition.
    let (real, fake) = (features(1100, 2, 6, 0, "full"), features(600, 2, 7, SHIFT, "full"));
    let [real, fake] = [&real, &fake].map(|values| Rows::new(values, 2).unwrap());
    let distance =
        |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2)).sum::<f64>();
    let k = 4;
    let radius = |i: usize| {
        let others = (0..real.count()).filter(|&j| j != i);
        let mut distances: Vec<f64> = others.map(|j| distance(real.row(i), real.row(j))).collect();
        distances.sort_by(f64::total_cmp);
        distances[k - 1]
    };
    let inside: Vec<usize> = (0..real.count())
        .map(|i| {
            let radius = radius(i);
            (0..fake.count()).filter(|&j| distance(real.row(i), fake.row(j)) < radius).count()
        })
        .collect();
    let found = density_coverage(&real, &fake, k).unwrap();
    assert_near(found.density, inside.iter().sum::<usize>() as f64 / (k * 600) as f64, 1e-12);
    assert_near(found.coverage, inside.iter().filter(|&&fakes| fakes > 0).count() as f64 / 1100.0, 1e-12);
}

#[test]
fn a_neighbour_that_does_not_exist_is_an_error() {
    let (three, five) = (Rows::new(&[1.0; 3], 1).unwrap(), Rows::new(&[1.0; 5], 1).unwrap());
    let error = precision_recall(&five, &three, 3).unwrap_err();
    assert_eq!(error.to_string(), "neighbour 3 in a set of 3 images");
    assert_eq!(error.help().unwrap(), "use a neighbour from 1 to 2, or add images");
    assert!(density_coverage(&three, &five, 3).is_err());
    assert!(density_coverage(&five, &three, 3).is_ok(), "fakes have no balls");
    assert!(density_coverage(&five, &three, 0).is_err());
    let wide = Rows::new(&[1.0; 6], 2).unwrap();
    let error = precision_recall(&wide, &three, 1).unwrap_err();
    assert_eq!(error.to_string(), "the features have 2 and 1 dimensions");
}

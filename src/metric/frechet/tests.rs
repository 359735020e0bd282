use std::time::Instant;

use super::*;
use crate::metric::reference::{SHIFT, assert_near, features, number, numbers, reference};
use crate::metric::{Rows, density_coverage, kernel_distance, kid_subsets, precision_recall};

fn moments(rows: usize, dimension: usize, salt: u32, shift: i64, form: &str) -> Moments {
    Moments::from_rows(&Rows::new(&features(rows, dimension, salt, shift, form), dimension).unwrap())
}

#[test]
fn it_equals_an_independent_reference_also_for_singular_covariances() {
    let cases = reference("frechet");
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let (form, d) = (case["form"].as_str().unwrap(), number(&case["dimension"]));
        let rows = numbers(&case["rows"]);
        let found = frechet_distance(&moments(rows[0], d, 1, 0, form), &moments(rows[1], d, 2, SHIFT, form)).unwrap();
        assert_near(found.distance, case["distance"].as_f64().unwrap(), 1e-9);
        let rank = match form {
            "duplicated" => d / 2,
            "dead" => d / 4 * 3,
            _ => d,
        };
        assert_eq!(found.ranks, [rank.min(rows[0] - 1), rank.min(rows[1] - 1)], "{case}");
        assert_eq!(found.has_few_images(), [rows[0] <= d, rows[1] <= d]);
        assert_eq!(found.is_singular(), found.ranks.map(|rank| rank < d));
        // It also equals the distance of the packages, exactly where no covariance is singular. Otherwise their
        // numerical error is up to 2e-6 in these cases, with distances of 7 to 84.
        for package in ["pytorch_fid", "torch_fidelity"] {
            let theirs = case[package].as_f64().unwrap();
            assert_near(theirs, found.distance, if found.is_singular() == [false; 2] { 1e-9 } else { 1e-6 });
        }
    }
}

#[test]
fn equal_moments_have_distance_zero_and_not_less() {
    for (rows, d, form) in [(200, 16, "full"), (10, 64, "full"), (100, 32, "dead"), (100, 32, "duplicated")] {
        let moments = moments(rows, d, 1, SHIFT, form);
        let distance = frechet_distance(&moments, &moments).unwrap().distance;
        assert!((0.0..1e-10).contains(&distance), "{distance}");
    }
}

#[test]
fn equal_images_have_rank_zero_and_the_distance_of_their_means() {
    let equal = Moments::from_rows(&Rows::new(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0], 2).unwrap());
    let other = Moments::from_rows(&Rows::new(&[4.0, 6.0, 4.0, 6.0], 2).unwrap());
    let found = frechet_distance(&equal, &other).unwrap();
    assert_eq!((found.distance, found.means, found.ranks), (25.0, 25.0, [0, 0]));
    // Compared with a set with variance, the trace is added: columns 1, 3 and 2, 2 have variances 2 and 0.
    let spread = Moments::from_rows(&Rows::new(&[1.0, 2.0, 3.0, 2.0], 2).unwrap());
    let found = frechet_distance(&equal, &spread).unwrap();
    assert_eq!((found.means, found.covariances, found.ranks), (1.0, 2.0, [0, 1]));
}

#[test]
fn in_one_dimension_it_equals_the_closed_form() {
    // (μ₁ − μ₂)² + (σ₁ − σ₂)² of (0, 2) and (3, 9): means 1 and 6, deviations √2 and √18.
    let a = Moments::from_rows(&Rows::new(&[0.0, 2.0], 1).unwrap());
    let b = Moments::from_rows(&Rows::new(&[3.0, 9.0], 1).unwrap());
    let found = frechet_distance(&a, &b).unwrap();
    assert_near(found.distance, 25.0 + (2f64.sqrt() - 18f64.sqrt()).powi(2), 1e-14);
}

#[test]
fn the_largest_features_of_f32_have_a_finite_distance() {
    let large = |values: &[f32]| {
        let values: Vec<f32> = values.iter().map(|value| value * f32::MAX).collect();
        Moments::from_rows(&Rows::new(&values, 2).unwrap())
    };
    let (a, b) = (large(&[1.0, -1.0, -1.0, 1.0, 0.5, 0.5]), large(&[-1.0, -1.0, 1.0, 1.0, 0.25, 1.0]));
    let found = frechet_distance(&a, &b).unwrap();
    assert!(found.distance.is_finite() && found.distance > 1e75, "{found:?}");
}

#[test]
fn one_image_and_other_dimensions_are_errors() {
    let (one, two) = (moments(1, 4, 1, 0, "full"), moments(9, 4, 1, 0, "full"));
    let error = frechet_distance(&two, &one).unwrap_err();
    assert_eq!(error.to_string(), "1 image(s) have no covariance");
    assert!(error.help().unwrap().contains("at least two images"));
    let error = frechet_distance(&two, &moments(9, 5, 1, 0, "full")).unwrap_err();
    assert_eq!(error.to_string(), "the features have 4 and 5 dimensions");
}

/// Takes minutes and a gigabyte. `distances.py --large` prints the expected values. Run with
/// `JEM_TEST_DISTANCES=large cargo test --release --lib features_of_2048 -- --nocapture`.
#[test]
fn features_of_2048_dimensions_have_the_distance_of_the_reference() {
    if std::env::var("JEM_TEST_DISTANCES").as_deref() != Ok("large") {
        return eprintln!("skipped: JEM_TEST_DISTANCES is not `large`");
    }
    let print = |name: &str, start: Instant| eprintln!("{name}: {:.1} s", start.elapsed().as_secs_f64());
    for (rows, expected) in [(1155, 1_913.033_263_322_688_5), (5000, 672.392_016_722_476)] {
        let (a, b) = (moments(rows, 2048, 1, 0, "full"), moments(rows, 2048, 2, SHIFT, "full"));
        let start = Instant::now();
        let found = frechet_distance(&a, &b).unwrap();
        print(&format!("frechet {rows}"), start);
        eprintln!("{}: off by {:e}, ranks {:?}", found.distance, found.distance - expected, found.ranks);
        assert_near(found.distance, expected, 1e-9);
        assert_eq!(found.ranks, [2048.min(rows - 1); 2]);
    }
    let values = features(10_000, 2048, 1, 0, "full");
    let start = Instant::now();
    let count = Moments::from_rows(&Rows::new(&values, 2048).unwrap()).known_count().unwrap();
    print(&format!("moments {count}"), start);
    let (real, fake) = (features(5000, 2048, 1, 0, "full"), features(5000, 2048, 2, SHIFT, "full"));
    let [real, fake] = [&real, &fake].map(|values| Rows::new(values, 2048).unwrap());
    let start = Instant::now();
    let kid = kernel_distance(&real, &fake, &kid_subsets(5000, 5000, 100, 1000, 2020).unwrap()).unwrap();
    print(&format!("{kid:?}"), start);
    // torch-fidelity with other subsets: 0.43831 ± 0.00257.
    assert!((kid.mean - 0.43831).abs() < 0.001, "{kid:?}");
    let start = Instant::now();
    // torch-fidelity: 0.0048 and 0.0040.
    let found = precision_recall(&real, &fake, 3).unwrap();
    print(&format!("{found:?}"), start);
    assert_eq!((found.precision, found.recall), (0.0048, 0.0040));
    let start = Instant::now();
    // prdc: 0.00188 and 0.009.
    let found = density_coverage(&real, &fake, 5).unwrap();
    print(&format!("{found:?}"), start);
    assert_near(found.density, 0.00188, 1e-12);
    assert_eq!(found.coverage, 0.009);
}

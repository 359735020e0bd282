use super::*;
use crate::metric::reference::{assert_near, features, number, numbers, reference};

#[test]
fn it_equals_torch_fidelity_in_the_same_order() {
    let case = reference("inception");
    let (rows, classes) = (number(&case["rows"]), number(&case["classes"]));
    let logits = features(rows, classes, 5, 0, "full");
    let logits = Rows::new(&logits, classes).unwrap();
    let found = inception_score_in_order(&logits, &numbers(&case["order"]), 10).unwrap();
    assert_near(found.mean, case["mean"].as_f64().unwrap(), 1e-12);
    assert_near(found.deviation, case["deviation"].as_f64().unwrap(), 1e-9);
}

#[test]
fn it_is_between_one_and_the_number_of_classes() {
    // First certain and uniform over four of five classes, with probabilities that underflow; then all images are
    // equal.
    let certain: Vec<f32> = (0..20).map(|at| if at % 5 == at / 5 { 5000.0 } else { 0.0 }).collect();
    let found = inception_score(&Rows::new(&certain, 5).unwrap(), 1, 1).unwrap();
    assert_eq!((found.mean, found.deviation), (4.0, 0.0));
    let equal = [1.0, 0.0, 0.5, -2.0].repeat(6);
    let found = inception_score(&Rows::new(&equal, 4).unwrap(), 3, 1).unwrap();
    assert_near(found.mean, 1.0, 1e-12);
}

#[test]
fn the_seed_decides_which_images_are_in_a_split() {
    let logits = features(60, 5, 5, 0, "full");
    let logits = Rows::new(&logits, 5).unwrap();
    let of = |seed| inception_score(&logits, 10, seed).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn splits_and_orders_that_do_not_fit_are_errors() {
    let logits = Rows::new(&[1.0; 6], 2).unwrap();
    assert_eq!(inception_score(&logits, 4, 1).unwrap_err().to_string(), "4 splits of 3 images");
    assert_eq!(inception_score(&logits, 0, 1).unwrap_err().help().unwrap(), "use 1 to 3 splits, or add images");
    for order in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3]] {
        let error = inception_score_in_order(&logits, order, 1).unwrap_err();
        assert_eq!(error.to_string(), "the order does not contain each of 3 rows once");
    }
}

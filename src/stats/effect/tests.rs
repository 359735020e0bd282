use super::*;
use crate::stats::reference::{assert_close, assert_same, cases, float, floats, section};

#[test]
fn values_equal_those_of_numpy() {
    for case in cases(&section("two_samples")) {
        let (a, b) = (floats(&case["a"]), floats(&case["b"]));
        if let Some(expected) = case.get("cliffs_delta") {
            assert_close(cliffs_delta(&a, &b).unwrap(), float(expected));
            assert_same(hedges_g(&a, &b), &case["hedges_g"]);
        }
    }
}

#[test]
fn effects_have_the_sign_of_the_difference() {
    // Mean 2, deviations −1, 0, 1.
    assert_eq!(cohen_d_paired(&[1.0, 2.0, 3.0]), Some(2.0));
    assert_eq!(cliffs_delta(&[1.0, 2.0], &[3.0, 4.0]), Some(-1.0));
    // d = 1 / 1 with 4 degrees of freedom: J = Γ(2) / (√2 Γ(1.5)) = 1 / (√2 · 0.5 √π) = 0.7978845608.
    assert_close(hedges_g(&[2.0, 3.0, 4.0], &[1.0, 2.0, 3.0]).unwrap(), (2.0 / std::f64::consts::PI).sqrt());
}

#[test]
fn effects_without_variation_or_values_are_unknown() {
    for differences in [&[][..], &[1.0], &[2.0, 2.0], &[0.0, 0.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY]] {
        assert_eq!(cohen_d_paired(differences), None, "{differences:?}");
    }
    for (a, b) in [
        (&[][..], &[1.0, 2.0][..]),
        (&[1.0], &[1.0, 2.0]),
        (&[1.0, 1.0], &[2.0, 2.0]),
        (&[1.0, f64::INFINITY], &[1.0, 2.0]),
    ] {
        assert_eq!(hedges_g(a, b), None, "{a:?} {b:?}");
    }
    assert_eq!(cliffs_delta(&[], &[1.0]), None);
    assert_eq!(cliffs_delta(&[f64::NAN], &[1.0]), None);
    assert_eq!(cliffs_delta(&[f64::INFINITY], &[1.0]), Some(1.0));
}

use super::*;
use crate::stats::reference::{assert_close, cases, floats, section};

#[test]
fn quantiles_and_tails_equal_those_of_scipy() {
    let all = section("distributions");
    for case in cases(&all["t"]) {
        let [p, df, expected] = floats(case)[..] else { panic!("{case}") };
        assert_close(t_quantile(p, df as u32), expected);
    }
    for case in cases(&all["normal"]) {
        let [p, expected] = floats(case)[..] else { panic!("{case}") };
        assert_close(normal_quantile(p), expected);
        assert_close(normal_cdf(expected), p);
    }
    for case in cases(&all["normal_tail"]) {
        let [z, expected] = floats(case)[..] else { panic!("{case}") };
        assert_close(normal_tail(z), expected);
    }
    for case in cases(&all["chi_squared_tail"]) {
        let [x, df, expected] = floats(case)[..] else { panic!("{case}") };
        assert_close(chi_squared_tail(x, df as u32), expected);
    }
}

#[test]
fn quantiles_are_symmetric_around_a_median_of_zero() {
    assert!(t_quantile(0.5, 7).abs() < 1e-9);
    assert_close(t_quantile(0.025, 4), -t_quantile(0.975, 4));
    assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
}

use std::collections::BTreeMap;

use super::*;
use crate::measure::metric;
use crate::report::comparison::Measure;
use crate::report::comparison::fixture::{set_protocol, with_epochs, with_values};
use crate::report::{CellSelector, ReportInput, ReportSpec};
use crate::spec::Value;
use crate::store::RunState;

fn of_method(name: &str) -> CellSelector {
    CellSelector::new(BTreeMap::from([("method".to_owned(), vec![Value::Text(name.to_owned())])]))
}

/// The claim that A is better than B, or converges earlier, in a family of this claim alone.
fn claim(measure: Measure, expects: Expectation) -> ClaimSpec {
    ClaimSpec {
        text: "A is better".to_owned(),
        published: String::new(),
        a: of_method("A"),
        b: (expects != Expectation::Converges).then(|| of_method("B")),
        measure,
        expects,
        margin: (expects == Expectation::Equal).then_some(0.05),
    }
}

fn quality() -> Measure {
    Measure::Metric(metric("ssim").unwrap())
}

/// The verdict on a claim that is the only test of its family.
fn judged(input: &ReportInput, claim: ClaimSpec) -> (Verdict, String) {
    let mut spec = ReportSpec::for_experiment("lab", "Lab");
    // The family has this comparison anyway, so that the claim adds no test.
    if claim.b.is_some() {
        spec.family.measures = vec![claim.measure];
    }
    spec.claims = vec![claim];
    let analysis = Analysis::new(input, &spec).unwrap();
    let statements = statements(&analysis);
    assert_eq!((statements.len(), statements[0].claim.as_str()), (1, "A is better"));
    (statements[0].verdict, statements[0].text.clone())
}

fn better(a: &[f64], b: &[f64]) -> (Verdict, String) {
    judged(&with_values("ssim", a, b), claim(quality(), Expectation::Better))
}

fn faster(a: &[Option<u32>], b: &[Option<u32>]) -> (Verdict, String) {
    judged(&with_epochs(a, b), claim(Measure::Convergence, Expectation::Faster))
}

#[track_caller]
fn check((verdict, text): (Verdict, String), expected: Verdict, parts: &[&str]) {
    assert_eq!(verdict, expected, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing: {text}");
    }
}

/// Alternating differences of +0.1 and −0.1.
fn undecided(n: usize) -> (Vec<f64>, Vec<f64>) {
    (0..n).map(|i| (0.5, if i % 2 == 0 { 0.4 } else { 0.6 })).unzip()
}

#[test]
fn without_claims_there_is_no_statement() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let input = with_values("ssim", &[0.5], &[0.4]);
    assert!(statements(&Analysis::new(&input, &spec).unwrap()).is_empty());
}

/// Eight differences of one sign: p = 2/2⁸ = 0.0078.
#[test]
fn a_significant_difference_supports_the_claim_or_its_opposite() {
    let a: Vec<f64> = (0..8).map(|i| 0.5 + 0.01 * f64::from(i)).collect();
    check(
        better(&a, &[0.4; 8]),
        Verdict::Supported,
        &["SSIM: A is better than B: means", "p = 0.0078, 8 pairs", "0.1350"],
    );
    check(better(&[0.4; 8], &a), Verdict::NotSupported, &["the opposite holds: B is better than A", "-0.1350"]);
    let (early, late) = ([Some(10); 8], [Some(30); 8]);
    check(
        faster(&early, &late),
        Verdict::Supported,
        &["A converges earlier than B", "ratio 0.3333", "8 of 8 converged"],
    );
    check(faster(&late, &early), Verdict::NotSupported, &["the opposite holds: B converges earlier than A"]);
}

/// 2/2⁵ = 0.0625 > 0.05 ≥ 2/2⁶.
#[test]
fn too_few_seeds_cannot_tell_whatever_the_difference_is() {
    let expected = ["too few seeds: with 5 pairs of A and B p is at least 0.06250, and 6 are needed"];
    check(better(&[0.9; 5], &[0.4; 5]), Verdict::CannotBeTold, &expected);
    check(better(&[0.9; 6], &[0.4; 6]), Verdict::Supported, &[]);
}

/// By `scipy.stats.nct`, the paired t test finds a difference of one standard deviation with probability 0.799 with ten
/// pairs, at 0.0488 (the greatest multiple of 2/2¹⁰ up to 0.05), and 0.847 with eleven, at 0.0498.
#[test]
fn no_significance_is_an_answer_only_if_a_difference_would_have_been_found() {
    let (a, b) = undecided(8);
    let expected =
        ["no significant difference between A and B, but 8 pairs are too few to exclude one", "11 are needed"];
    check(better(&a, &b), Verdict::CannotBeTold, &expected);
    let (a, b) = undecided(12);
    let expected = ["no significant difference", "12 pairs would have shown a difference of one standard deviation"];
    check(better(&a, &b), Verdict::NotSupported, &expected);
}

#[test]
fn a_larger_family_needs_more() {
    let input = with_values("ssim", &[0.9; 6], &[0.4; 6]);
    let mut spec = ReportSpec::for_experiment("lab", "Lab");
    spec.claims = vec![claim(quality(), Expectation::Better)];
    let analysis = Analysis::new(&input, &spec).unwrap();
    // Convergence, colour distance and SSIM: 2/2⁶ = 0.031 > 0.05/3 ≥ 2/2⁷.
    let found = &statements(&analysis)[0];
    assert_eq!(found.verdict, Verdict::CannotBeTold, "{}", found.text);
    assert!(found.text.contains("7 are needed") && found.text.contains("after Holm for 3 tests"), "{}", found.text);
}

#[test]
fn censoring_prevents_an_answer_if_fewer_than_half_converged() {
    let mut a = [None; 8];
    check(faster(&a, &[None; 8]), Verdict::CannotBeTold, &["0 of 8 runs of A and 0 of 8 of B converged by epoch 60"]);
    a[0] = Some(10);
    check(faster(&a, &[None; 8]), Verdict::CannotBeTold, &["censored: 1 of 8 runs of A"]);
    // Eight against none is exactly half, and significant.
    check(faster(&[Some(10); 8], &[None; 8]), Verdict::Supported, &["against not reached by 60"]);
}

#[test]
fn what_was_not_run_or_is_not_comparable_cannot_be_told() {
    let mut input = with_values("ssim", &[0.9; 6], &[0.4; 6]);
    let missing = ClaimSpec { b: Some(of_method("C")), ..claim(quality(), Expectation::Better) };
    check(judged(&input, missing), Verdict::CannotBeTold, &["not run: there is no cell of C."]);
    let unknown = Measure::Metric(metric("fid").unwrap());
    let expected = ["A and B cannot be compared: no finished run has a value of `fid`"];
    check(judged(&input, claim(unknown, Expectation::Better)), Verdict::CannotBeTold, &expected);
    set_protocol(&mut input.runs[0], "ssim", "0123456789abcdef");
    let refused = judged(&input, claim(quality(), Expectation::Better));
    check(refused, Verdict::CannotBeTold, &["computed under different protocols", "1 run under 0123456789abcdef"]);
    input.runs.iter_mut().for_each(|run| run.record.state = RunState::Queued);
    let queued = judged(&input, claim(quality(), Expectation::Better));
    check(queued, Verdict::CannotBeTold, &["no seed has ended"]);
}

#[test]
fn excluded_and_diverged_runs_are_in_the_answer() {
    let a: Vec<f64> = (0..9).map(|i| 0.5 + 0.01 * f64::from(i)).collect();
    let mut input = with_values("ssim", &a, &[0.4; 9]);
    input.runs[0].record.state = RunState::Cancelled;
    input.runs[10].record.state = RunState::Diverged;
    let expected = ["1 seed is left out because a run failed or was cancelled", "1 diverged run counts as the worst"];
    check(judged(&input, claim(quality(), Expectation::Better)), Verdict::Supported, &expected);
}

/// Differences of ±0.01 around 0.02: the t interval of eight is within 0.05 of 0, that of 0.1 beyond it.
#[test]
fn equality_is_judged_by_the_interval_and_the_margin() {
    let around = |centre: f64, spread: f64| -> Vec<f64> {
        (0..8).map(|i| 0.4 + centre + if i % 2 == 0 { spread } else { -spread }).collect()
    };
    let equal = |a: Vec<f64>| judged(&with_values("ssim", &a, &[0.4; 8]), claim(quality(), Expectation::Equal));
    check(equal(around(0.02, 0.01)), Verdict::Supported, &["A and B differ by at most 0.05000", "t interval"]);
    check(equal(around(0.1, 0.01)), Verdict::NotSupported, &["differ by more than 0.05000"]);
    check(equal(around(0.02, 0.1)), Verdict::CannotBeTold, &["includes values within 0.05000 and beyond"]);
    let one = judged(&with_values("ssim", &[0.4], &[0.4]), claim(quality(), Expectation::Equal));
    check(one, Verdict::CannotBeTold, &["1 pair of A and B give no interval"]);
}

/// The binomial test of 8 of 8: 2/2⁸; of 7 of 8: 2 · 9/2⁸ = 0.0703; of 0 of 8: 2/2⁸.
#[test]
fn a_cell_converges_if_significantly_more_than_half_of_its_runs_do() {
    let converges = |a: &[Option<u32>]| {
        let b = vec![None; a.len()];
        judged(&with_epochs(a, &b), claim(Measure::Convergence, Expectation::Converges))
    };
    let mut a = [Some(10); 8];
    let expected = ["8 of 8 runs of A converged, median epoch 10, exact binomial test p = 0.0078"];
    check(converges(&a), Verdict::Supported, &expected);
    a[0] = None;
    check(converges(&a), Verdict::CannotBeTold, &["7 of 8", "p = 0.070"]);
    check(converges(&[None; 8]), Verdict::NotSupported, &["0 of 8", "median not reached by epoch 60"]);
    check(converges(&[Some(10); 5]), Verdict::CannotBeTold, &["and 6 runs are needed even if all agree"]);
}

#[test]
fn a_claim_about_several_pairs_of_cells_holds_for_all_of_them() {
    let a: Vec<f64> = (0..16).map(|i| if i < 8 { 0.9 } else { 0.3 }).collect();
    let mut input = with_values("ssim", &a, &[0.4; 16]);
    for run in &mut input.runs {
        let is_small = run.record.seed <= 8;
        run.record.settings.insert("image.resolution".into(), Value::Integer(if is_small { 64 } else { 128 }));
        run.record.cell.replace_range(..1, if is_small { "0" } else { "1" });
        run.record.seed = (run.record.seed - 1) % 8 + 1;
    }
    let found = judged(&input, claim(quality(), Expectation::Better));
    let expected = ["A · resolution 64 is better than B · resolution 64", "the opposite holds: B · resolution 128"];
    check(found, Verdict::NotSupported, &expected);
}

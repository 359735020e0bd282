use super::fixture::{set_curve, set_protocol, step, with_epochs, with_values};
use super::*;
use crate::measure::{Epoch, ProtocolId, metric};
use crate::report::{ReportInput, ReportSpec, fixture as report_fixture};
use crate::store::{RunId, RunState};

fn spec() -> ReportSpec {
    ReportSpec::for_experiment("lab", "Lab")
}

fn quality(name: &str) -> Measure {
    Measure::Metric(metric(name).unwrap())
}

/// Compares A and B.
fn compared<T>(input: &ReportInput, measure: Measure, check: impl FnOnce(&Comparison) -> T) -> T {
    let spec = spec();
    let analysis = Analysis::new(input, &spec).unwrap();
    check(&Comparison::new(&analysis, &analysis.cells[0], &analysis.cells[1], measure))
}

fn found(input: &ReportInput, measure: Measure) -> (Finding, PairCounts) {
    compared(input, measure, |comparison| (comparison.result.clone().unwrap(), comparison.pairs))
}

fn refused(input: &ReportInput, measure: Measure) -> Refusal {
    compared(input, measure, |comparison| comparison.result.clone().unwrap_err())
}

#[track_caller]
fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

/// Differences 0.5, 1 and 0.5: mean 2/3, sd 1/√12, so d_z = 4/√3. The interval by `scipy.stats.t.ppf(0.975, 2)`. All
/// signs are equal: p = 2/2³. Of the nine pairs of runs A is less in two, and equal in one.
#[test]
fn values_are_compared_by_the_mean_of_paired_differences() {
    let input = with_values("colour_distance", &[1.0, 2.0, 3.0], &[0.5, 1.0, 2.5]);
    let (finding, counts) = found(&input, quality("colour_distance"));
    assert_eq!((finding.n, counts.complete, counts.notes().len()), (3, 3, 0));
    near(finding.difference.unwrap(), 2.0 / 3.0);
    let interval = finding.interval.unwrap();
    assert_eq!(interval.method, IntervalMethod::T);
    near(interval.limits.low, -0.050_442_121_624_910_35);
    near(interval.limits.high, 1.383_775_454_958_243_5);
    assert_eq!((finding.test.p, finding.test.exact), (0.25, true));
    near(finding.d_z.unwrap(), 2.309_401_076_758_503);
    near(finding.p_a_better, 2.5 / 9.0);
    assert_eq!((finding.favours, finding.statistic), (Side::B, Statistic::Means));
    assert_eq!(finding.by_seed, [(1, Some(0.5)), (2, Some(1.0)), (3, Some(0.5))]);
}

#[test]
fn greater_values_are_better_for_a_metric_that_says_so() {
    let input = with_values("ssim", &[1.0, 2.0, 3.0], &[0.5, 1.0, 2.5]);
    let (finding, _) = found(&input, quality("ssim"));
    near(finding.difference.unwrap(), 2.0 / 3.0);
    assert_eq!(finding.favours, Side::A);
    near(finding.p_a_better, 6.5 / 9.0);
}

#[test]
fn ten_pairs_have_a_bootstrap_interval() {
    let a: Vec<f64> = (0..10).map(|i| 1.0 + 0.01 * f64::from(i * i % 7)).collect();
    let input = with_values("ssim", &a, &[1.0; 10]);
    let interval = found(&input, quality("ssim")).0.interval.unwrap();
    assert_eq!(interval.method, IntervalMethod::Bca);
    // The squares modulo 7 are 0 1 4 2 2 4 1 0 1 4: their mean is 1.9.
    assert!(interval.limits.low < 0.019 && interval.limits.high > 0.019, "{interval:?}");
    assert!(interval.limits.high - interval.limits.low < 0.022, "{interval:?}");
}

/// Costs of A: 0.2, ∞, 0.4, of B: 0.3, 0.5, 0.6. Ranks of A: 1, 6, 3, of B: 2, 4, 5; their differences are −1, 2, −2.
/// The absolute sum of every sign pattern is at least 1, so p = 1. The median of A is 0.4, of B 0.5. A is less than 3, 0
/// and 2 values of B.
#[test]
fn a_diverged_run_is_the_worst_and_ranks_are_tested() {
    let mut input = with_values("colour_distance", &[0.2, 0.1, 0.4], &[0.3, 0.5, 0.6]);
    input.runs[1].record.state = RunState::Diverged;
    let (finding, counts) = found(&input, quality("colour_distance"));
    assert_eq!((finding.statistic, finding.favours), (Statistic::Medians, Side::A));
    near(finding.difference.unwrap(), -0.1);
    assert_eq!((finding.interval, finding.d_z, finding.test.p), (None, None, 1.0));
    near(finding.p_a_better, 5.0 / 9.0);
    assert_eq!((counts.complete, counts.diverged), (3, 1));
    assert_eq!(counts.notes(), ["1 diverged run counts as the worst"]);
    assert_eq!(finding.by_seed[1], (2, None));
}

#[test]
fn a_finished_run_without_a_finite_value_is_the_worst_too() {
    let input = with_values("ssim", &[0.2, f64::NAN, 0.4], &[0.3, 0.5, 0.6]);
    let (finding, counts) = found(&input, quality("ssim"));
    assert_eq!((counts.nonfinite, counts.diverged, finding.favours), (1, 0, Side::B));
    let Details::Metric(details) = finding.details else { panic!("a metric") };
    assert_eq!((details.a.worst, details.a.median), (1, Some(0.2)));
    // The median of 0.2 and two runs that are infinitely bad is not finite.
    let input = with_values("ssim", &[0.2, f64::NAN, f64::INFINITY], &[0.3, 0.5, 0.6]);
    assert_eq!(found(&input, quality("ssim")).0.difference, None);
}

#[test]
fn a_neutral_metric_has_a_difference_and_no_better_side() {
    let mut input = with_values("d_loss", &[1.0, 2.0, 3.0], &[0.5, 1.0, 2.5]);
    input.runs[0].record.state = RunState::Diverged;
    let (finding, counts) = found(&input, quality("d_loss"));
    assert_eq!((finding.favours, finding.n, counts.unmeasured), (Side::Neither, 2, 1));
    near(finding.difference.unwrap(), 0.75);
}

#[test]
fn one_pair_has_no_interval_and_no_significance() {
    let input = with_values("ssim", &[0.2], &[0.3]);
    let (finding, _) = found(&input, quality("ssim"));
    assert_eq!((finding.n, finding.interval, finding.test.p), (1, None, 1.0));
}

/// A converges at 10, 20 and 30, B at 20, 40 and not by 60. Differences of min(epoch, 60): −10, −20, −30, with mean −20
/// and sd 10; the interval by SciPy. Kaplan–Meier: S of A is 2/3, 1/3, 0 at 10, 20, 30, of B 2/3, 1/3 at 20, 40, so the
/// medians are 20 and 40. Log-rank: at 10, 20, 30 and 40, 0.5, 0.8, 1/3 and 0 events of A are expected, with variances
/// 0.25, 0.36, 2/9 and 0; 3 are observed. A is earlier in 7 of 9 pairs of runs, and equal in one.
#[test]
fn epochs_of_convergence_are_compared_with_censoring() {
    let input = with_epochs(&[Some(10), Some(20), Some(30)], &[Some(20), Some(40), None]);
    let (finding, _) = found(&input, Measure::Convergence);
    assert_eq!((finding.n, finding.statistic), (3, Statistic::RestrictedMeans(60.0)));
    near(finding.difference.unwrap(), -20.0);
    near(finding.interval.unwrap().limits.low, -44.841_377_117_503_3);
    assert_eq!((finding.test.p, finding.favours), (0.25, Side::A));
    near(finding.p_a_better, 7.5 / 9.0);
    let Details::Convergence(details) = finding.details else { panic!("convergence") };
    assert_eq!((details.a.reached, details.b.reached, details.b.censored()), (3, 2, 1));
    assert_eq!((details.a.median, details.b.median, details.ratio), (Some(20.0), Some(40.0), Some(0.5)));
    assert_eq!((details.a.restricted_mean, details.b.restricted_mean), (Some(20.0), Some(40.0)));
    assert_eq!(details.cadence, Some(5));
    near(details.log_rank.unwrap().chi_squared, 2.244_325_767_690_254);
    assert!(details.hazard.unwrap().ratio > 1.0, "A has the greater hazard of convergence");
}

#[test]
fn a_ratio_needs_both_medians_and_a_diverged_run_is_censored_at_its_horizon() {
    let mut input = with_epochs(&[Some(10), Some(20), Some(30)], &[Some(20), Some(5), None]);
    input.runs[4].record.state = RunState::Diverged;
    let (finding, counts) = found(&input, Measure::Convergence);
    let Details::Convergence(details) = finding.details else { panic!("convergence") };
    assert_eq!((details.b.reached, details.b.median, details.ratio), (1, None, None));
    assert_eq!(counts.diverged, 1);
    near(finding.difference.unwrap(), 20.0 - (20.0 + 60.0 + 60.0) / 3.0);
}

#[test]
fn mean_epochs_are_restricted_to_the_shorter_horizon() {
    let mut input = with_epochs(&[Some(10), None], &[Some(20), Some(55)]);
    for run in &mut input.runs[..2] {
        run.record.horizon = Epoch(40);
        let points: Vec<_> = run.series[0].curve.points().iter().copied().filter(|point| point.0.0 <= 40).collect();
        set_curve(run, "colour_distance", points);
    }
    let (finding, _) = found(&input, Measure::Convergence);
    assert_eq!(finding.statistic, Statistic::RestrictedMeans(40.0));
    near(finding.difference.unwrap(), 25.0 - 30.0);
    // The run that converged at 55 counts like the one that had not at 40.
    near(finding.p_a_better, (1.0 + 1.0 + 0.0 + 0.5) / 4.0);
}

#[test]
fn different_protocols_are_refused_with_their_runs() {
    let mut input = with_values("ssim", &[0.2, 0.3], &[0.3, 0.4]);
    for run in &mut input.runs[2..] {
        set_protocol(run, "ssim", "0123456789abcdef");
    }
    let own = report_fixture::protocol(3).id();
    let text = refused(&input, quality("ssim")).reason();
    let expected = format!(
        "the values of `ssim` were computed under different protocols, which are never compared (A: 2 runs under {} \
         (val, 3 images, 8 px); B: 2 runs under 0123456789abcdef (protocol 0123456789abcdef))",
        own.as_str()
    );
    assert_eq!(text, expected);
    // One run of one method under another protocol is enough.
    let mut input = with_values("ssim", &[0.2, 0.3], &[0.3, 0.4]);
    set_protocol(&mut input.runs[0], "ssim", "0123456789abcdef");
    assert!(matches!(refused(&input, quality("ssim")), Refusal::Protocols { .. }));
    // If every run also has a common protocol, it is used.
    for run in &mut input.runs {
        let mut again = run.series.iter().find(|series| series.metric == "ssim").unwrap().clone();
        again.protocol = ProtocolId::from_stored("fedcba9876543210".to_owned());
        run.series.push(again);
    }
    let Details::Metric(details) = found(&input, quality("ssim")).0.details else { panic!("a metric") };
    assert_eq!(details.metric.protocol.as_str(), "fedcba9876543210");
}

#[test]
fn mixed_cadences_refuse_convergence_but_not_values() {
    let mut input = with_epochs(&[Some(10), Some(20)], &[Some(20), Some(40)]);
    for run in &mut input.runs[2..] {
        set_curve(run, "colour_distance", step(Some(20), 10));
    }
    let text = refused(&input, Measure::Convergence).sentence(Measure::Convergence);
    assert!(
        text.starts_with("Convergence cannot be compared: the runs were evaluated at different intervals"),
        "{text}"
    );
    assert!(text.ends_with("(A: every 5 epochs; B: every 10 epochs)."), "{text}");
    found(&input, quality("colour_distance"));
}

#[test]
fn cells_without_common_ended_seeds_or_with_the_same_runs_are_refused() {
    let mut input = with_values("ssim", &[0.2, 0.3], &[0.3, 0.4]);
    input.runs[0].record.state = RunState::Failed;
    input.runs[3].record.state = RunState::Queued;
    assert_eq!(refused(&input, quality("ssim")), Refusal::NoPairs);
    let mut input = with_values("ssim", &[0.2, 0.3], &[0.2, 0.3]);
    for (run, id) in input.runs.iter_mut().zip([1, 2, 1, 2]) {
        run.record.cell = "00000000000000aa".to_owned();
        run.record.id = RunId(id);
    }
    assert_eq!(refused(&input, quality("ssim")), Refusal::SameRuns);
    let input = with_values("ssim", &[0.2], &[0.2]);
    assert_eq!(refused(&input, quality("fid")), Refusal::NotMeasured { metric: "fid" });
}

/// Three tests in which all three differences have one sign have p = 0.25 and a smallest p of 0.25; Holm: 3 · 0.25.
#[test]
fn p_values_of_a_family_are_adjusted_over_all_declared_tests() {
    let input = with_values("ssim", &[0.2, 0.3, 0.4], &[0.3, 0.5, 0.6]);
    let mut spec = spec();
    spec.table = vec![metric("ssim").unwrap(), metric("fid").unwrap(), metric("d_loss").unwrap()];
    let analysis = Analysis::new(&input, &spec).unwrap();
    let family = Family::new(&analysis);
    let names: Vec<&str> = family.members.iter().map(|member| member.comparison.measure.as_str()).collect();
    assert_eq!(
        names,
        ["convergence", "ssim", "fid"],
        "every ranked metric of the tables, whether it was recorded or not"
    );
    let labels = (&family.members[0].comparison.a.label, &family.members[0].comparison.b.label);
    assert_eq!((labels.0.as_str(), labels.1.as_str()), ("B", "A"), "the first method is the reference");
    assert_eq!(family.members[1].comparison.p(), Some(0.25));
    assert_eq!(family.members[1].adjusted, Some(0.75));
    assert_eq!(family.members[2].adjusted, None);
    // 2/2⁷ = 0.0156 ≤ 0.05/3 < 2/2⁶.
    assert_eq!((family.seeds_needed(), family.is_attainable(6), family.is_attainable(7)), (7, false, true));
    assert_eq!(family.runs().len(), 6);
}

#[test]
fn every_field_of_a_comparison_has_a_value() {
    let input = with_epochs(&[Some(10), Some(20), Some(30)], &[Some(20), Some(40), None]);
    let spec = spec();
    let analysis = Analysis::new(&input, &spec).unwrap();
    let (a, b) = (&analysis.cells[0], &analysis.cells[1]);
    let measures = [Measure::Convergence, quality("ssim"), quality("fid")];
    let compared = measures.map(|measure| Comparison::new(&analysis, a, b, measure));
    let family = Family::of(compared.to_vec(), 0.05);
    for member in &family.members {
        assert_eq!(member.fields(&family).len(), FIELDS.len());
    }
    let field = |member: usize, name: &str| {
        let at = FIELDS.iter().position(|field| *field == name).unwrap();
        family.members[member].fields(&family)[at].clone()
    };
    assert_eq!((field(0, "measure"), field(0, "difference")), (Datum::from("convergence"), Datum::Number(-20.0)));
    assert_eq!((field(0, "restricted_to"), field(0, "b_reached")), (Datum::Number(60.0), Datum::Count(2)));
    assert_eq!((field(0, "median_ratio"), field(0, "p")), (Datum::Number(0.5), Datum::Number(0.25)));
    assert_eq!((field(0, "tests"), field(0, "better")), (Datum::Count(3), Datum::None));
    assert_eq!((field(1, "interval"), field(1, "a_reached")), (Datum::from("t"), Datum::None));
    assert_eq!(field(2, "refused"), Datum::from("no finished run has a value of `fid`"));
}

#[test]
fn a_comparison_is_answered_in_sentences() {
    let sentence = |input: &ReportInput, measure: Measure| {
        let spec = spec();
        let analysis = Analysis::new(input, &spec).unwrap();
        let compared = Comparison::new(&analysis, &analysis.cells[0], &analysis.cells[1], measure);
        let family = Family::of(vec![compared], 0.05);
        family.members[0].sentence(&family)
    };
    let input = with_values("colour_distance", &[1.0, 2.0, 3.0], &[0.5, 1.0, 2.5]);
    insta::assert_snapshot!("sentence_few_seeds", sentence(&input, quality("colour_distance")));
    let (a, b): (Vec<f64>, Vec<f64>) = (0..8).map(|i| (0.3 + 0.01 * f64::from(i % 3), 0.4)).unzip();
    let mut input = with_values("colour_distance", &a, &b);
    insta::assert_snapshot!("sentence_better", sentence(&input, quality("colour_distance")));
    input.runs[9].record.state = RunState::Diverged;
    input.runs[10].record.state = RunState::Failed;
    insta::assert_snapshot!("sentence_diverged", sentence(&input, quality("colour_distance")));
    let epochs = |at: &[u32]| at.iter().map(|&at| Some(at)).collect::<Vec<_>>();
    let a = epochs(&[10, 15, 10, 20, 15, 10, 15, 20]);
    let mut b = epochs(&[30, 35, 40, 30, 35, 40, 30]);
    b.push(None);
    insta::assert_snapshot!("sentence_earlier", sentence(&with_epochs(&a, &b), Measure::Convergence));
    insta::assert_snapshot!("sentence_censored", sentence(&with_epochs(&[None; 8], &[None; 8]), Measure::Convergence));
}

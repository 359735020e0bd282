use super::*;
use crate::measure::{Epoch, ProtocolId};
use crate::report::{ReportInput, ReportSpec, fixture};
use crate::store::RunState;

fn prepared(input: &ReportInput, spec: &ReportSpec) -> CurvesFigure {
    prepare(&Analysis::new(input, spec).unwrap()).unwrap()
}

#[test]
fn each_metric_has_a_panel_with_a_line_for_each_method() {
    let (input, spec) = (fixture::input(&["A", "B"], 2), ReportSpec::for_experiment("lab", "Lab"));
    let curves = prepared(&input, &spec);
    let axes: Vec<&str> = curves.panels.iter().map(|panel| panel.axis.as_str()).collect();
    assert_eq!(axes, ["Colour distance", "SSIM", "D loss", "G loss"]);
    assert_eq!(curves.panels[0].heading, "↓ lower is better · val, 3 images, 8 px");
    assert_eq!(curves.panels[2].heading, "neither direction is better");
    assert_eq!(
        curves.note,
        "Line: mean over 2 seeds; band: range (least to greatest); circle: median epoch of convergence."
    );
    assert_eq!(curves.last, 60);
    let line = &curves.panels[0].lines[1];
    let at = |run: usize| input.runs[run].series[0].curve.at(Epoch(30)).unwrap();
    assert_eq!((line.label.as_str(), line.seeds, line.points[6].mean), ("B", 2, (at(2) + at(3)) / 2.0));
}

#[test]
fn different_protocols_never_share_a_panel() {
    let (mut input, spec) = (fixture::input(&["A", "B"], 2), ReportSpec::for_experiment("lab", "Lab"));
    input.runs[3].series[0].protocol = ProtocolId::from_stored("ffffffffffffffff".into());
    let curves = prepared(&input, &spec);
    assert_eq!(curves.panels.len(), 5);
    let seeds: Vec<Vec<usize>> =
        curves.panels[..2].iter().map(|panel| panel.lines.iter().map(|line| line.seeds).collect()).collect();
    assert_eq!(seeds, [vec![2, 1], vec![1]]);
    assert!(curves.panels[1].heading.ends_with("protocol ffffffffffffffff"), "{}", curves.panels[1].heading);
    let alike = crate::measure::Protocol { data: "cd".into(), ..fixture::protocol(3) };
    input.runs[3].series[0].protocol = alike.id();
    input.protocols.insert(alike.id(), alike.clone());
    let curves = prepared(&input, &spec);
    let ids = curves.panels.iter().filter(|panel| panel.heading.ends_with(']')).count();
    assert_eq!(ids, 2, "two protocols with one description are told apart by their ids");
}

#[test]
fn failed_runs_are_excluded_and_the_line_is_thin_after_shorter_runs() {
    let (mut input, spec) = (fixture::input(&["A"], 3), ReportSpec::for_experiment("lab", "Lab"));
    input.runs[0].record.state = RunState::Failed;
    let short = input.runs[1].series[0].curve.points()[..4].to_vec();
    input.runs[1].series[0].curve = Curve::new(short).unwrap();
    let curves = prepared(&input, &spec);
    let line = &curves.panels[0].lines[0];
    assert_eq!(line.seeds, 2);
    assert_eq!(line.points.iter().map(|band| band.n).collect::<Vec<_>>()[2..6], [2, 2, 1, 1]);
    assert!(curves.note.contains("; thin line: not all seeds have values"), "{}", curves.note);
}

#[test]
fn with_five_seeds_the_band_is_a_t_interval() {
    let (input, mut spec) = (fixture::input(&["A"], 5), ReportSpec::for_experiment("lab", "Lab"));
    assert!(prepared(&input, &spec).note.contains("95 % t interval"));
    spec.band = BandChoice::Range;
    assert!(prepared(&input, &spec).note.contains("range"));
    let single = fixture::input(&["A"], 1);
    let note = prepared(&single, &spec).note;
    assert_eq!(note, "Line: mean over 1 seed; one seed has no band; circle: median epoch of convergence.");
}

#[test]
fn a_metric_without_values_is_missing_and_without_any_metric_there_is_no_figure() {
    let (mut input, spec) = (fixture::input(&["A"], 1), ReportSpec::for_experiment("lab", "Lab"));
    input.runs[0].series.retain(|series| series.metric != "ssim");
    assert_eq!(prepared(&input, &spec).missing, ["ssim"]);
    input.runs[0].series.clear();
    assert_eq!(prepare(&Analysis::new(&input, &spec).unwrap()), None);
}

#[test]
fn the_median_epoch_of_convergence_is_marked_in_the_panel_of_its_metric() {
    let (mut input, spec) = (fixture::input(&["A", "B"], 3), ReportSpec::for_experiment("lab", "Lab"));
    for run in &mut input.runs[3..] {
        run.record.state = RunState::Diverged;
    }
    let curves = prepared(&input, &spec);
    let analysis = Analysis::new(&input, &spec).unwrap();
    let Some(Median::At(median)) = survival(&analysis.primary_outcomes(&analysis.cells[0])).median else { panic!() };
    let marks: Vec<Vec<Option<f64>>> =
        curves.panels.iter().map(|panel| panel.lines.iter().map(|line| line.converged).collect()).collect();
    assert_eq!(marks[0], [Some(median), None], "the runs of B are censored");
    assert!(marks[1..].iter().flatten().all(Option::is_none));
}

#[test]
fn lines_that_coincide_are_named_and_dashed() {
    let (mut input, spec) = (fixture::input(&["A", "B", "C"], 1), ReportSpec::for_experiment("lab", "Lab"));
    input.runs[2].series[1] = input.runs[0].series[1].clone();
    let curves = prepared(&input, &spec);
    let equal: Vec<Option<usize>> = curves.panels[1].lines.iter().map(|line| line.equals).collect();
    assert_eq!(equal, [None, None, Some(0)]);
    assert!(curves.note.ends_with(" Lines that coincide are drawn over each other with dashes: SSIM of A and C."));
    assert!(curves.panels[0].lines.iter().all(|line| line.equals.is_none()));
    assert!(curves.draw().contains("stroke-dasharray=\"3.5 2.5\""));
}

#[test]
fn a_long_curve_is_drawn_with_few_points_and_its_last_one() {
    let (mut input, spec) = (fixture::input(&["A"], 2), ReportSpec::for_experiment("lab", "Lab"));
    for run in &mut input.runs {
        let points = (0..=2_000).map(|epoch| (Epoch(epoch), f64::from(epoch))).collect();
        run.series[0].curve = Curve::new(points).unwrap();
    }
    let line = &prepared(&input, &spec).panels[0].lines[0];
    assert_eq!(line.points.len(), 335);
    let last = line.points.last().unwrap();
    assert_eq!((last.epoch, last.mean, line.points[1].epoch), (Epoch(2_000), 2_000.0, Epoch(6)));
}

#[test]
fn values_that_are_not_finite_are_not_drawn() {
    let (mut input, spec) = (fixture::input(&["A"], 1), ReportSpec::for_experiment("lab", "Lab"));
    let points = input.runs[0].series[0].curve.points();
    let broken = points.iter().map(|&(epoch, value)| (epoch, if epoch.0 > 30 { f64::NAN } else { value })).collect();
    input.runs[0].series[0].curve = Curve::new(broken).unwrap();
    let curves = prepared(&input, &spec);
    assert_eq!(curves.panels[0].lines[0].points.last().unwrap().epoch, Epoch(30));
    assert!(!curves.draw().contains("NaN"));
}

#[test]
fn the_figure_matches_its_snapshot() {
    let (input, mut spec) = (fixture::input(&["A <b>", "B & c"], 2), ReportSpec::for_experiment("lab", "Lab"));
    spec.curves.truncate(2);
    insta::assert_snapshot!("curves_svg", prepared(&input, &spec).draw());
}

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
    assert_eq!(curves.note, "Line: mean over 2 seeds; band: range (least to greatest).");
    assert_eq!(curves.last, 60);
    let line = &curves.panels[0].lines[1];
    let at = |run: usize| input.runs[run].series[0].curve.at(Epoch(30)).unwrap();
    assert_eq!((line.cell, line.seeds, line.points[6].mean), (1, 2, (at(2) + at(3)) / 2.0));
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
    assert!(curves.panels[1].heading.ends_with("[ffffffffffffffff]"), "{}", curves.panels[1].heading);
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
    assert!(curves.note.ends_with("thin line: not all seeds have values."), "{}", curves.note);
}

#[test]
fn with_five_seeds_the_band_is_a_t_interval() {
    let (input, mut spec) = (fixture::input(&["A"], 5), ReportSpec::for_experiment("lab", "Lab"));
    assert!(prepared(&input, &spec).note.contains("95 % t interval"));
    spec.band = BandChoice::Range;
    assert!(prepared(&input, &spec).note.contains("range"));
    let single = fixture::input(&["A"], 1);
    assert_eq!(prepared(&single, &spec).note, "Line: mean over 1 seed; one seed has no band.");
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
fn the_figure_matches_its_snapshot() {
    let (input, mut spec) = (fixture::input(&["A <b>", "B & c"], 2), ReportSpec::for_experiment("lab", "Lab"));
    spec.curves.truncate(2);
    insta::assert_snapshot!("curves_svg", prepared(&input, &spec).draw().unwrap());
}

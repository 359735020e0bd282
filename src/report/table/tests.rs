use std::io::Read as _;

use super::*;
use crate::measure::{Curve, Epoch};
use crate::report::{Analysis, Cell, ReportSpec, fixture};
use crate::stats::CensorReason;
use crate::store::RunState;

fn mixed() -> crate::report::ReportInput {
    let mut input = fixture::input(&["GAN|CLS", "JEM"], 3);
    input.runs[1].record.state = RunState::Diverged;
    input.runs[1].record.epoch = Epoch(40);
    input.runs[2].record.state = RunState::Failed;
    input.runs[5].record.state = RunState::Running;
    input.runs[5].record.epoch = Epoch(30);
    input
}

#[test]
fn outcomes_are_intervals_or_bounds_with_a_reason() {
    let reached = |epoch, after| Convergence::Reached { epoch: Epoch(epoch), after: Epoch(after) };
    assert_eq!(outcome(reached(15, 10)), "(10, 15]");
    assert_eq!(outcome(reached(0, 0)), "0");
    assert_eq!(outcome(Convergence::Censored { at: Epoch(60), why: CensorReason::Unconfirmed }), "> 60 (unconfirmed)");
}

#[test]
fn the_run_table_lists_every_run_with_its_last_and_best_values() {
    let (input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    let analysis = Analysis::new(&input, &spec).unwrap();
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    insta::assert_snapshot!("runs_markdown", runs(&analysis, &all).markdown());
    insta::assert_snapshot!("runs_csv", runs_csv(&analysis).csv());
}

#[test]
fn the_summary_averages_finished_runs_and_counts_other_runs() {
    let (input, mut spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    spec.convergence.threshold = Some(0.4);
    let analysis = Analysis::new(&input, &spec).unwrap();
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    insta::assert_snapshot!("summary_markdown", summary(&analysis, &all).markdown());
    insta::assert_snapshot!("summary_csv", summary_csv(&analysis).csv());
    insta::assert_snapshot!("convergence_csv", convergence_csv(&analysis).csv());
}

#[test]
fn the_curve_file_contains_all_points() {
    let (input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    let analysis = Analysis::new(&input, &spec).unwrap();
    let (name, text) = curves_csv(&analysis);
    let csv = String::from_utf8(text).unwrap();
    assert_eq!(name, "curves.csv");
    // A header, and 6 runs with 13 evaluations of two metrics and 60 epochs of two losses.
    assert_eq!(csv.lines().count(), 1 + 6 * (2 * 13 + 2 * 60));
    assert!(csv.contains("lab,1,GAN|CLS,,1,d_loss,none,60,"), "{}", csv.lines().nth(200).unwrap());
}

#[test]
fn the_curve_file_is_compressed_if_there_are_more_than_100_000_points() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let mut input = fixture::input(&["A, \"quoted\"", "B"], 1);
    let long = |count: u32| Curve::new((0..count).map(|e| (Epoch(e), 1.0 / f64::from(e + 3))).collect()).unwrap();
    for run in &mut input.runs {
        run.series.truncate(1);
        run.series[0].curve = long(50_000);
    }
    let file = |input: &crate::report::ReportInput| curves_csv(&Analysis::new(input, &spec).unwrap());
    let (name, plain) = file(&input);
    assert_eq!((name, plain.split(|&byte| byte == b'\n').count()), ("curves.csv", 1 + 100_000 + 1));
    input.runs[1].series[0].curve = long(50_001);
    let (name, packed) = file(&input);
    assert_eq!((name, &packed[4..8]), ("curves.csv.gz", [0; 4].as_slice()), "the time of the file is not in it");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let last = text.strip_prefix(std::str::from_utf8(&plain).unwrap()).expect("the other points are the same");
    let protocol = fixture::protocol(3).id();
    assert_eq!(last, format!("lab,2,B,,1,colour_distance,{},50000,{}\r\n", protocol.as_str(), 1.0 / 50_003.0));
    let first = format!("lab,1,\"A, \"\"quoted\"\"\",,1,colour_distance,{},1,0.25", protocol.as_str());
    assert_eq!(text.lines().nth(2), Some(first.as_str()));
}

#[test]
fn fits_are_listed_by_file_and_epoch_and_without_fits_there_is_no_table() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let plain = fixture::input(&["A", "B"], 2);
    assert_eq!(fits_csv(&Analysis::new(&plain, &spec).unwrap()), None);
    let input = fixture::with_fits(plain);
    let csv = fits_csv(&Analysis::new(&input, &spec).unwrap()).unwrap().csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 3 * 3, "{csv}");
    let (guide, text) = ("ab".repeat(32), "ef".repeat(32));
    assert_eq!(lines[1], format!("guide.weights,{guide},B,3 4,1,false,top1,0.25"));
    assert_eq!(lines[8], format!("guide.weights,{guide},B,3 4,3,true,top5,1"));
    assert_eq!(lines[10], format!("text.weights,{text},A; B,1 2 3 4,1,false,perplexity,8"));
    assert_eq!(lines[15], format!("text.weights,{text},A; B,1 2 3 4,2,true,perplexity_of_frequencies,64"));
}

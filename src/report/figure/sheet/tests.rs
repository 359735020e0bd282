use super::*;
use crate::measure::Epoch;
use crate::report::{ReportInput, ReportSpec, lab};
use crate::store::RunState;

fn pictured(methods: &[&str], seeds: u64) -> ReportInput {
    lab::with_pictures(lab::input(methods, seeds), 3, 8)
}

fn prepared(input: &ReportInput, spec: &ReportSpec) -> Option<Sheet> {
    prepare(&Analysis::new(input, spec).unwrap()).unwrap()
}

fn heads(sheet: &Sheet) -> Vec<(&str, &str)> {
    sheet.columns.iter().map(|column| (column.title.as_str(), column.detail.as_str())).collect()
}

#[test]
fn columns_are_the_original_the_guides_and_each_method_s_last_samples_of_its_first_seed() {
    let (input, spec) = (pictured(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    let sheet = prepared(&input, &spec).unwrap();
    let samples = "seed 1, epoch 60";
    assert_eq!(heads(&sheet), [("Original", "held-out image"), ("Guide", ""), ("GAN", samples), ("JEM", samples)]);
    assert_eq!(sheet.captions.len(), 3);
    assert_eq!(sheet.columns.iter().map(|column| column.tiles.len()).collect::<Vec<_>>(), [3; 4]);
    assert_ne!(sheet.columns[2].tiles, sheet.columns[3].tiles);
    assert_eq!(sheet.note, "");
}

#[test]
fn guides_that_differ_have_a_column_each_that_says_whose_they_are() {
    let (input, spec) = (pictured(&["GAN", "X", "Y", "Z"], 1), ReportSpec::for_experiment("lab", "Lab"));
    let sheet = prepared(&input, &spec).unwrap();
    assert_eq!(heads(&sheet)[1..3], [("Guide", "of X"), ("Guide", "of Y, Z")]);
    let mut input = input;
    for (run, segmentation) in input.runs.iter_mut().zip(["none", "full", "foreground", "foreground"]) {
        run.record.settings.insert("guide.segmentation".into(), crate::spec::Value::Text(segmentation.into()));
    }
    let sheet = prepared(&input, &spec).unwrap();
    assert_eq!(heads(&sheet)[1..3], [("Guide", "full"), ("Guide", "foreground")]);
}

#[test]
fn epoch_seed_and_items_can_be_chosen_and_what_lacks_them_is_named() {
    let (mut input, mut spec) = (pictured(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    spec.sheet = crate::report::SheetSpec { epoch: Some(0), seed: Some(2), items: 2 };
    input.runs[1].pictures.retain(|picture| picture.epoch != Epoch(0) || picture.role != "samples");
    let sheet = prepared(&input, &spec).unwrap();
    assert_eq!(heads(&sheet).last(), Some(&("JEM", "seed 2, epoch 0")));
    assert_eq!(sheet.columns[0].tiles.len(), 2);
    assert_eq!(sheet.note, "Without such samples: GAN.");
}

#[test]
fn without_samples_or_items_there_is_no_sheet() {
    let (mut input, spec) = (pictured(&["GAN"], 1), ReportSpec::for_experiment("lab", "Lab"));
    assert_eq!(prepared(&lab::input(&["GAN"], 1), &spec), None);
    input.runs[0].record.state = RunState::Failed;
    assert_eq!(prepared(&input, &spec), None);
    input.runs[0].record.state = RunState::Finished;
    input.protocols.clear();
    assert_eq!(prepared(&input, &spec), None);
}

#[test]
fn samples_of_other_items_are_not_put_beside_these_captions() {
    let (mut input, spec) = (pictured(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    let other = lab::protocol(2);
    for run in &mut input.runs[3..] {
        run.series.retain(|series| series.metric == "ssim");
        run.series[0].protocol = other.id();
    }
    input.runs.remove(2);
    input.protocols.insert(other.id(), other);
    let sheet = prepared(&input, &spec).unwrap();
    assert_eq!(heads(&sheet).last(), Some(&("GAN", "seed 1, epoch 60")));
    assert_eq!(sheet.note, "Without such samples: JEM.");
}

#[test]
fn the_figure_is_drawn_as_ever() {
    let (input, mut spec) = (pictured(&["A <b>", "B & c"], 1), ReportSpec::for_experiment("lab", "Lab"));
    spec.sheet.items = 1;
    insta::assert_snapshot!("sheet_svg", prepared(&input, &spec).unwrap().draw().unwrap());
}

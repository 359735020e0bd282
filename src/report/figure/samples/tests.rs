use super::*;
use crate::measure::Epoch;
use crate::report::{ReportInput, ReportSpec, fixture};
use crate::store::RunState;

fn with_images(methods: &[&str], seeds: u64) -> ReportInput {
    fixture::with_images(fixture::input(methods, seeds), 3, 8)
}

fn prepared(input: &ReportInput, spec: &ReportSpec) -> Option<SamplesFigure> {
    prepare(&Analysis::new(input, spec).unwrap()).unwrap()
}

fn headers(figure: &SamplesFigure) -> Vec<(&str, &str)> {
    figure.columns.iter().map(|column| (column.title.as_str(), column.detail.as_str())).collect()
}

#[test]
fn columns_are_the_originals_the_guides_and_the_last_samples_of_the_first_seed_of_each_method() {
    let (input, spec) = (with_images(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    let figure = prepared(&input, &spec).unwrap();
    let samples = "seed 1, epoch 60";
    assert_eq!(headers(&figure), [("Original", "held-out image"), ("Guide", ""), ("GAN", samples), ("JEM", samples)]);
    assert_eq!(figure.captions.len(), 3);
    assert_eq!(figure.columns.iter().map(|column| column.tiles.len()).collect::<Vec<_>>(), [3; 4]);
    assert_ne!(figure.columns[2].tiles, figure.columns[3].tiles);
    assert_eq!(figure.note, "");
}

#[test]
fn distinct_guides_have_a_column_each_with_the_names_of_their_cells() {
    let (input, spec) = (with_images(&["GAN", "X", "Y", "Z"], 1), ReportSpec::for_experiment("lab", "Lab"));
    let figure = prepared(&input, &spec).unwrap();
    assert_eq!(headers(&figure)[1..3], [("Guide", "of X"), ("Guide", "of Y, Z")]);
    let mut input = input;
    for (run, segmentation) in input.runs.iter_mut().zip(["none", "full", "foreground", "foreground"]) {
        run.record.settings.insert("guide.segmentation".into(), crate::spec::Value::Text(segmentation.into()));
    }
    let figure = prepared(&input, &spec).unwrap();
    assert_eq!(headers(&figure)[1..3], [("Guide", "full"), ("Guide", "foreground")]);
}

#[test]
fn epoch_seed_and_items_can_be_selected_and_cells_without_samples_are_named() {
    let (mut input, mut spec) = (with_images(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    spec.samples = crate::report::SamplesSpec { epoch: Some(0), seed: Some(2), items: 2 };
    input.runs[1].image_grids.retain(|grid| grid.epoch != Epoch(0) || grid.role != "samples");
    let figure = prepared(&input, &spec).unwrap();
    assert_eq!(headers(&figure).last(), Some(&("JEM", "seed 2, epoch 0")));
    assert_eq!(figure.columns[0].tiles.len(), 2);
    assert_eq!(figure.note, "No matching samples: GAN.");
}

#[test]
fn without_samples_or_items_there_is_no_figure() {
    let (mut input, spec) = (with_images(&["GAN"], 1), ReportSpec::for_experiment("lab", "Lab"));
    assert_eq!(prepared(&fixture::input(&["GAN"], 1), &spec), None);
    input.runs[0].record.state = RunState::Failed;
    assert_eq!(prepared(&input, &spec), None);
    input.runs[0].record.state = RunState::Finished;
    input.protocols.clear();
    assert_eq!(prepared(&input, &spec), None);
}

#[test]
fn samples_of_other_items_are_not_shown() {
    let (mut input, spec) = (with_images(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    let other = fixture::protocol(2);
    for run in &mut input.runs[3..] {
        run.series.retain(|series| series.metric == "ssim");
        run.series[0].protocol = other.id();
    }
    input.runs.remove(2);
    input.protocols.insert(other.id(), other);
    let figure = prepared(&input, &spec).unwrap();
    assert_eq!(headers(&figure).last(), Some(&("GAN", "seed 1, epoch 60")));
    assert_eq!(figure.note, "No matching samples: JEM.");
}

#[test]
fn the_figure_matches_its_snapshot() {
    let (input, mut spec) = (with_images(&["A <b>", "B & c"], 1), ReportSpec::for_experiment("lab", "Lab"));
    spec.samples.items = 1;
    insta::assert_snapshot!("samples_svg", prepared(&input, &spec).unwrap().draw().unwrap());
}

use super::*;
use crate::report::figure::sheet::Series;
use crate::report::{ReportInput, ReportSpec, fixture};
use crate::store::RunState;

fn with_images(methods: &[&str], seeds: u64) -> ReportInput {
    fixture::with_images(fixture::input(methods, seeds), 3, 8)
}

fn prepared(input: &ReportInput, spec: &ReportSpec) -> Option<Sheet> {
    prepare(&Analysis::new(input, spec).unwrap()).unwrap().map(|(sheet, _)| sheet)
}

fn headers(sheet: &Sheet) -> Vec<(&str, &str)> {
    sheet.series.iter().map(|series: &Series| (series.title.as_str(), series.detail.as_str())).collect()
}

#[test]
fn columns_are_the_originals_the_guides_and_the_samples_of_each_cell() {
    let (input, spec) = (with_images(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    let sheet = prepared(&input, &spec).unwrap();
    let guide = ("Guide", "flower tinted and outlined");
    assert_eq!(headers(&sheet), [("Original", "held-out image"), guide, ("GAN", ""), ("JEM", "")]);
    assert_eq!((sheet.items.len(), sheet.note.as_str()), (3, "Seed 1, epoch 60."));
    assert!(sheet.series.iter().all(|series| series.tiles.len() == 3));
    assert_ne!(sheet.series[2].tiles, sheet.series[3].tiles);
}

#[test]
fn every_kind_of_own_guide_has_a_column() {
    let (input, spec) = (fixture::paper(1), ReportSpec::for_experiment("lab", "Lab"));
    let sheet = prepared(&input, &spec).unwrap();
    let guides: Vec<&str> =
        sheet.series.iter().filter(|series| series.title == "Guide").map(|series| series.detail.as_str()).collect();
    assert_eq!(guides, ["flower tinted and outlined", "flower white", "background white"]);
    assert_eq!(sheet.series.len(), 1 + 3 + 12);
}

#[test]
fn epoch_seed_and_items_can_be_selected_and_cells_without_samples_are_named() {
    let (mut input, mut spec) = (with_images(&["GAN", "JEM"], 2), ReportSpec::for_experiment("lab", "Lab"));
    spec.samples = crate::report::SamplesSpec { epoch: Some(0), seed: Some(2), items: 2 };
    input.runs[1].image_grids.retain(|grid| grid.epoch.0 != 0 || grid.role != "samples");
    let sheet = prepared(&input, &spec).unwrap();
    assert_eq!(headers(&sheet).last(), Some(&("JEM", "")));
    assert_eq!(sheet.series[0].tiles.len(), 2);
    assert_eq!(sheet.note, "Seed 2, epoch 0. No matching samples: GAN.");
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
fn a_caption_with_missing_glyphs_is_replaced_by_the_number_of_its_image() {
    let (mut input, spec) = (with_images(&["GAN"], 1), ReportSpec::for_experiment("lab", "Lab"));
    let id = input.runs[0].series[0].protocol.clone();
    input.protocols.get_mut(&id).unwrap().items[1].caption = "花 <script>".into();
    let analysis = Analysis::new(&input, &spec).unwrap();
    let figure = item(&analysis).unwrap().unwrap();
    assert!(figure.text.ends_with("which are numbers instead: image 101: 花 <script>."), "{}", figure.text);
    assert!(figure.svg.contains(">image 101</text>") && !figure.svg.contains('花'));
}

use super::*;
use crate::measure::Protocol;
use crate::report::figure::{backgrounds, foreground, methods, originals, resolutions, segmentations};
use crate::report::{ReportSpec, fixture};
use crate::store::RunState;

fn titles(sheet: &Sheet) -> Vec<(&str, &str)> {
    sheet.series.iter().map(|series| (series.title.as_str(), series.detail.as_str())).collect()
}

fn spec() -> ReportSpec {
    ReportSpec::for_experiment("lab", "Lab")
}

#[test]
fn samples_are_of_one_seed_and_one_epoch_if_all_cells_have_them() {
    let mut input = fixture::paper(3);
    // JEM-AlexNet has not reached the last epoch, and JEM-VGG has no run with seed 1.
    input.runs.iter_mut().filter(|run| run.record.cell.ends_with('2')).for_each(|run| {
        run.image_grids.retain(|grid| grid.epoch.0 < 60);
    });
    input.runs.retain(|run| !(run.record.cell.ends_with('4') && run.record.seed == 1));
    let spec = spec();
    let analysis = Analysis::new(&input, &spec).unwrap();
    let (sheet, text) = methods::prepare(&analysis).unwrap().unwrap();
    assert_eq!(titles(&sheet), [("GAN-CLS-INT", ""), ("JEM-AlexNet", ""), ("JEM-VGG", "")]);
    assert!(sheet.series.iter().all(|series| (series.seed, series.epoch, series.side) == (2, Epoch(30), 32)));
    assert_eq!(sheet.note, "Seed 2, epoch 30.");
    assert!(
        text.contains("Seed 2 is the first one that all of them have; epoch 30 is the last one that all"),
        "{text}"
    );
    assert!(text.contains("represented by one: GAN-CLS-INT · resolution 32; "), "{text}");
}

#[test]
fn a_method_that_has_not_trained_does_not_hide_the_samples_of_others() {
    let mut input = fixture::paper(1);
    input.runs.iter_mut().filter(|run| run.record.cell.ends_with('2')).for_each(|run| {
        run.image_grids.retain(|grid| grid.epoch.0 == 0);
    });
    let spec = spec();
    let (sheet, text) = methods::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap().unwrap();
    assert_eq!(titles(&sheet), [("GAN-CLS-INT", "epoch 60"), ("JEM-AlexNet", "epoch 0"), ("JEM-VGG", "epoch 60")]);
    assert_eq!(sheet.note, "Seed 1, different epochs.");
    assert!(text.contains("no trained epoch has samples of all of them"), "{text}");
}

#[test]
fn the_report_file_selects_seed_and_epoch() {
    let (input, mut spec) = (fixture::paper(2), spec());
    spec.samples = crate::report::SamplesSpec { epoch: Some(30), seed: Some(2), items: 2 };
    let (sheet, text) = methods::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap().unwrap();
    assert!(sheet.series.iter().all(|series| (series.seed, series.epoch, series.tiles.len()) == (2, Epoch(30), 2)));
    assert!(text.contains("The report file selects seed 2; the report file selects epoch 30."), "{text}");
    spec.samples.epoch = Some(31);
    assert_eq!(methods::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap(), None);
}

#[test]
fn samples_of_other_items_are_not_shown_beside_each_other() {
    let mut input = fixture::paper(1);
    let other = Protocol { resolution: 32, ..fixture::protocol(2) };
    for series in input.runs.iter_mut().filter(|run| run.record.cell.ends_with('2')).flat_map(|run| &mut run.series) {
        series.protocol = other.id();
    }
    input.protocols.insert(other.id(), other);
    let spec = spec();
    let (sheet, _) = methods::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap().unwrap();
    assert_eq!(titles(&sheet), [("GAN-CLS-INT", ""), ("JEM-VGG", "")]);
    assert!(sheet.note.starts_with("Seed 1, epoch 60. No matching samples: JEM-AlexNet"), "{}", sheet.note);
}

#[test]
fn segmentations_are_the_originals_and_the_guides_of_each_kind() {
    let (input, spec) = (fixture::paper(1), spec());
    let analysis = Analysis::new(&input, &spec).unwrap();
    let sheet = segmentations::prepare(&analysis).unwrap().unwrap();
    let expected = [
        ("Original", ""),
        ("full", "flower tinted and outlined"),
        ("background", "flower white"),
        ("foreground", "background white"),
    ];
    assert_eq!(titles(&sheet), expected);
    assert_eq!((sheet.series[1].side, sheet.items.len()), (64, 5), "the highest resolution is shown");
    let sheet = foreground::prepare(&analysis).unwrap().unwrap();
    assert_eq!(titles(&sheet), [("Original", "held-out image"), ("Foreground", "background white")]);
}

#[test]
fn originals_are_above_the_results_of_guided_methods() {
    let (input, spec) = (fixture::paper(1), spec());
    let (sheet, _) = originals::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap().unwrap();
    assert_eq!(titles(&sheet), [("Original", "held-out image"), ("JEM-AlexNet", ""), ("JEM-VGG", "")]);
}

#[test]
fn backgrounds_compare_two_cells_that_differ_in_the_segmentation_alone() {
    let (mut input, spec) = (fixture::paper(1), spec());
    let (sheet, _) = backgrounds::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap().unwrap();
    let expected = [
        ("Guide", "whole image"),
        ("Guide", "background white"),
        ("JEM-AlexNet", "full"),
        ("JEM-AlexNet", "foreground"),
    ];
    assert_eq!(titles(&sheet), expected);
    // With another batch size the cells differ in two settings.
    for run in input.runs.iter_mut().filter(|run| run.record.cell.ends_with('9')) {
        run.record.settings.insert("train.batch".into(), crate::spec::Value::Integer(8));
    }
    assert_eq!(backgrounds::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap(), None);
}

#[test]
fn resolutions_compare_the_reference_at_the_lowest_with_guided_methods_at_the_highest() {
    let (mut input, spec) = (fixture::paper(1), spec());
    let (sheet, _) = resolutions::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap().unwrap();
    let expected = [("Original", "64 px"), ("GAN-CLS-INT", "32 px"), ("JEM-AlexNet", "64 px"), ("JEM-VGG", "64 px")];
    assert_eq!(titles(&sheet), expected);
    let large = ["1", "3", "5"].map(|cell| format!("{cell:0>16}"));
    input.runs.retain(|run| !large.contains(&run.record.cell));
    assert_eq!(resolutions::prepare(&Analysis::new(&input, &spec).unwrap()).unwrap(), None);
}

#[test]
fn without_images_there_are_no_figures_of_images() {
    let (mut input, spec) = (fixture::paper(1), spec());
    let any = |input: &ReportInput| {
        let analysis = Analysis::new(input, &spec).unwrap();
        let items = crate::report::figure::all(&analysis).unwrap();
        items.iter().any(|item| item.svg.contains("<image"))
    };
    assert!(any(&input));
    input.runs.iter_mut().for_each(|run| run.record.state = RunState::Failed);
    assert!(!any(&input), "failed runs are not shown");
    input.runs.iter_mut().for_each(|run| run.record.state = RunState::Finished);
    input.runs.iter_mut().for_each(|run| run.image_grids.clear());
    assert!(!any(&input));
}

#[test]
fn the_items_of_a_run_are_those_of_its_part_of_the_split() {
    let mut input = fixture::paper(1);
    let test = Protocol { split: "test".into(), ..fixture::protocol(1) };
    let sets = Protocol { kind: "sets".into(), items: Vec::new(), ..fixture::protocol(1) };
    let run = &mut input.runs[0];
    let mut more = [run.series[0].clone(), run.series[0].clone()];
    more[0].protocol = test.id();
    more[1].protocol = sets.id();
    run.series.splice(0..0, more);
    input.protocols.extend([(test.id(), test), (sets.id(), sets)]);
    assert_eq!(items_of(&input, &input.runs[0]).unwrap().len(), 5);
    input.runs[0].record.settings.insert("eval.split".into(), crate::spec::Value::Text("test".into()));
    assert_eq!(items_of(&input, &input.runs[0]).unwrap().len(), 1);
}

//! Measures that are added after a run has ended: nothing is trained again.

use std::collections::BTreeSet;

use jem::store::Store;

use crate::lab::Lab;
use crate::training::record;

/// The epochs at which the first run has values of a metric.
fn epochs(store: &Store, metric: &str) -> BTreeSet<u32> {
    let run = store.runs("sweep").unwrap()[0].id;
    let series = store.series(run).unwrap().into_iter().filter(|series| series.metric == metric);
    series.flat_map(|series| series.curve.points().iter().map(|(epoch, _)| epoch.0).collect::<Vec<_>>()).collect()
}

/// How far each run was trained.
fn trained(lab: &Lab) -> Vec<u32> {
    lab.store().runs("sweep").unwrap().iter().map(|run| run.epoch.0).collect()
}

#[test]
fn a_measure_added_later_is_taken_of_kept_generators_as_if_it_had_been_there_from_the_start() {
    let (later, from_the_start) = (Lab::new(), Lab::new());
    later.succeed(&["run", "sweep.toml", "--set", "keep.every=2", "--set", "eval.measures=[\"ssim\"]"]);
    assert!(epochs(&later.store(), "colour_distance").is_empty());
    let before = trained(&later);
    let output = later.run(&["run", "sweep.toml", "--set", "keep.every=2"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("get measures that were added") && !said.contains("epoch 1/6"), "{said}");
    assert_eq!(before, trained(&later));
    from_the_start.succeed(&["run", "sweep.toml"]);
    assert_eq!(record(&later), record(&from_the_start));
}

#[test]
fn epochs_whose_generator_is_gone_are_named_once_and_the_others_are_filled() {
    let lab = Lab::new();
    lab.succeed(&["run", "sweep.toml", "--set", "keep.every=4", "--set", "eval.measures=[\"ssim\"]"]);
    let output = lab.run(&["run", "sweep.toml", "--set", "keep.every=4"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot be taken at epochs 2:"), "{said}");
    assert_eq!(epochs(&lab.store(), "colour_distance"), [0, 4, 6].into());
    let again = lab.run(&["run", "sweep.toml", "--set", "keep.every=4"]);
    assert!(!String::from_utf8_lossy(&again.stderr).contains("cannot be taken"), "it is tried once");
}

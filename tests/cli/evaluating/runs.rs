//! Samples of a run in the place of a folder.

use serde_json::Value;

use super::{ALEXNET, json, value};
use crate::lab::Lab;

/// A guided run whose distance to its photos was recorded by the network of [`ALEXNET`].
fn trained() -> Lab {
    let lab = Lab::new();
    let sets = [
        "data.source=\"drawn\"",
        "data.split=\"official\"",
        "data.drawn.images=1020",
        "data.drawn.side=32",
        "data.limit=20",
        "eval.extractor=\"alexnet\"",
        "eval.extractor_input=64",
        "eval.extractor_width=0.02",
        "eval.samples=40",
        "eval.photos=20",
        "eval.measures=[\"frechet_distance\", \"kernel_distance\", \"coverage\"]",
        "train.epochs=2",
        "keep.every=1",
        "grid.method=[\"JEM-AlexNet\"]",
    ];
    let sets: Vec<&str> = sets.into_iter().flat_map(|set| ["--set", set]).collect();
    lab.succeed(&[["run", "sweep.toml"].as_slice(), &sets].concat());
    lab
}

fn recorded(lab: &Lab, metric: &str, epoch: u32) -> f64 {
    let store = lab.store();
    let run = store.runs("sweep").unwrap()[0].id;
    let series = store.series(run).unwrap().into_iter().find(|series| series.metric == metric).unwrap();
    series.curve.points().iter().find(|(at, _)| at.0 == epoch).unwrap().1
}

#[test]
fn samples_of_a_run_are_those_that_it_was_measured_by() {
    let lab = trained();
    let close =
        |found: f64, recorded: f64| assert!((found - recorded).abs() <= 1e-9 * recorded.abs(), "{found} {recorded}");
    let fid = json(&lab, &["eval", "fid", "run:1"], &ALEXNET);
    close(value(&fid, 0), recorded(&lab, "frechet_distance", 2));
    assert_eq!((&fid["generated"]["path"], &fid["real"]["path"]), (&Value::from("run:1@2"), &Value::from("photos:1")));
    assert_eq!((&fid["generated"]["pictures"], &fid["real"]["pictures"]), (&Value::from(40), &Value::from(20)));
    let begin = json(&lab, &["eval", "fid", "run:1@0"], &ALEXNET);
    close(value(&begin, 0), recorded(&lab, "frechet_distance", 0));
    let prdc = json(&lab, &["eval", "prdc", "run:1", "photos:1"], &ALEXNET);
    close(value(&prdc, 3), recorded(&lab, "coverage", 2));
    let fewer = json(&lab, &["eval", "fid", "run:1", "--samples", "25"], &ALEXNET);
    assert_eq!(fewer["generated"]["pictures"], 25);
    assert_ne!(value(&fewer, 0), value(&fid, 0));
    // The photos' moments are kept, those of samples are not.
    assert_eq!((&fewer["real"]["cached"], &fewer["generated"]["cached"]), (&Value::from(true), &Value::from(false)));
}

#[test]
fn what_a_run_does_not_have_is_said() {
    let lab = trained();
    let said = |side: &str| lab.fail(2, &[["eval", "fid", side].as_slice(), &ALEXNET].concat());
    assert!(said("run:9").contains('9'), "{}", said("run:9"));
    assert!(said("run:one").contains("no number of a run"), "{}", said("run:one"));
    assert!(said("run:1@7").contains("keeps no generator of epoch 7"), "{}", said("run:1@7"));
    assert!(said("run:1@best").contains("keep.best"), "{}", said("run:1@best"));
    assert!(said("photos:1").contains("held against nothing"), "{}", said("photos:1"));
}

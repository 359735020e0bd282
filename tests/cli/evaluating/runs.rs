//! Samples of a run in place of a folder.

use serde_json::Value;

use super::{ALEXNET, json, value};
use crate::lab::{DRAWN, EXTRACTOR, Lab, with_sets};

/// A run whose evaluations use the network of [`ALEXNET`].
fn trained() -> Lab {
    let lab = Lab::new();
    let sets = [
        "eval.samples=40",
        "eval.measures=[\"frechet_distance\", \"kernel_distance\", \"coverage\"]",
        "train.epochs=2",
        "keep.every=1",
        "grid.method=[\"JEM-AlexNet\"]",
    ];
    lab.succeed(&with_sets(&["run", "sweep.toml"], &[&DRAWN, &EXTRACTOR, &sets]));
    lab
}

fn recorded(lab: &Lab, metric: &str, epoch: u32) -> f64 {
    let store = lab.store();
    let run = store.runs("sweep").unwrap()[0].id;
    let series = store.series(run).unwrap().into_iter().find(|series| series.metric == metric).unwrap();
    series.curve.points().iter().find(|(at, _)| at.0 == epoch).unwrap().1
}

#[test]
fn samples_of_a_run_equal_those_of_its_evaluation() {
    let lab = trained();
    let close =
        |found: f64, recorded: f64| assert!((found - recorded).abs() <= 1e-9 * recorded.abs(), "{found} {recorded}");
    let fid = json(&lab, &["eval", "fid", "run:1"], &ALEXNET);
    close(value(&fid, 0), recorded(&lab, "frechet_distance", 2));
    assert_eq!((&fid["generated"]["path"], &fid["real"]["path"]), (&Value::from("run:1@2"), &Value::from("photos:1")));
    assert_eq!((&fid["generated"]["pictures"], &fid["real"]["pictures"]), (&Value::from(40), &Value::from(20)));
    let begin = json(&lab, &["eval", "fid", "run:1@0"], &ALEXNET);
    close(value(&begin, 0), recorded(&lab, "frechet_distance", 0));
    for images in ["images:1", "photos:1"] {
        let prdc = json(&lab, &["eval", "prdc", "run:1", images], &ALEXNET);
        close(value(&prdc, 3), recorded(&lab, "coverage", 2));
        assert_eq!((&prdc["real"]["path"], &prdc["real"]["kind"]), (&Value::from(images), &Value::from("photos")));
    }
    let fewer = json(&lab, &["eval", "fid", "run:1", "--samples", "25"], &ALEXNET);
    assert_eq!(fewer["generated"]["pictures"], 25);
    assert_ne!(value(&fewer, 0), value(&fid, 0));
    // The moments of photographs are cached, those of samples are not.
    assert_eq!((&fewer["real"]["cached"], &fewer["generated"]["cached"]), (&Value::from(true), &Value::from(false)));
}

#[test]
fn missing_runs_and_generators_are_errors() {
    let lab = trained();
    let messages = |side: &str| lab.fail(2, &[["eval", "fid", side].as_slice(), &ALEXNET].concat());
    assert!(messages("run:9").contains('9'), "{}", messages("run:9"));
    assert!(messages("run:one").contains("is not a run number"), "{}", messages("run:one"));
    assert!(messages("run:1@7").contains("has no saved generator of epoch 7"), "{}", messages("run:1@7"));
    assert!(messages("run:1@best").contains("keep.best"), "{}", messages("run:1@best"));
    assert!(messages("photos:1").contains("no images to compare it with"), "{}", messages("photos:1"));
}

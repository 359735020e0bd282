//! Measures that are added after a run has ended, without training it again.

use std::collections::BTreeSet;

use jem::store::Store;

use crate::lab::{DRAWN, EXTRACTOR, Lab, with_sets};
use crate::training::record;

/// The epochs at which the first run has values of a metric.
fn epochs(store: &Store, metric: &str) -> BTreeSet<u32> {
    let run = store.runs("sweep").unwrap()[0].id;
    let series = store.series(run).unwrap().into_iter().filter(|series| series.metric == metric);
    series.flat_map(|series| series.curve.points().iter().map(|(epoch, _)| epoch.0).collect::<Vec<_>>()).collect()
}

/// The last epoch of each run.
fn trained(lab: &Lab) -> Vec<u32> {
    lab.store().runs("sweep").unwrap().iter().map(|run| run.epoch.0).collect()
}

#[test]
fn an_added_measure_is_computed_from_saved_generators() {
    let (later, from_the_start) = (Lab::new(), Lab::new());
    later.succeed(&["run", "sweep.toml", "--set", "keep.every=2", "--set", "eval.measures=[\"ssim\"]"]);
    assert!(epochs(&later.store(), "colour_distance").is_empty());
    let before = trained(&later);
    let output = later.run(&["run", "sweep.toml", "--set", "keep.every=2"]);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
    assert!(messages.contains("get added measures") && !messages.contains("/6 epochs"), "{messages}");
    assert_eq!(before, trained(&later));
    from_the_start.succeed(&["run", "sweep.toml"]);
    assert_eq!(record(&later), record(&from_the_start));
}

#[test]
fn epochs_without_a_generator_are_reported_once() {
    let lab = Lab::new();
    lab.succeed(&["run", "sweep.toml", "--set", "keep.every=4", "--set", "eval.measures=[\"ssim\"]"]);
    let output = lab.run(&["run", "sweep.toml", "--set", "keep.every=4"]);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(messages.contains("cannot be evaluated at epochs 2:"), "{messages}");
    assert_eq!(epochs(&lab.store(), "colour_distance"), [0, 4, 6].into());
    let again = lab.run(&["run", "sweep.toml", "--set", "keep.every=4"]);
    assert!(!String::from_utf8_lossy(&again.stderr).contains("cannot be evaluated"), "it is reported once");
}

#[test]
fn two_protocols_share_no_column() {
    let lab = Lab::new();
    let measures = "eval.measures=[\"frechet_distance\", \"kernel_distance\", \"precision\", \"recall\", \"density\", \
                    \"coverage\"]";
    let run = |more: &[&'static str]| {
        let sets = [measures, "eval.samples=24", "keep.every=2"];
        lab.succeed(&with_sets(&["run", "sweep.toml"], &[&DRAWN, &EXTRACTOR, &sets, more]))
    };
    run(&[]);
    let store = lab.store();
    for name in ["frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage"] {
        assert_eq!(epochs(&store, name), [0, 2, 4, 6].into(), "{name}");
    }
    let value = |id: jem::store::RunId| {
        let series = store.series(id).unwrap();
        series.into_iter().find(|series| series.metric == "frechet_distance").unwrap().curve.points()[0].1
    };
    assert!(store.runs("sweep").unwrap().iter().all(|run| value(run.id) > 0.0));
    drop(store);
    // Another resizer is another protocol, with its own column of values.
    run(&["eval.resizer=\"legacy\""]);
    let store = lab.store();
    let first = store.runs("sweep").unwrap()[0].id;
    let series = store.series(first).unwrap();
    let protocols: BTreeSet<_> = series
        .iter()
        .filter(|series| series.metric == "frechet_distance")
        .map(|series| series.protocol.clone())
        .collect();
    assert_eq!(protocols.len(), 2);
    let table = lab.succeed(&["report", "sweep"]);
    let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
    assert!(report.contains("24 samples against 20 images, 32 px, legacy resizing"), "{table} {report}");
}

#[test]
fn fid_requires_the_published_network() {
    let lab = Lab::new();
    let plain =
        lab.fail(2, &["plan", "sweep.toml", "--set", "eval.measures=[\"fid\"]", "--set", "eval.extractor=\"alexnet\""]);
    assert!(
        plain.contains("only the published Inception") && plain.contains("jem weights fetch inception-fid"),
        "{plain}"
    );
    std::fs::write(lab.path("own.safetensors"), "not the published file").unwrap();
    let sets = [
        "eval.measures=[\"fid\"]",
        "eval.extractor=\"inception-fid\"",
        "eval.extractor_layer=\"pool3\"",
        "eval.extractor_input=299",
        "eval.extractor_weights=\"own.safetensors\"",
    ];
    let other = lab.fail(3, &with_sets(&["prepare", "sweep.toml"], &[&DRAWN, &["data.limit=20"], &sets]));
    assert!(other.contains("not the published Inception network") && other.contains("frechet_distance"), "{other}");
}

/// The points of a metric of the first run, by protocol.
fn points(lab: &Lab, metric: &str) -> Vec<Vec<(u32, f64)>> {
    let store = lab.store();
    let run = store.runs("sweep").unwrap()[0].id;
    let series = store.series(run).unwrap().into_iter().filter(|series| series.metric == metric);
    series.map(|series| series.curve.points().iter().map(|(epoch, value)| (epoch.0, *value)).collect()).collect()
}

#[test]
fn a_distance_is_extrapolated_at_the_end_of_each_training() {
    let (lab, uninterrupted) = (Lab::new(), Lab::new());
    let sets = [
        "eval.samples=24",
        "eval.measures=[\"frechet_distance\", \"frechet_infinity\"]",
        "eval.test=\"last\"",
        "eval.infinity.samples=30",
        "eval.infinity.from=10",
        "eval.infinity.points=4",
        "grid.method=[\"JEM-AlexNet\"]",
    ];
    let run = |lab: &Lab, epochs: &str| {
        let epochs = format!("train.epochs={epochs}");
        lab.succeed(&with_sets(&["run", "sweep.toml"], &[&DRAWN, &EXTRACTOR, &sets, &[&epochs]]))
    };
    run(&lab, "4");
    let first = points(&lab, "frechet_infinity");
    // One series of the evaluation items and one of the test items.
    assert_eq!(
        first.iter().map(|points| points.iter().map(|(epoch, _)| *epoch).collect()).collect::<Vec<Vec<_>>>(),
        [[4], [4]]
    );
    assert_ne!(first[0][0].1, first[1][0].1);
    assert_eq!(points(&lab, "frechet_distance").iter().map(Vec::len).max(), Some(3));
    run(&lab, "6");
    run(&uninterrupted, "6");
    let again = points(&lab, "frechet_infinity");
    assert_eq!(again, points(&uninterrupted, "frechet_infinity"));
    assert!(again.iter().all(|points| points.len() == 1 && points[0].0 == 6), "{again:?}");
    std::fs::write(lab.path("end.toml"), "experiments = [\"sweep\"]\ntable = [\"frechet_infinity\"]\n").unwrap();
    lab.succeed(&["report", "end.toml"]);
    let report = std::fs::read_to_string(lab.path("reports/end/report.md")).unwrap();
    assert!(report.contains("FD∞(alexnet:random:1)"), "{report}");
    assert!(
        report.contains("30 samples against 20 images, 32 px, clean resizing, extrapolated from 4 distances"),
        "{report}"
    );
}

#[test]
fn every_measure_that_can_be_selected_is_a_metric() {
    let schema: serde_json::Value = serde_json::from_str(&Lab::new().succeed(&["plan", "--schema"])).unwrap();
    let mut lists: Vec<Vec<&str>> = Vec::new();
    let mut values = vec![&schema];
    while let Some(value) = values.pop() {
        match value {
            serde_json::Value::Object(fields) => values.extend(fields.values()),
            serde_json::Value::Array(items) => {
                let words: Vec<&str> = items.iter().filter_map(|item| item.as_str()).collect();
                if words.contains(&"bloom_size") && !words.contains(&"none") {
                    lists.push(words);
                }
                values.extend(items);
            }
            _ => {}
        }
    }
    let measures = lists.first().expect("the schema lists the measures");
    let unknown: Vec<_> = measures.iter().filter(|name| jem::measure::metric(name).is_none()).collect();
    assert!(measures.len() > 20 && unknown.is_empty(), "no entry in METRICS: {unknown:?}");
}

//! Measures that are added after a run has ended: nothing is trained again.

use std::collections::BTreeSet;

use jem::store::Store;

use crate::lab::Lab;
use crate::training::record;

/// Set measures by a small drawn network, on flowers that are drawn too.
const SETS: [&str; 10] = [
    "data.source=\"drawn\"",
    "data.split=\"official\"",
    "data.drawn.images=1020",
    "data.drawn.side=32",
    "data.limit=20",
    "eval.extractor=\"alexnet\"",
    "eval.extractor_input=64",
    "eval.extractor_width=0.02",
    "eval.samples=24",
    "eval.photos=20",
];

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

#[test]
fn sets_of_samples_are_held_against_photos_and_two_protocols_share_no_column() {
    let lab = Lab::new();
    let measures = "eval.measures=[\"frechet_distance\", \"kernel_distance\", \"precision\", \"recall\", \"density\", \
                    \"coverage\"]";
    let run = |more: &[&'static str]| {
        let sets = SETS.iter().chain([&measures]).chain(more).flat_map(|set| ["--set", *set]);
        let all: Vec<&str> = ["run", "sweep.toml", "--set", "keep.every=2"].into_iter().chain(sets).collect();
        lab.succeed(&all)
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
    // The other resizer is another protocol: its values stand beside the first ones', in a column of their own.
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
    assert!(report.contains("24 samples against 20 photos, 32 px, legacy resizing"), "{table} {report}");
}

#[test]
fn fid_is_refused_by_any_but_the_published_network() {
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
    let sets = SETS[..5].iter().chain(&sets).flat_map(|set| ["--set", *set]);
    let other = lab.fail(3, &["prepare", "sweep.toml"].into_iter().chain(sets).collect::<Vec<_>>());
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
fn a_distance_is_extrapolated_once_when_a_run_ends_and_again_when_it_goes_on() {
    let (lab, undisturbed) = (Lab::new(), Lab::new());
    let sets = SETS.iter().copied().chain([
        "eval.measures=[\"frechet_distance\", \"frechet_infinity\"]",
        "eval.test=\"last\"",
        "eval.infinity.samples=30",
        "eval.infinity.from=10",
        "eval.infinity.points=4",
        "grid.method=[\"JEM-AlexNet\"]",
    ]);
    let sets: Vec<&str> = sets.flat_map(|set| ["--set", set]).collect();
    let run = |lab: &Lab, epochs: &str| {
        lab.succeed(&[["run", "sweep.toml", "--set", &format!("train.epochs={epochs}")].as_slice(), &sets].concat())
    };
    run(&lab, "4");
    let first = points(&lab, "frechet_infinity");
    // One series of the items that curves are made of, and one of the test items.
    assert_eq!(
        first.iter().map(|points| points.iter().map(|(epoch, _)| *epoch).collect()).collect::<Vec<Vec<_>>>(),
        [[4], [4]]
    );
    assert_ne!(first[0][0].1, first[1][0].1);
    assert_eq!(points(&lab, "frechet_distance").iter().map(Vec::len).max(), Some(3));
    run(&lab, "6");
    run(&undisturbed, "6");
    let again = points(&lab, "frechet_infinity");
    assert_eq!(again, points(&undisturbed, "frechet_infinity"));
    assert!(again.iter().all(|points| points.len() == 1 && points[0].0 == 6), "{again:?}");
    std::fs::write(lab.path("end.toml"), "experiments = [\"sweep\"]\ntable = [\"frechet_infinity\"]\n").unwrap();
    lab.succeed(&["report", "end.toml"]);
    let report = std::fs::read_to_string(lab.path("reports/end/report.md")).unwrap();
    assert!(report.contains("FD∞(alexnet:random:1)"), "{report}");
    assert!(
        report.contains("30 samples against 20 photos, 32 px, clean resizing, a line through 4 distances"),
        "{report}"
    );
}

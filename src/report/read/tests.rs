use std::time::Duration;

use super::*;
use crate::measure::{Epoch, ProtocolId};
use crate::report::fixture;
use crate::store::{EpochRecord, NewArtifact, NewCell, NewImageGrid, NewRevision, NewValue, Worker};

/// A database with one run in two experiments, two epochs and an image grid.
fn database(folder: &tempfile::TempDir) -> Arc<Store> {
    let store = Store::create(&folder.path().join("jem.db")).unwrap();
    for name in ["lab", "field"] {
        let cell = NewCell {
            id: "0123456789abcdef".into(),
            identity: "{}".into(),
            method: name.to_uppercase(),
            axes: "{}".into(),
            settings: r#"{"train.batch":{"value":16,"from":"file"}}"#.into(),
            horizon: 2,
        };
        let (name, hash) = (name.to_owned(), name.to_owned());
        let revision =
            NewRevision { title: "Lab".into(), text: String::new(), name, hash, cells: vec![cell], seeds: vec![3] };
        store.enqueue(&revision).unwrap();
    }
    let lease = store.claim(None, &Worker::this("cpu"), Duration::from_secs(60)).unwrap().unwrap();
    let protocol = fixture::protocol(3);
    for epoch in [1, 2] {
        let value = |metric, protocol: &ProtocolId| NewValue { metric, protocol: protocol.clone(), value: 1.0 / 3.0 };
        let record = EpochRecord {
            epoch: Epoch(epoch),
            step: u64::from(epoch),
            values: vec![value("d_loss", &ProtocolId::none()), value("ssim", &protocol.id())],
            image_grids: vec![NewImageGrid { role: "samples", columns: 3, tile: 8, png: vec![epoch as u8; 5] }],
            protocols: vec![protocol.clone()],
            checkpoint: NewArtifact { path: epoch.to_string(), sha256: "s".into(), bytes: 1 },
            generator: None,
            best: None,
        };
        store.record_epoch(lease, &record).unwrap();
    }
    Arc::new(store)
}

#[test]
fn a_report_reads_the_points_of_its_metrics_and_an_image_when_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let store = database(&folder);
    let mut spec = ReportSpec::for_experiment("lab", "Lab");
    spec.curves.retain(|metric| metric.name != "d_loss");
    let experiments = ["lab", "field"].map(|name| store.experiment(name).unwrap().unwrap());
    let input = ReportInput::read(&store, &spec, experiments.to_vec()).unwrap();
    assert_eq!((input.name.as_str(), input.experiments.len(), input.protocols.len()), ("lab", 2, 1));
    let labels: Vec<(&str, &str, i64)> =
        input.runs.iter().map(|run| (run.experiment.as_str(), run.record.method.as_str(), run.record.id.0)).collect();
    assert_eq!(labels, [("lab", "LAB", 1), ("field", "FIELD", 1)]);
    for run in &input.runs {
        let protocol = fixture::protocol(3).id();
        let points = run.curve("ssim", &protocol).unwrap().points();
        assert_eq!(points, [(Epoch(1), 1.0 / 3.0), (Epoch(2), 1.0 / 3.0)]);
        let unread = run.curve("d_loss", &ProtocolId::none()).unwrap();
        assert!(unread.points().is_empty(), "the metric is known, but no figure or table shows it");
        let pngs: Vec<Vec<u8>> =
            run.image_grids.iter().map(|grid| run.pictures.png(grid).unwrap().into_owned()).collect();
        assert_eq!(pngs, [vec![1; 5], vec![2; 5]]);
    }
    let mut lost = input.runs[0].image_grids[0].clone();
    lost.picture = "ab".into();
    assert!(input.runs[0].pictures.png(&lost).unwrap_err().to_string().contains("cannot read an image"));
}

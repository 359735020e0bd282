//! Fitted guide networks: by a command, and as part of an experiment.

use jem::store::Store;

use crate::lab::{DRAWN, Lab};
use crate::training::record;

/// The settings of a small fit, besides [`DRAWN`].
const SMALL: [&str; 8] = [
    "data.classes=\"1-4\"",
    "guide.input=64",
    "guide.width=0.02",
    "guide.fit.epochs=3",
    "guide.fit.dropout=0.0",
    "guide.fit.batch=8",
    "guide.fit.rate=3e-3",
    "data.limit=20",
];

fn with_sets<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    crate::lab::with_sets(command, &[&DRAWN, &SMALL, more])
}

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let here = ["guide.weights=\"fit\"", "eval.items=2", "train.epochs=2", "grid.method=[\"JEM-AlexNet\"]"];
    with_sets(&["run", "sweep.toml"], &[&here[..], more].concat())
}

/// The SHA-256 of the fitted weights of each run.
fn fitted(store: &Store) -> Vec<String> {
    let runs = store.runs("sweep").unwrap();
    runs.iter().flat_map(|run| store.fitted(run.id).unwrap()).map(|file| file.sha256).collect()
}

#[test]
fn a_fitted_network_is_a_file_that_an_experiment_can_use() {
    let lab = Lab::new();
    let printed = lab.succeed(&with_sets(&["weights", "fit", "alexnet", "--out", "own.safetensors"], &[]));
    assert!(printed.contains("guide.weights = \"own.safetensors\", guide.input = 64, guide.width = 0.02"), "{printed}");
    assert!(printed.contains("saved") && printed.contains("of 4 classes"), "{printed}");
    let json = lab.succeed(&with_sets(&["weights", "fit", "alexnet", "--format", "json"], &[]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["fitted"]["history"].as_array().unwrap().len(), 3, "{json}");
    let named = json["path"].as_str().unwrap();
    assert_eq!(std::fs::read(lab.path(named)).unwrap(), std::fs::read(lab.path("own.safetensors")).unwrap());
    let checked = lab.succeed(&["weights", "check", "own.safetensors"]);
    assert!(checked.contains("alexnet at width 0.0") && checked.contains("4 classes"), "{checked}");
    std::fs::write(lab.path("junk.pth"), "no weights").unwrap();
    assert!(lab.fail(3, &["weights", "check", "junk.pth"]).contains("junk.pth"));
    // A fit that starts from the file writes another file.
    let again = lab.succeed(&with_sets(
        &["weights", "fit", "alexnet", "--from", "own.safetensors", "--format", "json"],
        &["guide.fit.rate=1e-4"],
    ));
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_ne!(again["fitted"]["sha256"], json["fitted"]["sha256"]);
    let given = with_sets(
        &["run", "sweep.toml"],
        &["guide.weights=\"own.safetensors\"", "eval.items=2", "train.epochs=1", "grid.method=[\"JEM-AlexNet\"]"],
    );
    lab.succeed(&given);
    assert!(fitted(&lab.store()).is_empty(), "a given file is not fitted");
}

#[test]
fn invalid_fits_are_errors_with_a_remedy() {
    let lab = Lab::new();
    let one = lab.fail(3, &with_sets(&["weights", "fit", "alexnet"], &["data.classes=\"7\""]));
    assert!(one.contains("needs at least 2 classes") && one.contains("data.classes"), "{one}");
    let missing = lab.fail(3, &with_sets(&["weights", "fit", "vgg16", "--from", "nowhere.pth"], &[]));
    assert!(missing.contains("nowhere.pth"), "{missing}");
    let wrong = lab.fail(2, &with_sets(&["weights", "fit", "alexnet"], &["guide.fit.epochs=0"]));
    assert!(wrong.contains("guide.fit.epochs"), "{wrong}");
}

#[test]
fn an_experiment_fits_its_network_once_and_records_the_file() {
    let lab = Lab::new();
    let output = lab.run(&sweep(&["seeds=[1, 2]"]));
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{messages}");
    assert_eq!(messages.matches(" epochs in ").count(), 1, "{messages}");
    let (files, before) = (fitted(&lab.store()), record(&lab));
    assert_eq!(files.len(), 2);
    assert_eq!(files[0], files[1]);
    let shown = lab.succeed(&["show", "1"]);
    assert!(shown.contains(&files[0]) && shown.contains("guide.weights"), "{shown}");
    let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
    assert!(report.contains("the guide network was fitted on") && report.contains(&files[0][..16]), "{report}");
    let drawn = lab.succeed(&["sample", "1", "--text", "a red flower", "--guide-image", "1", "--out", "a.png"]);
    assert!(lab.path("a.png").is_file(), "{drawn}");
    // Another fit gives the same weights and runs.
    let elsewhere = Lab::new();
    elsewhere.succeed(&sweep(&["seeds=[1, 2]"]));
    assert_eq!(fitted(&elsewhere.store()), files);
    assert_eq!(record(&elsewhere), before);
}

#[test]
fn a_run_does_not_resume_with_different_weights() {
    let lab = Lab::new();
    lab.succeed(&sweep(&[]));
    let fits = lab.path("jem.db.files/cache/fits");
    let fit = std::fs::read_dir(&fits).unwrap().next().unwrap().unwrap().path();
    // As if another machine had fitted it: a complete file with its record.
    let weights = fit.join("weights.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 0x01;
    std::fs::write(&weights, &bytes).unwrap();
    let damaged = lab.fail(3, &sweep(&["train.epochs=3"]));
    assert!(damaged.contains("not the file that was fitted here"), "{damaged}");
    let digest = lab.sha256(&weights);
    let record = std::fs::read_to_string(fit.join("record.json")).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
    record["sha256"] = digest.into();
    std::fs::write(fit.join("record.json"), record.to_string()).unwrap();
    let refused = lab.fail(1, &sweep(&["train.epochs=3"]));
    assert!(refused.contains("is not the one that the run was begun with"), "{refused}");
}

//! Guide networks that are fitted: by a command, and as part of an experiment.

use jem::store::Store;

use crate::lab::Lab;
use crate::training::record;

/// Settings of a small fit on drawn flowers.
const SMALL: [&str; 12] = [
    "data.source=\"drawn\"",
    "data.split=\"official\"",
    "data.drawn.images=1020",
    "data.drawn.side=32",
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
    let sets = SMALL.iter().chain(more).flat_map(|set| ["--set", set]);
    command.iter().copied().chain(sets).collect()
}

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let here = ["guide.weights=\"fit\"", "eval.items=2", "train.epochs=2", "grid.method=[\"JEM-AlexNet\"]"];
    with_sets(&["run", "sweep.toml"], &[&here[..], more].concat())
}

/// The hashes of what was fitted for each run.
fn fitted(store: &Store) -> Vec<String> {
    let runs = store.runs("sweep").unwrap();
    runs.iter().flat_map(|run| store.fitted(run.id).unwrap()).map(|file| file.sha256).collect()
}

#[test]
fn a_network_is_fitted_by_a_command_and_guides_as_a_file() {
    let lab = Lab::new();
    let told = lab.succeed(&with_sets(&["weights", "fit", "alexnet", "--out", "own.safetensors"], &[]));
    assert!(told.contains("guide.weights = \"own.safetensors\", guide.input = 64, guide.width = 0.02"), "{told}");
    assert!(told.contains("kept") && told.contains("of 4 classes"), "{told}");
    let json = lab.succeed(&with_sets(&["weights", "fit", "alexnet", "--format", "json"], &[]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["fitted"]["history"].as_array().unwrap().len(), 3, "{json}");
    let named = json["path"].as_str().unwrap();
    assert_eq!(std::fs::read(lab.path(named)).unwrap(), std::fs::read(lab.path("own.safetensors")).unwrap());
    let checked = lab.succeed(&["weights", "check", "own.safetensors"]);
    assert!(checked.contains("alexnet at width 0.0") && checked.contains("4 classes"), "{checked}");
    std::fs::write(lab.path("junk.pth"), "no weights").unwrap();
    assert!(lab.fail(3, &["weights", "check", "junk.pth"]).contains("junk.pth"));
    // It goes on from there, and is another file.
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
    assert!(fitted(&lab.store()).is_empty(), "a file that is given is not fitted");
}

#[test]
fn what_cannot_be_fitted_is_named_with_its_remedy() {
    let lab = Lab::new();
    let one = lab.fail(3, &with_sets(&["weights", "fit", "alexnet"], &["data.classes=\"7\""]));
    assert!(one.contains("nothing to tell apart") && one.contains("data.classes"), "{one}");
    let gone = lab.fail(3, &with_sets(&["weights", "fit", "vgg16", "--from", "nowhere.pth"], &[]));
    assert!(gone.contains("nowhere.pth"), "{gone}");
    let wrong = lab.fail(2, &with_sets(&["weights", "fit", "alexnet"], &["guide.fit.epochs=0"]));
    assert!(wrong.contains("guide.fit.epochs"), "{wrong}");
}

#[test]
fn an_experiment_fits_its_network_once_and_records_which_file_it_was() {
    let lab = Lab::new();
    let output = lab.run(&sweep(&["seeds=[1, 2]"]));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("of fitting").count(), 1, "{said}");
    let (files, before) = (fitted(&lab.store()), record(&lab));
    assert_eq!(files.len(), 2);
    assert_eq!(files[0], files[1]);
    let shown = lab.succeed(&["show", "1"]);
    assert!(shown.contains(&files[0]) && shown.contains("guide.weights"), "{shown}");
    let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
    assert!(report.contains("the guide's network was fitted on") && report.contains(&files[0][..16]), "{report}");
    let drawn = lab.succeed(&["sample", "1", "--text", "a red flower", "--guide-image", "1", "--out", "a.png"]);
    assert!(lab.path("a.png").is_file(), "{drawn}");
    // Where it is fitted anew it comes out the same, and so do the runs.
    let elsewhere = Lab::new();
    elsewhere.succeed(&sweep(&["seeds=[1, 2]"]));
    assert_eq!(fitted(&elsewhere.store()), files);
    assert_eq!(record(&elsewhere), before);
}

#[test]
fn a_run_does_not_go_on_with_other_weights_than_it_was_begun_with() {
    let lab = Lab::new();
    lab.succeed(&sweep(&[]));
    let fits = lab.path("jem.db.files/cache/fits");
    let fit = std::fs::read_dir(&fits).unwrap().next().unwrap().unwrap().path();
    // As another machine would have fitted it: a whole file, with its record.
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
    assert!(refused.contains("than the run was begun with"), "{refused}");
}

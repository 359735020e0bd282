//! Complete experiments, interrupted and resumed, and invalid input.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use jem::measure::metric;
use jem::store::RunState;

use crate::lab::Lab;

/// The content of a database that must not depend on interruptions: weights and non-volatile points.
pub fn record(lab: &Lab) -> Vec<String> {
    let store = lab.store();
    let mut lines = Vec::new();
    for run in store.runs("sweep").unwrap() {
        lines.push(format!("{} {} {} {} {}", run.method, run.seed, run.state, run.epoch, run.weights));
        for series in store.series(run.id).unwrap() {
            if !metric(&series.metric).unwrap().volatile {
                lines.push(format!("{} {:?}", series.metric, series.curve.points()));
            }
        }
        for grid in store.image_grids(run.id).unwrap() {
            let png = store.picture(&grid.picture).unwrap();
            lines.push(format!("{} {} {} bytes", grid.epoch, grid.role, png.len()));
        }
    }
    lines
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

/// Starts `jem run` as a process group, and sends `signal` when a run has saved epoch `at`.
fn stop_at(lab: &Lab, at: u32, signal: rustix::process::Signal) -> std::process::ExitStatus {
    let mut command = lab.jem(&["run", "sweep.toml"]);
    let mut child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let group = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        let came = lab.path("jem.db").exists() && {
            let runs = lab.store().runs("sweep").unwrap_or_default();
            runs.iter().any(|run| run.state == RunState::Running && run.epoch.0 >= at)
        };
        if came {
            rustix::process::kill_process_group(group, signal).unwrap();
            return child.wait().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn one_command_runs_an_experiment_and_writes_its_report() {
    let lab = Lab::new();
    let printed = lab.succeed(&["run", "sweep.toml"]);
    assert_eq!(printed.trim(), "reports/sweep/report.md");
    let runs = lab.store().runs("sweep").unwrap();
    let methods: Vec<&str> = runs.iter().map(|run| run.method.as_str()).collect();
    assert_eq!(methods, ["GAN-CLS-INT", "JEM-AlexNet", "JEM-VGG"]);
    assert!(runs.iter().all(|run| run.state == RunState::Finished && run.weights.len() == 64));

    let evaluated: Vec<u32> = lab
        .store()
        .series(runs[0].id)
        .unwrap()
        .iter()
        .find(|s| s.metric == "ssim")
        .unwrap()
        .curve
        .points()
        .iter()
        .map(|(epoch, _)| epoch.0)
        .collect();
    assert_eq!(evaluated, [0, 2, 4, 6]);
    let roles = |run: usize| {
        let grids = lab.store().image_grids(runs[run].id).unwrap();
        let mut roles: Vec<String> = grids.into_iter().map(|grid| grid.role).collect();
        roles.sort();
        roles.dedup();
        roles
    };
    assert_eq!(roles(0), ["originals", "samples", "strips"]);
    assert_eq!(roles(1), ["guides", "originals", "samples", "strips"]);

    let first = files(&lab.path("reports/sweep"));
    for name in ["report.md", "runs.csv", "samples.png", "samples.svg"] {
        assert!(first.contains_key(name), "{name}: {:?}", first.keys());
    }
    let database = std::fs::read(lab.path("jem.db")).unwrap();
    lab.succeed(&["report", "sweep"]);
    assert_eq!(database, std::fs::read(lab.path("jem.db")).unwrap(), "a report writes nothing to the database");
    assert_eq!(first, files(&lab.path("reports/sweep")), "a report is the same whenever it is made");

    assert!(lab.succeed(&["status", "sweep"]).contains("GAN-CLS-INT"));
    assert!(lab.succeed(&["show", "2"]).contains("guide.network"));
    let before = record(&lab);
    lab.succeed(&["run", "sweep.toml"]);
    assert_eq!(before, record(&lab), "finished runs are not trained again");
}

#[test]
fn a_killed_grid_ends_like_an_uninterrupted_one() {
    let (uninterrupted, killed) = (Lab::new(), Lab::new());
    uninterrupted.succeed(&["run", "sweep.toml"]);
    stop_at(&killed, 1, rustix::process::Signal::KILL);
    stop_at(&killed, 3, rustix::process::Signal::KILL);
    killed.succeed(&["run", "sweep.toml"]);
    assert_eq!(record(&uninterrupted), record(&killed));
}

#[test]
fn an_interrupted_grid_is_resumed() {
    let lab = Lab::new();
    let status = stop_at(&lab, 1, rustix::process::Signal::INT);
    assert_eq!(status.code(), Some(130));
    let runs = lab.store().runs("sweep").unwrap();
    assert!(runs.iter().all(|run| [RunState::Queued, RunState::Finished].contains(&run.state)), "{runs:?}");
    assert!(runs.iter().any(|run| run.state == RunState::Queued));
    lab.succeed(&["run", "sweep.toml"]);
    assert!(lab.store().runs("sweep").unwrap().iter().all(|run| run.state == RunState::Finished));
}

#[test]
fn raised_epochs_equal_one_longer_run() {
    let (longer, at_once) = (Lab::new(), Lab::new());
    // Both last epochs have an evaluation, so that no additional one makes a difference.
    longer.succeed(&["run", "sweep.toml", "--set", "train.epochs=4"]);
    longer.succeed(&["run", "sweep.toml", "--set", "train.epochs=6"]);
    at_once.succeed(&["run", "sweep.toml", "--set", "train.epochs=6"]);
    assert_eq!(record(&longer), record(&at_once));
}

#[test]
fn invalid_experiments_return_2_and_change_nothing() {
    let lab = Lab::new();
    let error = lab.fail(2, &["run", "sweep.toml", "--set", "train.bach=8"]);
    assert!(error.contains("train.bach") && error.contains("train.batch"), "{error}");
    let error = lab.fail(2, &["run", "sweep.toml", "--set", "grid.method=[\"JEM-ResNet\"]"]);
    assert!(error.contains("JEM-ResNet") && error.contains("JEM-AlexNet"), "{error}");
    let error = lab.fail(2, &["run", "sweep.toml", "--set", "optimizer.generator.rate=-1"]);
    assert!(error.contains("optimizer.generator.rate") && error.contains("(0, 0.1]"), "{error}");
    let error = lab.fail(2, &["run", "sweep.toml", "--set", "image.resolution=96"]);
    assert!(error.contains("96") && error.contains("power of two"), "{error}");
    let error = lab.fail(2, &["run", "nothing.toml"]);
    assert!(error.contains("nothing.toml") && error.contains("oxford-small"), "{error}");
    assert!(!lab.path("jem.db").exists());
}

#[test]
fn missing_data_weights_and_devices_return_3() {
    let lab = Lab::new();
    let error = lab.fail(3, &["run", "sweep.toml", "--set", "data.root=nowhere"]);
    assert!(error.contains("nowhere"), "{error}");
    let error = lab.fail(3, &["run", "sweep.toml", "--device", "cuda:0"]);
    assert!(error.contains("cuda:0"), "{error}");
    let error = lab.fail(3, &["run", "sweep.toml", "--device", "tpu"]);
    assert!(error.contains("tpu"), "{error}");
    std::fs::remove_file(lab.path("flowers/text_c10/class_00041/image_00001.txt")).unwrap();
    let error = lab.fail(3, &["run", "sweep.toml"]);
    assert!(error.contains("image_00001.txt"), "{error}");
    assert!(!lab.path("jem.db").exists(), "nothing is queued that cannot be trained");
}

#[test]
fn weights_of_another_network_are_an_error() {
    let lab = Lab::new();
    let tensor = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![2], &[0; 8]).unwrap();
    safetensors::serialize_to_file([("layer1.0.conv1.weight", tensor)], None, &lab.path("resnet.safetensors")).unwrap();
    let set = "guide.weights=resnet.safetensors";
    let error = lab.fail(3, &["run", "sweep.toml", "--set", set]);
    for part in ["resnet.safetensors", "layer1.0.conv1.weight", "features.0.weight"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_file_that_is_not_a_database_returns_4_and_is_unchanged() {
    let lab = Lab::new();
    std::fs::write(lab.path("jem.db"), "my notes, not a database").unwrap();
    for command in [vec!["run", "sweep.toml"], vec!["status"], vec!["report", "sweep"]] {
        assert!(lab.fail(4, &command).contains("jem.db"));
    }
    assert_eq!(std::fs::read_to_string(lab.path("jem.db")).unwrap(), "my notes, not a database");
}

#[test]
fn data_changed_after_queueing_fails_the_run_with_a_remedy() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    let captions = lab.path("flowers/text_c10/class_00041/image_00001.txt");
    std::fs::write(captions, "quite another flower\n").unwrap();
    let error = lab.fail(1, &["work"]);
    assert!(error.contains("changed since"), "{error}");
    assert!(lab.store().runs("sweep").unwrap().iter().all(|run| run.state == RunState::Failed));
}

#[test]
fn planning_without_data_gives_provisional_ids() {
    let lab = Lab::new();
    let output = lab.run(&["plan", "sweep.toml", "--set", "data.root=nowhere"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("provisional"));
    let json = lab.succeed(&["plan", "sweep.toml", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(plan["runs"], 3);
    assert_eq!(plan["provisional_ids"], false);
}

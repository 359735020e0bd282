//! Runs with all settings that have a state, interrupted in every way.

use std::process::Stdio;
use std::time::Duration;

use jem::store::RunState;
use rustix::process::{Pid, Signal, kill_process};

use crate::lab::Lab;
use crate::training::record;

/// Networks with all features of steps, evaluations and checkpoints.
pub const EVERYTHING: &str = r#"
extends = "base/jem.toml"
title = "Everything at once"
seeds = [1]
[data]
source = "drawn"
drawn.images = 1020
drawn.side = 32
split = "official"
limit = 12
[image]
resolution = 32
crop_from = 40
[text]
encoder = "tfidf"
dimension = 16
projected = 8
first = 5
mean_of = 2
[guide]
network = "alexnet"
input = 64
width = 0.02
projected = 8
inject = "stages"
discriminator = "joined"
[generator]
width = 4
noise = 8
noise_kind = "uniform"
ema = 0.9
[discriminator]
width = 4
[objective]
kind = "gan-cls-int"
smoothing = 0.1
mismatch = "image"
mismatch_by = "image"
fake = "fresh"
int_pairs = "half"
int_mean = "joined"
reconstruction = 1.0
guide_match = 0.5
[optimizer]
decay_every = 2
clip = 1.0
[train]
batch = 4
epochs = 6
generator_steps = 2
collapse_floor = 1e-9
[eval]
every = 2
items = 3
test = "best"
extractor = "alexnet"
extractor_input = 64
extractor_width = 0.02
measures = [
    "colour_distance", "ssim", "feature_distance", "diversity", "text_sensitivity", "bloom_count", "bloom_colour",
    "bloom_place", "bloom_size",
]
[keep]
every = 2
best = "colour_distance"
[[method]]
name = "dcgan"
[[method]]
name = "reed"
generator.body = "reed"
discriminator.body = "reed"
"#;

fn lab(text: &str) -> Lab {
    let lab = Lab::new();
    std::fs::write(lab.path("sweep.toml"), text).unwrap();
    lab
}

/// Starts `jem work` and sends `signal` to the supervisor after a delay. Delays that grow from call to call interrupt
/// runs during preparation, within an epoch and at its end. Returns whether the supervisor was still running.
fn interrupt(lab: &Lab, workers: &str, after: Duration, signal: Signal) -> bool {
    let mut child = lab
        .jem(&["work", "--workers", workers, "--retries", "100"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    if child.try_wait().unwrap().is_some() {
        return false;
    }
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
    child.wait().unwrap();
    true
}

#[test]
fn every_interrupted_run_ends_with_the_bits_of_an_uninterrupted_one() {
    for (side, workers) in [("32", "2"), ("64", "1")] {
        let text =
            EVERYTHING.replace("resolution = 32\ncrop_from = 40", &format!("resolution = {side}\ncrop_from = 72"));
        let (uninterrupted, cut_off) = (lab(&text), lab(&text));
        uninterrupted.succeed(&["run", "sweep.toml"]);
        cut_off.succeed(&["queue", "sweep.toml"]);
        let signals = [Signal::INT, Signal::KILL, Signal::TERM];
        let mut cuts = 0;
        for round in 0..12 {
            let after = Duration::from_millis(150 + 130 * round);
            cuts += u32::from(interrupt(&cut_off, workers, after, signals[round as usize % 3]));
        }
        assert!(cuts >= 3, "{cuts} cuts fell at {side}");
        cut_off.succeed(&["work", "--retries", "100"]);
        let record = |lab: &Lab| {
            let lines = record(lab);
            assert!(lines.iter().filter(|line| line.contains(" finished 6 ")).count() == 2, "{lines:#?}");
            lines
        };
        assert_eq!(record(&uninterrupted), record(&cut_off), "at {side}");
        // The best generator and the last one have equal bytes.
        let kept = |lab: &Lab| {
            let store = lab.store();
            let runs = store.runs("sweep").unwrap();
            let kept = |run| (store.best_generator(run).unwrap(), store.last_checkpoint(run).unwrap());
            runs.into_iter().map(|run| kept(run.id)).collect::<Vec<_>>()
        };
        for (one, other) in kept(&uninterrupted).into_iter().zip(kept(&cut_off)) {
            let printed = |checkpoint: Option<jem::store::StoredCheckpoint>| checkpoint.map(|it| (it.epoch, it.step));
            assert_eq!((printed(one.0), printed(one.1)), (printed(other.0), printed(other.1)));
        }
    }
}

#[test]
fn the_test_items_are_evaluated_once_with_the_best_generator() {
    let lab = lab(EVERYTHING);
    lab.succeed(&["run", "sweep.toml"]);
    let store = lab.store();
    for run in store.runs("sweep").unwrap() {
        let best = store.best_generator(run.id).unwrap().unwrap();
        let curves: Vec<Vec<u32>> = store
            .series(run.id)
            .unwrap()
            .into_iter()
            .filter(|series| series.metric == "colour_distance")
            .map(|series| series.curve.points().iter().map(|(epoch, _)| epoch.0).collect())
            .collect();
        assert_eq!(curves.len(), 2, "of val and of test");
        assert!(curves.contains(&vec![0, 2, 4, 6]) && curves.contains(&vec![best.epoch.0]), "{curves:?}");
    }
    assert!(lab.succeed(&["show", "1"]).contains("measures of the held-out images themselves: bloom_count"));
}

#[test]
fn a_collapsed_generator_makes_the_run_diverged() {
    let lab = lab(EVERYTHING);
    // No generator has a diversity of 1.0.
    lab.succeed(&["run", "sweep.toml", "--set", "train.collapse_floor=1.0", "--set", "train.collapse_after=2"]);
    for run in lab.store().runs("sweep").unwrap() {
        assert_eq!(run.state, RunState::Diverged);
        for part in ["collapsed", "below 1", "the last good checkpoint is of epoch 4, step 12"] {
            assert!(run.outcome.contains(part), "{}", run.outcome);
        }
    }
}

#[test]
fn a_full_disk_fails_the_run_and_keeps_its_checkpoint() {
    let (uninterrupted, full) = (lab(EVERYTHING), lab(EVERYTHING));
    uninterrupted.succeed(&["run", "sweep.toml"]);
    full.succeed(&["run", "sweep.toml", "--set", "train.epochs=2"]);
    full.succeed(&["queue", "sweep.toml"]);
    // The folder of the first run is moved to a disk without space for another checkpoint.
    let (folder, aside) = (full.path("jem.db.files/1"), full.path("aside"));
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let mut mount = std::process::Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(&folder).stderr(Stdio::null());
    if !mount.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: no file system can be mounted here, so that no disk can be full");
        return;
    }
    let unmount = Unmount(folder.clone());
    let copied = std::process::Command::new("cp").arg("-a").arg(format!("{}/.", aside.display())).arg(&folder).status();
    assert!(copied.unwrap().success());
    // It writes until the disk is full.
    let _ = std::fs::write(folder.join("filler"), vec![0; 16 << 20]);
    let error = full.fail(1, &["work"]);
    assert!(error.contains("the checkpoint cannot be written"), "{error}");
    let store = full.store();
    assert_eq!(store.runs("sweep").unwrap()[0].state, RunState::Failed);
    std::fs::remove_file(folder.join("filler")).unwrap();
    full.succeed(&["retry", "--failed"]);
    full.succeed(&["work"]);
    assert_eq!(record(&uninterrupted), record(&full));
    drop(unmount);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

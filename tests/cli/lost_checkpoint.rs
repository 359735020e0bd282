//! Checkpoints that are missing, damaged or of another version, and their runs.

use std::path::{Path, PathBuf};

use jem::measure::Epoch;
use jem::store::{RunId, RunState};
use sha2::{Digest as _, Sha256};

use crate::lab::Lab;
use crate::queue::{ENDLESS, ONE_METHOD, end, send};
use crate::resuming::EVERYTHING;
use crate::training::record;

/// The files of a checkpoint, in the order in which they are hashed.
const FILES: [&str; 5] =
    ["generator.bpk", "discriminator.bpk", "generator-adam.bpk", "discriminator-adam.bpk", "position.json"];

impl Lab {
    fn train_to(&self, epochs: u32) {
        self.queue(&[&ONE_METHOD[..], &["--set", &format!("train.epochs={epochs}")]].concat());
        self.succeed(&["work"]);
    }

    fn checkpoint(&self) -> PathBuf {
        let store = self.store();
        store.files().join(store.last_checkpoint(RunId(1)).unwrap().unwrap().path)
    }

    fn events(&self, kind: &str) -> Vec<String> {
        let events = self.store().detail(RunId(1)).unwrap().unwrap().events;
        events.into_iter().filter(|event| event.kind == kind).map(|event| event.text).collect()
    }

    fn points(&self) -> usize {
        self.store().series(RunId(1)).unwrap().iter().map(|series| series.curve.points().len()).sum()
    }
}

fn trained_to(epochs: u32) -> Lab {
    let lab = Lab::new();
    lab.train_to(epochs);
    lab
}

type Damage = (&'static str, fn(&Path));

const DAMAGE: [Damage; 6] = [
    ("the folder is missing", |folder| std::fs::remove_dir_all(folder).unwrap()),
    ("a file ends early", |folder| {
        let file = std::fs::File::options().write(true).open(folder.join("discriminator.bpk")).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    }),
    ("one bit is another", |folder| {
        let path = folder.join("generator-adam.bpk");
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }),
    ("the position is missing", |folder| std::fs::remove_file(folder.join("position.json")).unwrap()),
    ("a file is empty", |folder| std::fs::write(folder.join("generator.bpk"), "").unwrap()),
    ("a folder took a file's name", |folder| {
        std::fs::remove_file(folder.join("generator.bpk")).unwrap();
        std::fs::create_dir(folder.join("generator.bpk")).unwrap();
    }),
];

#[test]
fn a_run_with_a_lost_checkpoint_is_retrained_to_the_same_bits() {
    let (uninterrupted, lab) = (trained_to(9), trained_to(2));
    for (epochs, (what, damage)) in (3..).zip(DAMAGE) {
        damage(&lab.checkpoint());
        lab.train_to(epochs);
        let events = lab.events("restarted");
        assert_eq!(events.len() as u32, epochs - 2, "{what}: {events:?}");
        assert!(events.last().unwrap().contains(&format!("the checkpoint of epoch {}", epochs - 1)), "{events:?}");
        assert!(lab.log(1).contains(&format!("trained again {}", events.last().unwrap())), "{}", lab.log(1));
        assert!(lab.succeed(&["show", "1"]).contains("restarted"), "{what}");
        assert_eq!(lab.folder(1).len(), 2, "{what}: {:?}", lab.folder(1));
        assert_eq!(lab.state(1), RunState::Finished, "{what}");
    }
    lab.train_to(9);
    assert_eq!(lab.events("restarted").len(), DAMAGE.len(), "undamaged checkpoints are resumed");
    assert_eq!(record(&uninterrupted), record(&lab));
}

#[test]
fn a_checkpoint_of_another_version_is_discarded_only_on_request() {
    let (uninterrupted, lab) = (trained_to(4), trained_to(2));
    let folder = lab.checkpoint();
    let path = folder.join("position.json");
    let position = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, position.replace("\"format\":3", "\"format\":9")).unwrap();
    let mut hash = Sha256::new();
    FILES.iter().for_each(|name| hash.update(Sha256::digest(std::fs::read(folder.join(name)).unwrap())));
    lab.sql_text(format!("update artifact set sha256 = '{}'", hex::encode(hash.finalize())));

    lab.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=4"]].concat());
    let before = lab.points();
    let error = lab.fail(1, &["work"]);
    assert!(error.contains("format 9") && error.contains("--from-start"), "{error}");
    assert!(lab.log(1).contains("--from-start"), "{}", lab.log(1));
    assert_eq!((lab.state(1), lab.points()), (RunState::Failed, before));
    assert!(lab.succeed(&["show", "1"]).contains("jem retry 1 --from-start"));
    assert_eq!(lab.succeed(&["retry", "1"]).lines().count(), 1);
    lab.fail(1, &["work"]);

    lab.succeed(&["retry", "1", "--from-start"]);
    assert!(!folder.exists() && lab.points() == 0);
    lab.succeed(&["work"]);
    assert_eq!(record(&uninterrupted), record(&lab));
}

#[test]
fn an_unmounted_disk_fails_the_run_without_loss() {
    let (uninterrupted, lab) = (trained_to(4), trained_to(2));
    lab.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=4"]].concat());
    let (files, away) = (lab.path("jem.db.files"), lab.path("away"));
    std::fs::rename(&files, &away).unwrap();
    let before = lab.points();
    for mount_point in [false, true] {
        if mount_point {
            std::fs::create_dir(&files).unwrap();
        }
        let error = lab.fail(1, &["work"]);
        for part in ["run 1 is missing", "jem retry 1`", "jem retry 1 --from-start"] {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert_eq!((lab.state(1), lab.points()), (RunState::Failed, before));
        assert!(!files.join("1").exists(), "the folder of the run would hide that it was away");
        lab.succeed(&["retry", "1"]);
    }
    let _ = std::fs::remove_dir_all(&files);
    std::fs::rename(&away, &files).unwrap();
    lab.succeed(&["work"]);
    assert_eq!(lab.events("restarted"), Vec::<String>::new());
    assert_eq!(record(&uninterrupted), record(&lab));
}

#[test]
fn a_finished_run_keeps_its_metrics_if_its_checkpoint_is_lost() {
    let lab = trained_to(2);
    std::fs::remove_dir_all(lab.checkpoint()).unwrap();
    let before = lab.points();
    let more = ["--set", "train.epochs=2", "--set", "eval.measures=[\"colour_distance\",\"ssim\",\"diversity\"]"];
    lab.queue(&[&ONE_METHOD[..], &more].concat());
    let error = lab.fail(1, &["work"]);
    assert!(error.contains("--from-start"), "{error}");
    assert_eq!((lab.state(1), lab.points()), (RunState::Failed, before));
    lab.succeed(&["retry", "--failed", "--from-start"]);
    lab.succeed(&["work"]);
    assert_eq!(lab.state(1), RunState::Finished);
    assert!(lab.points() > before);
}

#[test]
fn lost_generators_are_reported_and_training_continues() {
    let lab = Lab::new();
    // It saves generators every second epoch and the best one, and evaluates the test items with the best one.
    std::fs::write(lab.path("sweep.toml"), EVERYTHING).unwrap();
    let one = ["--set", "grid.method=[\"dcgan\"]"];
    lab.queue(&[&one[..], &["--set", "eval.measures=[\"colour_distance\"]"]].concat());
    lab.succeed(&["work"]);
    let store = lab.store();
    let best = store.best_generator(RunId(1)).unwrap().unwrap();
    let kept = store.kept_generators(RunId(1)).unwrap();
    std::fs::remove_dir_all(store.files().join(&best.path)).unwrap();
    std::fs::write(store.files().join(&kept[&Epoch(2)].path).join("generator.bpk"), "x").unwrap();
    drop(store);
    lab.queue(&[&one[..], &["--set", "eval.measures=[\"colour_distance\",\"ssim\"]"]].concat());
    lab.succeed(&["work"]);
    assert_eq!(lab.state(1), RunState::Finished);
    let epochs = |metric: &str| -> Vec<u32> {
        let series = lab.store().series(RunId(1)).unwrap();
        let found = series.iter().find(|series| series.metric == metric).unwrap();
        found.curve.points().iter().map(|(epoch, _)| epoch.0).collect()
    };
    assert_eq!(epochs("ssim"), [0, 4, 6], "all but the one that was lost");
    let noted = [lab.events("unfilled"), lab.events("untested")].map(|events| events.join("\n"));
    assert!(noted[0].contains(&kept[&Epoch(2)].path), "{noted:?}");
    assert!(noted[1].contains(&best.path), "{noted:?}");
}

#[test]
fn a_run_in_training_does_not_restart() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    let supervisor = lab.work(&[]);
    lab.training(1, 1);
    let messages = lab.succeed(&["retry", "1", "--from-start"]);
    assert!(messages.contains("running"), "{messages}");
    assert_eq!(lab.state(1), RunState::Running);
    send(&supervisor, rustix::process::Signal::TERM);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(130), "{error}");
    let folder = lab.checkpoint();
    let dry = lab.succeed(&["retry", "1", "--from-start", "--dry-run"]);
    assert!(dry.contains("would be") && folder.exists(), "{dry}");
    lab.succeed(&["retry", "1", "--from-start"]);
    assert!(!folder.exists() && lab.folder(1) == ["log.txt"], "{:?}", lab.folder(1));
    assert_eq!((lab.state(1), lab.points()), (RunState::Queued, 0));
}

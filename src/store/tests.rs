mod crashes;
mod reopening;

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::measure::{Epoch, Protocol, ProtocolId, ProtocolItem};

const LEASE: Duration = Duration::from_secs(60);

struct Lab {
    _folder: tempfile::TempDir,
    store: Store,
}

impl Lab {
    /// A database with one experiment of one cell and these seeds.
    fn with_seeds(seeds: &[u64]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("jem.db")).unwrap();
        store.enqueue(&revision("one", seeds, 10)).unwrap();
        Self { _folder: folder, store }
    }

    fn claim(&self) -> Option<Hold> {
        self.store.claim(None, &Worker::this("cpu"), LEASE).unwrap()
    }

    /// Changes the database behind the store's back.
    fn change(&self, statement: &'static str) {
        let changed = self
            .store
            .write("test", async |db| sqlx::query(statement).execute(db).await.map_err(self.store.sql("test")));
        changed.unwrap();
    }

    fn number(&self, query: &'static str) -> i64 {
        let number = sqlx::query_scalar(query).fetch_one(&self.store.pool);
        self.store.runtime.block_on(number).unwrap()
    }

    fn state(&self, run: RunId) -> RunState {
        self.store.run(run).unwrap().unwrap().state
    }
}

fn revision(text: &str, seeds: &[u64], horizon: u32) -> NewRevision {
    NewRevision {
        name: "sweep".into(),
        title: "A sweep".into(),
        text: text.into(),
        hash: format!("{text} {seeds:?} {horizon}"),
        cells: vec![NewCell {
            id: "0123456789abcdef".into(),
            identity: "{}".into(),
            method: "plain".into(),
            axes: "{}".into(),
            settings: r#"{"eval.every":{"value":2,"from":"file"}}"#.into(),
            horizon,
        }],
        seeds: seeds.to_vec(),
    }
}

fn lost(lost: &[Lost]) -> Vec<RunId> {
    lost.iter().map(|lost| lost.run).collect()
}

fn epoch(number: u32, values: Vec<NewValue>) -> EpochRecord {
    EpochRecord {
        epoch: Epoch(number),
        step: u64::from(number) * 4,
        values,
        pictures: vec![NewPicture { role: "samples", columns: 2, tile: 8, png: vec![1, 2, 3] }],
        protocols: vec![protocol()],
        checkpoint: NewArtifact { path: format!("1/{number}"), sha256: "s".into(), bytes: 3 },
        generator: None,
        best: None,
    }
}

fn protocol() -> Protocol {
    Protocol {
        kind: "own-image".into(),
        split: "val".into(),
        resolution: 8,
        seed: 1,
        items: vec![ProtocolItem { image: 7, class: 3, caption: "a flower".into() }],
        data: "d".into(),
        extractor: None,
        noises: None,
        sets: None,
    }
}

fn loss(value: f64) -> NewValue {
    NewValue { metric: "d_loss", protocol: ProtocolId::none(), value }
}

fn ssim(value: f64) -> NewValue {
    NewValue { metric: "ssim", protocol: protocol().id(), value }
}

#[test]
fn queueing_again_adds_only_what_is_missing() {
    let lab = Lab::with_seeds(&[1, 2]);
    let again = lab.store.enqueue(&revision("one", &[1, 2], 10)).unwrap();
    assert_eq!((again.revision, again.added, again.kept), (1, 0, 2));
    let more = lab.store.enqueue(&revision("two", &[1, 2, 3], 10)).unwrap();
    assert_eq!((more.revision, more.added, more.kept), (2, 1, 2));
    assert_eq!(lab.store.experiment("sweep").unwrap().unwrap().text, "two");
    let fewer = lab.store.enqueue(&revision("three", &[3], 10)).unwrap();
    assert_eq!((fewer.added, fewer.kept), (0, 1));
    assert_eq!(lab.store.runs("sweep").unwrap().len(), 1, "the newest revision decides what is shown");
}

#[test]
fn a_run_is_taken_once_and_by_number() {
    let lab = Lab::with_seeds(&[1, 2]);
    let (first, second) = (lab.claim().unwrap(), lab.claim().unwrap());
    assert_eq!((first.run, second.run), (RunId(1), RunId(2)));
    assert_eq!(lab.claim(), None);
    assert_eq!(lab.store.reclaim(2).unwrap(), [], "their worker lives");
}

#[test]
fn a_later_horizon_reopens_a_finished_run() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    lab.store.record(hold, &epoch(10, vec![])).unwrap();
    lab.store.let_go(hold, &Ending::Finished { weights: "w".into() }).unwrap();
    assert_eq!(lab.store.enqueue(&revision("one", &[1], 10)).unwrap().reopened, 0);
    assert_eq!(lab.store.enqueue(&revision("one", &[1], 20)).unwrap().reopened, 1);
    assert_eq!(lab.state(hold.run), RunState::Queued);
    assert_eq!(lab.store.enqueue(&revision("one", &[1], 5)).unwrap().reopened, 0);
}

#[test]
fn values_come_back_as_they_went_in_nan_and_infinity_too() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    for (number, value) in [(1, 0.1 + 0.2), (2, f64::NAN), (3, f64::NEG_INFINITY)] {
        lab.store.record(hold, &epoch(number, vec![loss(value), ssim(0.5)])).unwrap();
    }
    let series = lab.store.series(hold.run).unwrap();
    assert_eq!(series.iter().map(|s| s.metric.as_str()).collect::<Vec<_>>(), ["d_loss", "ssim"]);
    let values: Vec<f64> = series[0].curve.points().iter().map(|(_, value)| *value).collect();
    assert_eq!(values[0], 0.1 + 0.2);
    assert!(values[1].is_nan());
    assert_eq!(values[2], f64::NEG_INFINITY);
    assert_eq!(series[0].protocol, ProtocolId::none());
    assert_eq!(lab.store.protocols().unwrap()[&series[1].protocol], protocol());
    assert_eq!(lab.store.pictures(hold.run).unwrap().len(), 3);
}

#[test]
fn the_newest_checkpoint_replaces_the_one_before() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    assert_eq!(lab.store.last_checkpoint(hold.run).unwrap(), None);
    assert_eq!(lab.store.record(hold, &epoch(1, vec![])).unwrap(), Vec::<String>::new());
    assert_eq!(lab.store.record(hold, &epoch(2, vec![])).unwrap(), ["1/1"]);
    let last = lab.store.last_checkpoint(hold.run).unwrap().unwrap();
    assert_eq!((last.epoch, last.step, last.path.as_str()), (Epoch(2), 8, "1/2"));
}

#[test]
fn going_back_forgets_what_came_after_the_checkpoint() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    for number in 0..=3 {
        lab.store.record(hold, &epoch(number, vec![loss(f64::from(number))])).unwrap();
    }
    lab.store.rewind(hold, Some(Epoch(1))).unwrap();
    let points = lab.store.series(hold.run).unwrap()[0].curve.points().to_vec();
    assert_eq!(points, [(Epoch(0), 0.0), (Epoch(1), 1.0)]);
    assert_eq!(lab.store.pictures(hold.run).unwrap().len(), 2);
    lab.store.rewind(hold, None).unwrap();
    assert!(lab.store.series(hold.run).unwrap().is_empty());
}

#[test]
fn a_worker_whose_lease_ran_out_can_write_nothing_more() {
    let lab = Lab::with_seeds(&[1]);
    let asleep = lab.store.claim(None, &Worker::this("cpu"), Duration::ZERO).unwrap().unwrap();
    assert_eq!(lost(&lab.store.reclaim(2).unwrap()), [asleep.run]);
    let awake = lab.claim().unwrap();
    assert!(awake.fence > asleep.fence);
    assert!(matches!(lab.store.record(asleep, &epoch(1, vec![loss(1.0)])), Err(StoreError::LostHold { .. })));
    assert!(matches!(lab.store.let_go(asleep, &Ending::Interrupted), Err(StoreError::LostHold { .. })));
    assert!(matches!(lab.store.rewind(asleep, None), Err(StoreError::LostHold { .. })));
    assert!(matches!(lab.store.hold_on(asleep, &Worker::this("cpu"), LEASE), Err(StoreError::LostHold { .. })));
    assert!(lab.store.series(awake.run).unwrap().is_empty());
    lab.store.record(awake, &epoch(1, vec![loss(2.0)])).unwrap();
}

#[test]
fn the_run_of_a_process_that_is_gone_is_taken_back_before_its_lease_ends() {
    let lab = Lab::with_seeds(&[1]);
    let mut gone = Worker::this("cpu");
    gone.start -= 1;
    let hold = lab.store.claim(None, &gone, LEASE).unwrap().unwrap();
    assert_eq!(lost(&lab.store.reclaim(2).unwrap()), [hold.run]);
    assert_eq!(lab.state(hold.run), RunState::Queued);
}

#[test]
fn the_database_itself_refuses_a_state_that_cannot_follow() {
    let lab = Lab::with_seeds(&[1]);
    let refused = lab.store.write("test", async |db| {
        let failed = lab.store.sql("test");
        sqlx::query("update run set state = 'finished'").execute(db).await.map_err(failed)
    });
    assert!(matches!(refused, Err(StoreError::Sql { .. })));
    assert_eq!(lab.state(RunId(1)), RunState::Queued);
}

#[test]
fn a_failed_run_says_why_and_can_be_queued_again() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    lab.store.let_go(hold, &Ending::Failed { why: "no disk".into() }).unwrap();
    assert_eq!(lab.store.run(hold.run).unwrap().unwrap().outcome, "no disk");
    assert_eq!(lab.claim(), None);
    assert_eq!(lab.store.requeue_failed("sweep").unwrap(), 1);
    assert!(lab.claim().is_some());
}

#[test]
fn opening_twice_at_once_makes_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jem.db");
    let open = |path: &Path| Store::create(path).map(drop);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&path))).collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
    assert!(Store::open_to_read(&path).unwrap().experiments().unwrap().is_empty());
}

#[test]
fn a_higher_priority_comes_first_and_runs_that_wait_already_take_it_too() {
    let lab = Lab::with_seeds(&[1, 2]);
    let urgent = NewRevision { name: "urgent".into(), ..revision("one", &[2, 3], 10) };
    lab.store.enqueue(&urgent).unwrap();
    assert_eq!(lab.store.prioritise("urgent", 5).unwrap(), 2);
    let taken: Vec<i64> = std::iter::from_fn(|| lab.claim()).map(|hold| hold.run.0).collect();
    assert_eq!(taken, [2, 3, 1]);
}

#[test]
fn a_run_that_was_cancelled_in_training_takes_nothing_more() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    assert_eq!(lab.store.standing(hold).unwrap(), Held { state: RunState::Running, held: true });
    lab.change("update run set state = 'cancelled', fence = fence + 1");
    assert_eq!(lab.store.standing(hold).unwrap(), Held { state: RunState::Cancelled, held: false });
    let checkpoint = NewArtifact { path: "1/1".into(), sha256: "s".into(), bytes: 3 };
    assert!(matches!(lab.store.pause(hold, Epoch(0), 1, &checkpoint), Err(StoreError::LostHold { .. })));
    assert!(matches!(lab.store.crashed(hold, "signal 9", 2), Err(StoreError::LostHold { .. })));
    assert_eq!(lab.store.artifact_paths(hold.run).unwrap(), Vec::<String>::new());
    assert_eq!(lab.store.reclaim(2).unwrap(), []);
    assert_eq!(lab.state(hold.run), RunState::Cancelled);
}

#[test]
fn a_pause_within_an_epoch_keeps_the_exact_step_and_replaces_the_checkpoint_before() {
    let lab = Lab::with_seeds(&[1]);
    let hold = lab.claim().unwrap();
    lab.store.record(hold, &epoch(1, vec![loss(1.0)])).unwrap();
    let checkpoint = NewArtifact { path: "1/6".into(), sha256: "s".into(), bytes: 3 };
    assert_eq!(lab.store.pause(hold, Epoch(1), 6, &checkpoint).unwrap(), ["1/1"]);
    lab.store.let_go(hold, &Ending::Interrupted).unwrap();
    let again = lab.claim().unwrap();
    let last = lab.store.last_checkpoint(again.run).unwrap().unwrap();
    assert_eq!((last.epoch, last.step, last.path.as_str()), (Epoch(1), 6, "1/6"));
    lab.store.rewind(again, Some(last.epoch)).unwrap();
    assert_eq!(lab.store.series(hold.run).unwrap()[0].curve.points(), [(Epoch(1), 1.0)]);
    assert_eq!(lab.number("select step from run"), 6);
}

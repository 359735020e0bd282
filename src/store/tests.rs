mod crashes;
mod reopening;

use std::path::Path;

use super::fixture::{Fixture, LEASE, artifact, d_loss, epoch_with, is_lost, plain, protocol, ssim};
use super::*;
use crate::measure::{Epoch, ProtocolId};

/// An epoch with these values and an image grid.
fn epoch(number: u32, values: Vec<NewValue>) -> EpochRecord {
    let grid = NewImageGrid { role: "samples", columns: 2, tile: 8, png: vec![1, 2, 3] };
    EpochRecord { image_grids: vec![grid], ..epoch_with(number, values) }
}

fn runs(lost: &[LostAttempt]) -> Vec<RunId> {
    lost.iter().map(|lost| lost.run).collect()
}

#[test]
fn queueing_again_adds_only_missing_runs() {
    let fixture = Fixture::with_seeds(&[1, 2]);
    let again = fixture.store.enqueue(&plain("one", &[1, 2], 10)).unwrap();
    assert_eq!((again.revision, again.added, again.kept), (1, 0, 2));
    let more = fixture.store.enqueue(&plain("two", &[1, 2, 3], 10)).unwrap();
    assert_eq!((more.revision, more.added, more.kept), (2, 1, 2));
    assert_eq!(fixture.store.experiment("sweep").unwrap().unwrap().text, "two");
    let fewer = fixture.store.enqueue(&plain("three", &[3], 10)).unwrap();
    assert_eq!((fewer.added, fewer.kept), (0, 1));
    assert_eq!(fixture.store.runs("sweep").unwrap().len(), 1, "only the runs of the newest revision are shown");
}

#[test]
fn a_run_is_claimed_once_and_in_order() {
    let fixture = Fixture::with_seeds(&[1, 2]);
    let (first, second) = (fixture.claim(), fixture.claim());
    assert_eq!((first.run, second.run), (RunId(1), RunId(2)));
    assert_eq!(fixture.try_claim(), None);
    assert_eq!(fixture.reclaim(), [], "their worker is alive");
}

#[test]
fn a_later_horizon_reopens_a_finished_run() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    fixture.store.record_epoch(lease, &epoch(10, vec![])).unwrap();
    fixture.store.release(lease, &AttemptOutcome::Finished { weights: "w".into() }).unwrap();
    assert_eq!(fixture.store.enqueue(&plain("one", &[1], 10)).unwrap().reopened, 0);
    assert_eq!(fixture.store.enqueue(&plain("one", &[1], 20)).unwrap().reopened, 1);
    assert_eq!(fixture.state(lease.run), RunState::Queued);
    assert_eq!(fixture.store.enqueue(&plain("one", &[1], 5)).unwrap().reopened, 0);
}

#[test]
fn values_are_read_as_written_with_nan_and_infinity() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    for (number, value) in [(1, 0.1 + 0.2), (2, f64::NAN), (3, f64::NEG_INFINITY)] {
        fixture.store.record_epoch(lease, &epoch(number, vec![d_loss(value), ssim(0.5)])).unwrap();
    }
    let series = fixture.store.series(lease.run).unwrap();
    assert_eq!(series.iter().map(|s| s.metric.as_str()).collect::<Vec<_>>(), ["d_loss", "ssim"]);
    let values: Vec<f64> = series[0].curve.points().iter().map(|(_, value)| *value).collect();
    assert_eq!(values[0], 0.1 + 0.2);
    assert!(values[1].is_nan());
    assert_eq!(values[2], f64::NEG_INFINITY);
    assert_eq!(series[0].protocol, ProtocolId::none());
    assert_eq!(fixture.store.protocols().unwrap()[&series[1].protocol], protocol());
    assert_eq!(fixture.store.image_grids(lease.run).unwrap().len(), 3);
}

#[test]
fn a_new_checkpoint_replaces_the_one_before() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    assert_eq!(fixture.store.last_checkpoint(lease.run).unwrap(), None);
    assert_eq!(fixture.store.record_epoch(lease, &epoch(1, vec![])).unwrap(), Vec::<String>::new());
    assert_eq!(fixture.store.record_epoch(lease, &epoch(2, vec![])).unwrap(), ["1/1"]);
    let last = fixture.store.last_checkpoint(lease.run).unwrap().unwrap();
    assert_eq!((last.epoch, last.step, last.path.as_str()), (Epoch(2), 8, "1/2"));
}

#[test]
fn rewinding_deletes_the_points_after_the_checkpoint() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    for number in 0..=3 {
        fixture.store.record_epoch(lease, &epoch(number, vec![d_loss(f64::from(number))])).unwrap();
    }
    fixture.store.rewind(lease, Some(Epoch(1))).unwrap();
    let points = fixture.store.series(lease.run).unwrap()[0].curve.points().to_vec();
    assert_eq!(points, [(Epoch(0), 0.0), (Epoch(1), 1.0)]);
    assert_eq!(fixture.store.image_grids(lease.run).unwrap().len(), 2);
    fixture.store.rewind(lease, None).unwrap();
    assert!(fixture.store.series(lease.run).unwrap().is_empty());
}

#[test]
fn a_worker_whose_lease_expired_cannot_write() {
    let fixture = Fixture::with_seeds(&[1]);
    let suspended = fixture.claim_expired();
    assert_eq!(runs(&fixture.reclaim()), [suspended.run]);
    let current = fixture.claim();
    assert!(current.fence > suspended.fence);
    assert!(is_lost(&fixture.store.record_epoch(suspended, &epoch(1, vec![d_loss(1.0)]))));
    assert!(is_lost(&fixture.store.release(suspended, &AttemptOutcome::Interrupted)));
    assert!(is_lost(&fixture.store.rewind(suspended, None)));
    assert!(is_lost(&fixture.store.renew(suspended, &Worker::this("cpu"), LEASE)));
    assert!(fixture.store.series(current.run).unwrap().is_empty());
    fixture.store.record_epoch(current, &epoch(1, vec![d_loss(2.0)])).unwrap();
}

#[test]
fn the_run_of_an_exited_process_is_reclaimed_before_its_lease_expires() {
    let fixture = Fixture::with_seeds(&[1]);
    let mut exited = Worker::this("cpu");
    exited.start -= 1;
    let lease = fixture.store.claim(None, &exited, LEASE).unwrap().unwrap();
    assert_eq!(runs(&fixture.reclaim()), [lease.run]);
    assert_eq!(fixture.state(lease.run), RunState::Queued);
}

#[test]
fn the_database_refuses_an_invalid_change_of_state() {
    let fixture = Fixture::with_seeds(&[1]);
    let refused =
        fixture.store.write("test", async |db| sqlx::query("update run set state = 'finished'").execute(db).await);
    assert!(matches!(refused, Err(StoreError::Sql { .. })));
    assert_eq!(fixture.state(RunId(1)), RunState::Queued);
}

#[test]
fn a_failed_run_has_an_outcome_and_can_be_queued_again() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    fixture.store.release(lease, &AttemptOutcome::Failed { why: "no disk".into() }).unwrap();
    assert_eq!(fixture.store.run(lease.run).unwrap().unwrap().outcome, "no disk");
    assert_eq!(fixture.try_claim(), None);
    assert_eq!(fixture.store.requeue_failed("sweep").unwrap(), 1);
    assert!(fixture.try_claim().is_some());
}

#[test]
fn opening_several_times_at_once_creates_one_schema() {
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
fn a_higher_priority_is_claimed_first_also_for_queued_runs() {
    let fixture = Fixture::with_seeds(&[1, 2]);
    let urgent = NewRevision { name: "urgent".into(), ..plain("one", &[2, 3], 10) };
    fixture.store.enqueue(&urgent).unwrap();
    assert_eq!(fixture.store.set_priority("urgent", 5).unwrap(), 2);
    let claimed: Vec<i64> = std::iter::from_fn(|| fixture.try_claim()).map(|lease| lease.run.0).collect();
    assert_eq!(claimed, [2, 3, 1]);
}

#[test]
fn nothing_is_written_to_a_run_that_was_cancelled_in_training() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    assert_eq!(fixture.store.lease_status(lease).unwrap(), LeaseStatus { state: RunState::Running, is_valid: true });
    fixture.execute("update run set state = 'cancelled', fence = fence + 1");
    assert_eq!(fixture.store.lease_status(lease).unwrap(), LeaseStatus { state: RunState::Cancelled, is_valid: false });
    let checkpoint = artifact("1/1");
    assert!(is_lost(&fixture.store.record_checkpoint(lease, Epoch(0), 1, &checkpoint)));
    assert!(is_lost(&fixture.store.record_crash(lease, "signal 9", 2)));
    assert_eq!(fixture.store.artifact_paths(lease.run).unwrap(), Vec::<String>::new());
    assert_eq!(fixture.reclaim(), []);
    assert_eq!(fixture.state(lease.run), RunState::Cancelled);
}

#[test]
fn a_checkpoint_within_an_epoch_has_the_exact_step_and_replaces_the_one_before() {
    let fixture = Fixture::with_seeds(&[1]);
    let lease = fixture.claim();
    fixture.store.record_epoch(lease, &epoch(1, vec![d_loss(1.0)])).unwrap();
    let checkpoint = artifact("1/6");
    assert_eq!(fixture.store.record_checkpoint(lease, Epoch(1), 6, &checkpoint).unwrap(), ["1/1"]);
    fixture.store.release(lease, &AttemptOutcome::Interrupted).unwrap();
    let again = fixture.claim();
    let last = fixture.store.last_checkpoint(again.run).unwrap().unwrap();
    assert_eq!((last.epoch, last.step, last.path.as_str()), (Epoch(1), 6, "1/6"));
    fixture.store.rewind(again, Some(last.epoch)).unwrap();
    assert_eq!(fixture.store.series(lease.run).unwrap()[0].curve.points(), [(Epoch(1), 1.0)]);
    assert_eq!(fixture.number("select step from run"), 6);
}

use super::*;
use crate::measure::Epoch;
use crate::store::AttemptOutcome;
use crate::store::fixture::{Fixture, epoch, is_lost};

fn ids(runs: &[i64]) -> Vec<RunId> {
    runs.iter().copied().map(RunId).collect()
}

#[test]
fn failed_and_stale_runs_are_retried_and_the_rest_have_a_reason() {
    let fixture = Fixture::new();
    fixture.end_runs();
    let changed = fixture.change(&[1, 2, 3, 4, 5, 6], &Change::Retry);
    assert_eq!(changed.changed, ids(&[3, 5]));
    let why: Vec<(i64, &str)> =
        changed.unchanged.iter().map(|(run, why)| (run.0, why.split(':').next().unwrap())).collect();
    assert_eq!(why, [(1, "finished"), (2, "diverged"), (4, "running"), (6, "already queued")]);
    let run = fixture.store.run(RunId(3)).unwrap().unwrap();
    assert_eq!((run.state, run.outcome.as_str(), run.ended_at), (RunState::Queued, "", None));
}

#[test]
fn a_suspended_worker_cannot_write_to_a_retried_or_cancelled_run() {
    let fixture = Fixture::new();
    let [running, stale] = fixture.end_runs();
    fixture.change(&[stale.run.0], &Change::Retry);
    fixture.change(&[running.run.0], &Change::Cancel);
    for lease in [running, stale] {
        assert!(is_lost(&fixture.store.record_epoch(lease, &epoch(1, 0.5, 1.0))));
        assert!(is_lost(&fixture.store.release(lease, &AttemptOutcome::Interrupted)));
        assert!(fixture.store.series(lease.run).unwrap().is_empty());
    }
    let ending = |run| fixture.store.detail(run).unwrap().unwrap().attempts[0].ending.clone();
    assert_eq!((ending(running.run).as_str(), ending(stale.run).as_str()), ("cancelled", "lost"));
}

#[test]
fn retrying_a_run_resets_its_crashes() {
    let fixture = Fixture::new();
    let run = fixture.end(&AttemptOutcome::Failed { why: "crashed too often".into() });
    let crashes = || fixture.store.list(&Filter { runs: vec![run], ..Filter::default() }).unwrap()[0].crashes;
    fixture.execute("update run set crashes = 3");
    assert_eq!(crashes(), 3);
    fixture.change(&[run.0], &Change::Retry);
    assert_eq!(crashes(), 0);
    assert_eq!(fixture.claim().run, run);
}

#[test]
fn a_cancelled_run_is_not_claimed_until_it_is_retried() {
    let fixture = Fixture::new();
    assert_eq!(fixture.change(&[1, 2, 3, 4, 5], &Change::Cancel).changed.len(), 5);
    assert_eq!(fixture.claim().run, RunId(6));
    assert_eq!(fixture.try_claim(), None);
    assert_eq!(fixture.change(&[2], &Change::Cancel).unchanged, [(RunId(2), "already cancelled")]);
    assert_eq!(fixture.change(&[2], &Change::Retry).changed, ids(&[2]));
    assert_eq!(fixture.claim().run, RunId(2));
}

#[test]
fn a_run_that_does_not_exist_is_reported_and_nothing_changes() {
    let fixture = Fixture::new();
    let changed = fixture.change(&[1, 99, 98], &Change::Cancel);
    assert_eq!((changed.unknown, changed.changed), (ids(&[99, 98]), Vec::new()));
    assert!(fixture.statuses().iter().all(|status| *status == RunStatus::State(RunState::Queued)));
}

#[test]
fn tags_and_notes_are_added_once_and_removed() {
    let fixture = Fixture::new();
    let tag = |add: &[&str], remove: &[&str]| {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        fixture.change(&[1, 2], &Change::Tag { add: words(add), remove: words(remove) })
    };
    let tags = |run| fixture.store.activity(None).unwrap().get(&RunId(run)).map_or(Vec::new(), |r| r.tags.clone());
    assert_eq!(tag(&["keep", "a"], &[]).changed, ids(&[1, 2]));
    assert_eq!(tags(1), ["a", "keep"]);
    assert_eq!(tag(&["keep"], &["b"]).unchanged.len(), 2);
    assert_eq!(tag(&["b"], &["keep"]).changed, ids(&[1, 2]));
    assert_eq!(tags(2), ["a", "b"]);
    let note = |text: &str| fixture.change(&[3], &Change::Note { text: text.into() });
    assert_eq!(note("check this").changed, ids(&[3]));
    assert_eq!(note("check this").unchanged.len(), 1);
    assert_eq!(fixture.store.activity(Some(&[RunId(3)])).unwrap()[&RunId(3)].note, "check this");
    assert_eq!(note("").changed, ids(&[3]));
}

#[test]
fn a_dry_run_changes_nothing_and_returns_the_same() {
    let fixture = Fixture::new();
    fixture.end_runs();
    let (before, filter) = (fixture.statuses(), Filter::default());
    let dry = fixture.store.change(&filter, &Change::Cancel, true).unwrap();
    assert_eq!(fixture.statuses(), before);
    assert_eq!(fixture.store.change(&filter, &Change::Cancel, false).unwrap(), dry);
    assert_eq!(dry.changed, ids(&[4, 5, 6]));
}

#[test]
fn retrying_from_the_start_deletes_all_results_of_this_run_only() {
    let fixture = Fixture::new();
    let [first, second] = [1, 2].map(|_| fixture.claim());
    for lease in [first, second] {
        for number in 0..=1 {
            let mut record = epoch(number, 0.5, 1.0);
            record.checkpoint.path = format!("{}/{number}", lease.run);
            record.best =
                Some(crate::store::NewArtifact { path: format!("{}/best", lease.run), ..record.checkpoint.clone() });
            fixture.store.record_epoch(lease, &record).unwrap();
        }
        fixture.store.release(lease, &AttemptOutcome::Failed { why: "no disk".into() }).unwrap();
    }
    let changed = fixture.change(&[1], &Change::RetryFromStart);
    assert_eq!((changed.changed, changed.unchanged), (ids(&[1]), Vec::new()));
    assert_eq!(changed.unreferenced, ["1/best", "1/1"]);
    assert_eq!(fixture.store.artifact_paths(RunId(1)).unwrap(), Vec::<String>::new());
    assert!(
        fixture.store.series(RunId(1)).unwrap().is_empty()
            && fixture.store.summaries_of(&[RunId(1)]).unwrap().is_empty()
    );
    let run = fixture.store.run(RunId(1)).unwrap().unwrap();
    assert_eq!((run.state, run.epoch, run.outcome.as_str()), (RunState::Queued, Epoch(0), ""));
    let events = fixture.store.detail(RunId(1)).unwrap().unwrap().events;
    assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["restarted"]);
    assert_eq!(fixture.store.last_checkpoint(RunId(2)).unwrap().unwrap().epoch, Epoch(1));
    assert_eq!(fixture.store.series(RunId(2)).unwrap().len(), 2);
}

#[test]
fn running_runs_cannot_be_retried_from_the_start_and_finished_ones_only_by_number() {
    let fixture = Fixture::new();
    let [running, stale] = fixture.end_runs();
    fixture.store.record_epoch(stale, &epoch(1, 0.5, 1.0)).unwrap();
    let all = fixture.store.change(&Filter::default(), &Change::RetryFromStart, true).unwrap();
    assert_eq!((all.changed, all.unreferenced), (ids(&[3, 5]), Vec::new()));
    let why: Vec<(i64, &str)> =
        all.unchanged.iter().map(|(run, why)| (run.0, why.split([':', ',']).next().unwrap())).collect();
    assert_eq!(why, [(1, "finished"), (2, "diverged"), (4, "running"), (6, "already queued")]);
    assert_eq!(fixture.change(&[1, 2, 3, 4, 5, 6], &Change::RetryFromStart).changed, ids(&[1, 3, 5]));
    assert_eq!(fixture.store.run(RunId(1)).unwrap().unwrap().weights, "");
    fixture.store.record_epoch(running, &epoch(1, 0.5, 1.0)).unwrap();
    // The suspended worker of the stale run cannot write.
    assert!(is_lost(&fixture.store.record_epoch(stale, &epoch(2, 0.5, 1.0))));
}

#[test]
fn a_queued_run_that_was_started_can_be_retried_from_the_start() {
    let fixture = Fixture::new();
    let lease = fixture.claim();
    fixture.store.record_epoch(lease, &epoch(1, 0.5, 1.0)).unwrap();
    fixture.store.release(lease, &AttemptOutcome::Interrupted).unwrap();
    assert_eq!(fixture.change(&[1], &Change::RetryFromStart).unreferenced, ["1 1"]);
    assert_eq!(
        fixture.change(&[1], &Change::RetryFromStart).unchanged,
        [(RunId(1), "already queued, and not started")]
    );
}

#[test]
fn a_worker_that_lost_its_lease_cannot_restart_the_run() {
    let fixture = Fixture::new();
    let lease = fixture.claim();
    fixture.store.record_epoch(lease, &epoch(1, 0.5, 1.0)).unwrap();
    fixture.change(&[1], &Change::Cancel);
    assert!(is_lost(&fixture.store.restart(lease, "lost")));
    assert!(fixture.store.last_checkpoint(RunId(1)).unwrap().is_some());
}

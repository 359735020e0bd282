use std::time::Duration;

use super::*;
use crate::measure::Epoch;
use crate::store::lab::{Lab, epoch};
use crate::store::{Ending, StoreError};

fn ids(runs: &[i64]) -> Vec<RunId> {
    runs.iter().copied().map(RunId).collect()
}

#[test]
fn what_did_not_end_well_is_queued_again_and_the_rest_says_why_not() {
    let lab = Lab::new();
    lab.scatter();
    let changed = lab.change(&[1, 2, 3, 4, 5, 6], &Change::Retry);
    assert_eq!(changed.changed, ids(&[3, 5]));
    let why: Vec<(i64, &str)> = changed.left.iter().map(|(run, why)| (run.0, why.split(':').next().unwrap())).collect();
    assert_eq!(why, [(1, "finished"), (2, "diverged"), (4, "running"), (6, "queued already")]);
    let run = lab.store.run(RunId(3)).unwrap().unwrap();
    assert_eq!((run.state, run.outcome.as_str(), run.ended_at), (RunState::Queued, "", None));
}

#[test]
fn a_sleeping_worker_whose_run_was_queued_again_or_cancelled_can_write_nothing() {
    let lab = Lab::new();
    let [running, stale] = lab.scatter();
    lab.change(&[stale.run.0], &Change::Retry);
    lab.change(&[running.run.0], &Change::Cancel);
    for hold in [running, stale] {
        assert!(matches!(lab.store.record(hold, &epoch(1, 0.5, 1.0)), Err(StoreError::LostHold { .. })));
        assert!(matches!(lab.store.let_go(hold, &Ending::Interrupted), Err(StoreError::LostHold { .. })));
        assert!(lab.store.series(hold.run).unwrap().is_empty());
    }
    let ending = |run| lab.store.detail(run).unwrap().unwrap().attempts[0].ending.clone();
    assert_eq!((ending(running.run).as_str(), ending(stale.run).as_str()), ("cancelled", "lost"));
}

#[test]
fn a_retried_run_starts_counting_its_crashes_anew() {
    let lab = Lab::new();
    let run = lab.end(&Ending::Failed { why: "crashed too often".into() });
    let crashes = || lab.store.list(&Filter { runs: vec![run], ..Filter::default() }).unwrap()[0].crashes;
    lab.store
        .write("test", async |db| {
            sqlx::query("update run set crashes = 3").execute(db).await.map_err(lab.store.sql("test"))
        })
        .unwrap();
    assert_eq!(crashes(), 3);
    lab.change(&[run.0], &Change::Retry);
    assert_eq!(crashes(), 0);
    assert_eq!(lab.take(Duration::from_secs(1)).run, run);
}

#[test]
fn cancelled_runs_are_taken_by_nobody_until_they_are_queued_again() {
    let lab = Lab::new();
    assert_eq!(lab.change(&[1, 2, 3, 4, 5], &Change::Cancel).changed.len(), 5);
    assert_eq!(lab.take(Duration::from_secs(60)).run, RunId(6));
    assert!(lab.store.claim(None, &crate::store::Worker::this("cpu"), Duration::ZERO).unwrap().is_none());
    assert_eq!(lab.change(&[2], &Change::Cancel).left, [(RunId(2), "cancelled already")]);
    assert_eq!(lab.change(&[2], &Change::Retry).changed, ids(&[2]));
    assert_eq!(lab.take(Duration::from_secs(60)).run, RunId(2));
}

#[test]
fn a_run_that_does_not_exist_is_named_and_nothing_changes() {
    let lab = Lab::new();
    let changed = lab.change(&[1, 99, 98], &Change::Cancel);
    assert_eq!((changed.unknown, changed.changed), (ids(&[99, 98]), Vec::new()));
    assert!(lab.standings().iter().all(|standing| *standing == Standing::Is(RunState::Queued)));
}

#[test]
fn tags_and_notes_are_added_once_and_taken_away() {
    let lab = Lab::new();
    let tag = |add: &[&str], remove: &[&str]| {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        lab.change(&[1, 2], &Change::Tag { add: words(add), remove: words(remove) })
    };
    let tags = |run| lab.store.remarks(None).unwrap().get(&RunId(run)).map_or(Vec::new(), |r| r.tags.clone());
    assert_eq!(tag(&["keep", "a"], &[]).changed, ids(&[1, 2]));
    assert_eq!(tags(1), ["a", "keep"]);
    assert_eq!(tag(&["keep"], &["b"]).left.len(), 2);
    assert_eq!(tag(&["b"], &["keep"]).changed, ids(&[1, 2]));
    assert_eq!(tags(2), ["a", "b"]);
    let note = |text: &str| lab.change(&[3], &Change::Note { text: text.into() });
    assert_eq!(note("look at this").changed, ids(&[3]));
    assert_eq!(note("look at this").left.len(), 1);
    assert_eq!(lab.store.remarks(Some(&[RunId(3)])).unwrap()[&RunId(3)].note, "look at this");
    assert_eq!(note("").changed, ids(&[3]));
}

#[test]
fn a_trial_changes_nothing_and_says_the_same() {
    let lab = Lab::new();
    lab.scatter();
    let (before, filter) = (lab.standings(), Filter::default());
    let trial = lab.store.change(&filter, &Change::Cancel, true).unwrap();
    assert_eq!(lab.standings(), before);
    assert_eq!(lab.store.change(&filter, &Change::Cancel, false).unwrap(), trial);
    assert_eq!(trial.changed, ids(&[4, 5, 6]));
}

#[test]
fn a_run_that_begins_anew_leaves_nothing_behind_and_no_other_run_is_touched() {
    let lab = Lab::new();
    let [first, second] = [1, 2].map(|_| lab.take(Duration::from_secs(60)));
    for hold in [first, second] {
        for number in 0..=1 {
            let mut record = epoch(number, 0.5, 1.0);
            record.checkpoint.path = format!("{}/{number}", hold.run);
            record.best =
                Some(crate::store::NewArtifact { path: format!("{}/best", hold.run), ..record.checkpoint.clone() });
            lab.store.record(hold, &record).unwrap();
        }
        lab.store.let_go(hold, &Ending::Failed { why: "no disk".into() }).unwrap();
    }
    let changed = lab.change(&[1], &Change::RetryFromStart);
    assert_eq!((changed.changed, changed.left), (ids(&[1]), Vec::new()));
    assert_eq!(changed.unnamed, ["1/best", "1/1"]);
    assert_eq!(lab.store.artifact_paths(RunId(1)).unwrap(), Vec::<String>::new());
    assert!(lab.store.series(RunId(1)).unwrap().is_empty() && lab.store.summaries_of(&[RunId(1)]).unwrap().is_empty());
    let run = lab.store.run(RunId(1)).unwrap().unwrap();
    assert_eq!((run.state, run.epoch, run.outcome.as_str()), (RunState::Queued, Epoch(0), ""));
    let events = lab.store.detail(RunId(1)).unwrap().unwrap().events;
    assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["restarted"]);
    assert_eq!(lab.store.last_checkpoint(RunId(2)).unwrap().unwrap().epoch, Epoch(1));
    assert_eq!(lab.store.series(RunId(2)).unwrap().len(), 2);
}

#[test]
fn only_what_is_over_or_waits_begins_anew_and_a_finished_run_only_by_its_number() {
    let lab = Lab::new();
    let [running, stale] = lab.scatter();
    lab.store.record(stale, &epoch(1, 0.5, 1.0)).unwrap();
    let all = lab.store.change(&Filter::default(), &Change::RetryFromStart, true).unwrap();
    assert_eq!((all.changed, all.unnamed), (ids(&[3, 5]), Vec::new()));
    let why: Vec<(i64, &str)> =
        all.left.iter().map(|(run, why)| (run.0, why.split([':', ',']).next().unwrap())).collect();
    assert_eq!(why, [(1, "finished"), (2, "diverged"), (4, "running"), (6, "queued already")]);
    assert_eq!(lab.change(&[1, 2, 3, 4, 5, 6], &Change::RetryFromStart).changed, ids(&[1, 3, 5]));
    assert_eq!(lab.store.run(RunId(1)).unwrap().unwrap().weights, "");
    lab.store.record(running, &epoch(1, 0.5, 1.0)).unwrap();
    // The sleeping worker of the stale one writes nothing more.
    assert!(matches!(lab.store.record(stale, &epoch(2, 0.5, 1.0)), Err(StoreError::LostHold { .. })));
}

#[test]
fn a_queued_run_that_was_begun_can_begin_anew() {
    let lab = Lab::new();
    let hold = lab.take(Duration::from_secs(60));
    lab.store.record(hold, &epoch(1, 0.5, 1.0)).unwrap();
    lab.store.let_go(hold, &Ending::Interrupted).unwrap();
    assert_eq!(lab.change(&[1], &Change::RetryFromStart).unnamed, ["1 1"]);
    assert_eq!(lab.change(&[1], &Change::RetryFromStart).left, [(RunId(1), "queued already, and not begun")]);
}

#[test]
fn a_worker_whose_hold_was_lost_cannot_take_its_run_back_to_the_beginning() {
    let lab = Lab::new();
    let hold = lab.take(Duration::from_secs(60));
    lab.store.record(hold, &epoch(1, 0.5, 1.0)).unwrap();
    lab.change(&[1], &Change::Cancel);
    assert!(matches!(lab.store.restart(hold, "lost"), Err(StoreError::LostHold { .. })));
    assert!(lab.store.last_checkpoint(RunId(1)).unwrap().is_some());
}

use super::*;

fn outcome(fixture: &Fixture, run: RunId) -> String {
    fixture.store.run(run).unwrap().unwrap().outcome
}

/// Records one crash more than the retries, so that the run fails.
fn exhaust(fixture: &Fixture, retries: u32) -> RunId {
    for _ in 0..=retries {
        fixture.store.record_crash(fixture.claim(), "signal 9", retries).unwrap();
    }
    RunId(1)
}

#[test]
fn a_run_whose_process_is_killed_is_retried_twice_and_then_fails() {
    let fixture = Fixture::with_seeds(&[1]);
    for crashes in [1, 2] {
        let lost = fixture.store.record_crash(fixture.claim(), "signal 9", 2).unwrap();
        assert_eq!((lost.crashes, lost.failed), (crashes, false));
        assert_eq!((fixture.state(lost.run), outcome(&fixture, lost.run)), (RunState::Queued, String::new()));
    }
    let lost = fixture.store.record_crash(fixture.claim(), "signal 11", 2).unwrap();
    assert_eq!((lost.crashes, lost.failed), (3, true));
    assert_eq!(
        outcome(&fixture, lost.run),
        "its process was lost 3 times without a new checkpoint; the last time: signal 11"
    );
    assert_eq!(fixture.state(lost.run), RunState::Failed);
    assert_eq!(fixture.try_claim(), None);
    assert_eq!(fixture.number("select count(*) from event where kind = 'lost'"), 3);
}

#[test]
fn an_expired_lease_and_an_exited_process_count_as_crashes() {
    let fixture = Fixture::with_seeds(&[1]);
    let mut exited = Worker::this("cpu");
    exited.start -= 1;
    fixture.store.claim(None, &exited, LEASE).unwrap().unwrap();
    assert_eq!(fixture.store.reclaim(&mut LeaseMonitor::default(), 1).unwrap()[0].cause, "the process has exited");
    fixture.claim_expired();
    let lost = fixture.store.reclaim(&mut LeaseMonitor::default(), 1).unwrap().remove(0);
    assert_eq!((lost.crashes, lost.failed), (2, true));
    let expected = "its process was lost 2 times without a new checkpoint; the last time: its lease has expired";
    assert_eq!(outcome(&fixture, lost.run), expected);
}

#[test]
fn without_retries_the_first_crash_fails_the_run() {
    let fixture = Fixture::with_seeds(&[1]);
    let run = exhaust(&fixture, 0);
    assert_eq!(outcome(&fixture, run), "its process was lost: signal 9");
    assert_eq!(fixture.state(run), RunState::Failed);
}

#[test]
fn an_interruption_is_not_a_crash() {
    let fixture = Fixture::with_seeds(&[1]);
    for _ in 0..5 {
        fixture.store.release(fixture.claim(), &AttemptOutcome::Interrupted).unwrap();
    }
    assert_eq!(fixture.number("select crashes from run"), 0);
}

#[test]
fn queueing_a_run_again_resets_its_crashes() {
    let fixture = Fixture::with_seeds(&[1]);
    let run = exhaust(&fixture, 2);
    assert_eq!(fixture.store.requeue_failed("sweep").unwrap(), 1);
    assert_eq!(fixture.number("select crashes from run"), 0);
    fixture.store.record_crash(fixture.claim(), "signal 9", 2).unwrap();
    assert_eq!(fixture.state(run), RunState::Queued);
    fixture.store.enqueue(&plain("one", &[1], 10)).unwrap();
    assert_eq!(fixture.number("select crashes from run"), 0);
}

#[test]
fn only_crashes_in_a_row_without_a_new_checkpoint_count() {
    let fixture = Fixture::with_seeds(&[1]);
    let crash = || fixture.store.record_crash(fixture.claim(), "signal 9", 2).unwrap();
    // Six crashes, each after a new epoch or checkpoint.
    for number in 1..=3 {
        let lease = fixture.claim();
        fixture.store.record_epoch(lease, &epoch(number, vec![d_loss(1.0)])).unwrap();
        assert_eq!(fixture.store.record_crash(lease, "signal 9", 2).unwrap().crashes, 1);
        let lease = fixture.claim();
        let checkpoint = artifact(&format!("1/{number}-more"));
        fixture.store.record_checkpoint(lease, Epoch(number), u64::from(number) * 4 + 1, &checkpoint).unwrap();
        assert_eq!(fixture.store.record_crash(lease, "signal 9", 2).unwrap().crashes, 1);
    }
    // Rewinding to the checkpoint does not reset the count.
    let lease = fixture.claim();
    fixture.store.rewind(lease, Some(Epoch(3))).unwrap();
    assert_eq!(fixture.store.record_crash(lease, "signal 9", 2).unwrap().crashes, 2);
    assert!(crash().failed);
}

#[test]
fn the_evaluation_before_training_does_not_reset_crashes() {
    let fixture = Fixture::with_seeds(&[1]);
    for crashes in 1..=3 {
        let lease = fixture.claim();
        fixture.store.record_epoch(lease, &epoch(0, vec![ssim(0.5)])).unwrap();
        let lost = fixture.store.record_crash(lease, "signal 9", 2).unwrap();
        assert_eq!((lost.crashes, lost.failed), (crashes, crashes == 3));
    }
}

#[test]
fn measures_added_to_past_epochs_reset_crashes_and_no_measures_do_not() {
    let fixture = Fixture::with_seeds(&[1]);
    let crash = |values: &[NewValue]| {
        let lease = fixture.claim();
        let (epoch, protocols) = (Epoch(2), &[protocol()]);
        fixture.store.backfill(lease, NewValues { epoch, step: 8, protocols, values }).unwrap();
        fixture.store.record_crash(lease, "signal 9", 9).unwrap().crashes
    };
    assert_eq!([crash(&[]), crash(&[]), crash(&[ssim(0.5)]), crash(&[])], [1, 2, 1, 2]);
}

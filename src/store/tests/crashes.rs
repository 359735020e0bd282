use super::*;

impl Lab {
    fn outcome(&self, run: RunId) -> String {
        self.store.run(run).unwrap().unwrap().outcome
    }

    /// Fails the run by losing its process once more than it may be.
    fn exhaust(&self, retries: u32) -> RunId {
        for _ in 0..=retries {
            let hold = self.claim().unwrap();
            self.store.crashed(hold, "signal 9", retries).unwrap();
        }
        RunId(1)
    }
}

#[test]
fn a_run_whose_process_is_killed_is_tried_again_twice_and_then_has_failed() {
    let lab = Lab::with_seeds(&[1]);
    for crashes in [1, 2] {
        let lost = lab.store.crashed(lab.claim().unwrap(), "signal 9", 2).unwrap();
        assert_eq!((lost.crashes, lost.failed), (crashes, false));
        assert_eq!((lab.state(lost.run), lab.outcome(lost.run)), (RunState::Queued, String::new()));
    }
    let lost = lab.store.crashed(lab.claim().unwrap(), "signal 11", 2).unwrap();
    assert_eq!((lost.crashes, lost.failed), (3, true));
    assert_eq!(
        lab.outcome(lost.run),
        "its process was lost 3 times without a new checkpoint; the last time: signal 11"
    );
    assert_eq!(lab.state(lost.run), RunState::Failed);
    assert_eq!(lab.claim(), None);
    assert_eq!(lab.number("select count(*) from event where kind = 'lost'"), 3);
}

#[test]
fn a_lease_that_ran_out_and_a_process_that_is_gone_count_as_crashes() {
    let lab = Lab::with_seeds(&[1]);
    let mut gone = Worker::this("cpu");
    gone.start -= 1;
    lab.store.claim(None, &gone, LEASE).unwrap().unwrap();
    assert_eq!(lab.store.reclaim(1).unwrap()[0].how, "the process is gone");
    lab.store.claim(None, &Worker::this("cpu"), Duration::ZERO).unwrap().unwrap();
    let lost = lab.store.reclaim(1).unwrap().remove(0);
    assert_eq!((lost.crashes, lost.failed), (2, true));
    let outcome = "its process was lost 2 times without a new checkpoint; the last time: its lease ran out";
    assert_eq!(lab.outcome(lost.run), outcome);
}

#[test]
fn with_no_retries_the_first_loss_is_the_end() {
    let lab = Lab::with_seeds(&[1]);
    let run = lab.exhaust(0);
    assert_eq!(lab.outcome(run), "its process was lost: signal 9");
    assert_eq!(lab.state(run), RunState::Failed);
}

#[test]
fn a_stop_from_outside_is_no_crash() {
    let lab = Lab::with_seeds(&[1]);
    for _ in 0..5 {
        lab.store.let_go(lab.claim().unwrap(), &Ending::Interrupted).unwrap();
    }
    assert_eq!(lab.number("select crashes from run"), 0);
}

#[test]
fn a_person_who_queues_a_run_gives_it_a_new_budget() {
    let lab = Lab::with_seeds(&[1]);
    let run = lab.exhaust(2);
    assert_eq!(lab.store.requeue_failed("sweep").unwrap(), 1);
    assert_eq!(lab.number("select crashes from run"), 0);
    lab.store.crashed(lab.claim().unwrap(), "signal 9", 2).unwrap();
    assert_eq!(lab.state(run), RunState::Queued);
    lab.store.enqueue(&revision("one", &[1], 10)).unwrap();
    assert_eq!(lab.number("select crashes from run"), 0);
}

#[test]
fn only_losses_in_a_row_without_a_new_checkpoint_count() {
    let lab = Lab::with_seeds(&[1]);
    let crash = || lab.store.crashed(lab.claim().unwrap(), "signal 9", 2).unwrap();
    // Six losses, each after an epoch or a pause of its own.
    for number in 1..=3 {
        let hold = lab.claim().unwrap();
        lab.store.record(hold, &epoch(number, vec![loss(1.0)])).unwrap();
        assert_eq!(lab.store.crashed(hold, "signal 9", 2).unwrap().crashes, 1);
        let hold = lab.claim().unwrap();
        let checkpoint = NewArtifact { path: format!("1/{number}-more"), sha256: "s".into(), bytes: 3 };
        lab.store.pause(hold, Epoch(number), u64::from(number) * 4 + 1, &checkpoint).unwrap();
        assert_eq!(lab.store.crashed(hold, "signal 9", 2).unwrap().crashes, 1);
    }
    // Going back to the checkpoint is no progress.
    let hold = lab.claim().unwrap();
    lab.store.rewind(hold, Some(Epoch(3))).unwrap();
    assert_eq!(lab.store.crashed(hold, "signal 9", 2).unwrap().crashes, 2);
    assert!(crash().failed);
}

#[test]
fn the_look_before_training_is_no_progress() {
    let lab = Lab::with_seeds(&[1]);
    for crashes in 1..=3 {
        let hold = lab.claim().unwrap();
        lab.store.record(hold, &epoch(0, vec![ssim(0.5)])).unwrap();
        let lost = lab.store.crashed(hold, "signal 9", 2).unwrap();
        assert_eq!((lost.crashes, lost.failed), (crashes, crashes == 3));
    }
}

#[test]
fn measures_that_are_added_to_past_epochs_are_progress_and_no_measures_are_none() {
    let lab = Lab::with_seeds(&[1]);
    let crash = |values: &[NewValue]| {
        let hold = lab.claim().unwrap();
        lab.store.fill(hold, Epoch(2), 8, &[protocol()], values).unwrap();
        lab.store.crashed(hold, "signal 9", 9).unwrap().crashes
    };
    assert_eq!([crash(&[]), crash(&[]), crash(&[ssim(0.5)]), crash(&[])], [1, 2, 1, 2]);
}

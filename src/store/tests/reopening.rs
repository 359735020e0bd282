use super::*;

/// The epochs of each series, and of the image grids.
fn epochs(fixture: &Fixture) -> Vec<Vec<u32>> {
    let series = fixture.store.series(RunId(1)).unwrap();
    let mut epochs: Vec<Vec<u32>> =
        series.iter().map(|series| series.curve.points().iter().map(|(epoch, _)| epoch.0).collect()).collect();
    epochs.push(fixture.store.image_grids(RunId(1)).unwrap().iter().map(|grid| grid.epoch.0).collect());
    epochs
}

/// Trains the run for these epochs, and evaluates it every 2 epochs and after the last.
fn train(fixture: &Fixture, epochs: std::ops::RangeInclusive<u32>) {
    let lease = fixture.claim();
    let last = *epochs.end();
    for number in epochs {
        let mut record = epoch(number, vec![d_loss(f64::from(number))]);
        match number % 2 == 0 || number == last {
            true => record.values.push(ssim(f64::from(number))),
            false => record.image_grids.clear(),
        }
        fixture.store.record_epoch(lease, &record).unwrap();
    }
    let convergence = NewConvergence {
        metric: "ssim".into(),
        protocol: protocol().id(),
        rule: "{}".into(),
        result: RuleResult::Censored { at: Epoch(last), why: "unconfirmed" },
        images: None,
        device_seconds: None,
    };
    fixture.store.record_convergence(lease, &[convergence]).unwrap();
    fixture.store.release(lease, &AttemptOutcome::Finished { weights: "w".into() }).unwrap();
}

#[test]
fn a_reopened_run_deletes_the_evaluation_that_the_longer_run_would_not_have() {
    let (stopped, straight) = (Fixture::with_seeds(&[]), Fixture::with_seeds(&[]));
    stopped.store.enqueue(&plain("one", &[1], 5)).unwrap();
    train(&stopped, 0..=5);
    assert_eq!(epochs(&stopped), [vec![0, 1, 2, 3, 4, 5], vec![0, 2, 4, 5], vec![0, 2, 4, 5]]);
    assert_eq!(stopped.store.enqueue(&plain("one", &[1], 8)).unwrap().reopened, 1);
    assert_eq!(epochs(&stopped), [vec![0, 1, 2, 3, 4, 5], vec![0, 2, 4], vec![0, 2, 4]]);
    assert_eq!(stopped.number("select count(*) from convergence"), 0);
    assert_eq!(stopped.number("select max_epoch from summary join series on id = series where metric = 'ssim'"), 4);
    assert_eq!(stopped.store.run(RunId(1)).unwrap().unwrap().weights, "");
    train(&stopped, 6..=8);

    straight.store.enqueue(&plain("one", &[1], 8)).unwrap();
    train(&straight, 0..=8);
    assert_eq!(epochs(&stopped), epochs(&straight));
    assert_eq!(stopped.number("select count(*) from convergence"), 1);
}

#[test]
fn an_earlier_horizon_changes_nothing_and_is_counted() {
    let fixture = Fixture::with_seeds(&[]);
    fixture.store.enqueue(&plain("one", &[1], 5)).unwrap();
    train(&fixture, 0..=5);
    let before = epochs(&fixture);
    let done = fixture.store.enqueue(&plain("one", &[1], 3)).unwrap();
    assert_eq!((done.kept, done.reopened, done.longer), (1, 0, 1));
    assert_eq!(fixture.state(RunId(1)), RunState::Finished);
    assert_eq!(epochs(&fixture), before);
    assert_eq!(fixture.number("select horizon from run"), 5);
}

#[test]
fn a_run_continues_to_a_horizon_that_was_moved_during_training() {
    let fixture = Fixture::with_seeds(&[]);
    fixture.store.enqueue(&plain("one", &[1], 5)).unwrap();
    let lease = fixture.claim();
    fixture.store.record_epoch(lease, &epoch(5, vec![ssim(1.0)])).unwrap();
    fixture.store.enqueue(&plain("one", &[1], 8)).unwrap();
    assert_eq!(fixture.state(RunId(1)), RunState::Running);
    fixture.store.release(lease, &AttemptOutcome::Finished { weights: "w".into() }).unwrap();
    assert_eq!(fixture.state(RunId(1)), RunState::Queued);
    assert!(fixture.store.series(RunId(1)).unwrap().is_empty());
}

use super::*;

impl Lab {
    /// Trains the run to `last` from `first` on, looking at held-out items every 2 epochs and after the last.
    fn train(&self, epochs: std::ops::RangeInclusive<u32>) {
        let hold = self.claim().unwrap();
        let last = *epochs.end();
        for number in epochs {
            let mut record = epoch(number, vec![loss(f64::from(number))]);
            match number % 2 == 0 || number == last {
                true => record.values.push(ssim(f64::from(number))),
                false => record.pictures.clear(),
            }
            self.store.record(hold, &record).unwrap();
        }
        let convergence = NewConvergence {
            metric: "ssim".into(),
            protocol: protocol().id(),
            rule: "{}".into(),
            reached: Err((Epoch(last), "unconfirmed")),
        };
        self.store.record_convergence(hold, &[convergence]).unwrap();
        self.store.let_go(hold, &Ending::Finished { weights: "w".into() }).unwrap();
    }

    /// The epochs of each series and of the pictures.
    fn epochs(&self) -> Vec<Vec<u32>> {
        let series = self.store.series(RunId(1)).unwrap();
        let mut epochs: Vec<Vec<u32>> =
            series.iter().map(|series| series.curve.points().iter().map(|(epoch, _)| epoch.0).collect()).collect();
        epochs.push(self.store.pictures(RunId(1)).unwrap().iter().map(|picture| picture.epoch.0).collect());
        epochs
    }
}

#[test]
fn a_reopened_run_forgets_the_look_that_the_longer_run_would_not_have_had() {
    let (stopped, at_once) = (Lab::with_seeds(&[]), Lab::with_seeds(&[]));
    stopped.store.enqueue(&revision("one", &[1], 5)).unwrap();
    stopped.train(0..=5);
    assert_eq!(stopped.epochs(), [vec![0, 1, 2, 3, 4, 5], vec![0, 2, 4, 5], vec![0, 2, 4, 5]]);
    assert_eq!(stopped.store.enqueue(&revision("one", &[1], 8)).unwrap().reopened, 1);
    assert_eq!(stopped.epochs(), [vec![0, 1, 2, 3, 4, 5], vec![0, 2, 4], vec![0, 2, 4]]);
    assert_eq!(stopped.number("select count(*) from convergence"), 0);
    assert_eq!(stopped.number("select max_epoch from summary join series on id = series where metric = 'ssim'"), 4);
    assert_eq!(stopped.store.run(RunId(1)).unwrap().unwrap().weights, "");
    stopped.train(6..=8);

    at_once.store.enqueue(&revision("one", &[1], 8)).unwrap();
    at_once.train(0..=8);
    assert_eq!(stopped.epochs(), at_once.epochs());
    assert_eq!(stopped.number("select count(*) from convergence"), 1);
}

#[test]
fn an_earlier_horizon_loses_nothing_and_is_counted() {
    let lab = Lab::with_seeds(&[]);
    lab.store.enqueue(&revision("one", &[1], 5)).unwrap();
    lab.train(0..=5);
    let epochs = lab.epochs();
    let done = lab.store.enqueue(&revision("one", &[1], 3)).unwrap();
    assert_eq!((done.kept, done.reopened, done.longer), (1, 0, 1));
    assert_eq!(lab.state(RunId(1)), RunState::Finished);
    assert_eq!(lab.epochs(), epochs);
    assert_eq!(lab.number("select horizon from run"), 5);
}

#[test]
fn a_horizon_that_moves_while_a_run_is_in_training_is_gone_on_to() {
    let lab = Lab::with_seeds(&[]);
    lab.store.enqueue(&revision("one", &[1], 5)).unwrap();
    let hold = lab.claim().unwrap();
    lab.store.record(hold, &epoch(5, vec![ssim(1.0)])).unwrap();
    lab.store.enqueue(&revision("one", &[1], 8)).unwrap();
    assert_eq!(lab.state(RunId(1)), RunState::Running);
    lab.store.let_go(hold, &Ending::Finished { weights: "w".into() }).unwrap();
    assert_eq!(lab.state(RunId(1)), RunState::Queued);
    assert!(lab.store.series(RunId(1)).unwrap().is_empty());
}

use super::*;
use crate::store::lab::{Lab, epoch, revision};
use crate::store::{Ending, RunState};

/// No run.
const NONE: [i64; 0] = [];

fn metrics() -> Vec<String> {
    vec!["ssim".to_owned(), "d_loss".to_owned()]
}

fn numbers_of(lab: &Lab, filter: &Filter) -> Vec<i64> {
    lab.store.list(filter).unwrap().into_iter().map(|run| run.run.0).collect()
}

fn where_(lab: &Lab, conditions: &[&str]) -> Vec<i64> {
    let conditions = conditions.iter().map(|text| Condition::parse(text, &metrics()).unwrap()).collect();
    numbers_of(lab, &Filter { conditions, ..Filter::default() })
}

#[test]
fn a_run_is_stale_when_it_is_called_running_and_its_lease_is_over() {
    let lab = Lab::new();
    lab.scatter();
    let words: Vec<&str> = lab.standings().into_iter().map(Standing::as_str).collect();
    assert_eq!(words, ["finished", "diverged", "failed", "running", "stale", "queued"]);
    assert_eq!(lab.store.run(RunId(5)).unwrap().unwrap().state, RunState::Running, "what is kept is running");
    let shown = lab.store.read("test", async |db| {
        sqlx::query_scalar::<_, String>("select state from runs order by run").fetch_all(db).await
    });
    assert_eq!(shown.unwrap(), words, "the view says the same");
}

#[test]
fn runs_are_chosen_by_method_state_and_tag() {
    let lab = Lab::new();
    lab.scatter();
    let add = super::super::Change::Tag { add: vec!["keep".into()], remove: Vec::new() };
    lab.change(&[2, 3], &add);
    let by = |filter: Filter| numbers_of(&lab, &filter);
    assert_eq!(by(Filter { methods: vec!["JEM-VGG".into(), "GAN-CLS".into()], ..Filter::default() }), [1, 2, 5, 6]);
    assert_eq!(
        by(Filter { states: vec![Standing::Stale, Standing::Is(RunState::Failed)], ..Filter::default() }),
        [3, 5]
    );
    assert_eq!(by(Filter { tags: vec!["keep".into()], methods: vec!["GAN-CLS".into()], ..Filter::default() }), [2]);
    assert_eq!(by(Filter { tags: vec!["keep".into(), "other".into()], ..Filter::default() }), NONE);
    assert_eq!(by(Filter { experiment: Some("other".into()), ..Filter::default() }), NONE);
}

#[test]
fn runs_are_chosen_by_settings_of_every_kind() {
    let lab = Lab::new();
    assert_eq!(where_(&lab, &["train.batch = 32"]), [3, 4]);
    assert_eq!(where_(&lab, &["train.batch != 32"]), [1, 2, 5, 6]);
    assert_eq!(where_(&lab, &["train.batch < 32"]), [1, 2]);
    assert_eq!(where_(&lab, &["train.batch <= 32.0"]), [1, 2, 3, 4]);
    assert_eq!(where_(&lab, &["train.batch > 16", "seed = 2"]), [4, 6]);
    assert_eq!(where_(&lab, &["train.batch >= 31.5", "image.flip = false"]), [3, 4, 5, 6]);
    assert_eq!(where_(&lab, &["guide.network = none"]), NONE, "a run that lacks a setting meets no condition on it");
    assert_eq!(where_(&lab, &["guide.network != none"]), NONE);
}

#[test]
fn settings_that_a_later_file_changes_are_the_ones_that_count() {
    let lab = Lab::new();
    let mut later = revision(&["GAN-CLS", "JEM-AlexNet", "JEM-VGG"]);
    later.hash = "later".into();
    later.cells[1].settings = r#"{"train.batch":{"value":7,"from":"--set"}}"#.into();
    lab.store.enqueue(&later).unwrap();
    assert_eq!(where_(&lab, &["train.batch = 32"]), NONE);
    assert_eq!(where_(&lab, &["train.batch = 7"]), [3, 4]);
    assert_eq!(where_(&lab, &["image.flip = false"]), [5, 6]);
}

#[test]
fn runs_are_chosen_by_last_and_best_values_and_epoch() {
    let lab = Lab::new();
    for values in [[(0.2, 1.0), (0.6, f64::NAN)], [(0.9, 1.0), (0.5, f64::INFINITY)]] {
        let hold = lab.take(std::time::Duration::from_secs(60));
        for (number, (ssim, loss)) in (1..).zip(values) {
            lab.store.record(hold, &epoch(number, ssim, loss)).unwrap();
        }
        lab.store.let_go(hold, &Ending::Finished { weights: "w".into() }).unwrap();
    }
    assert_eq!(where_(&lab, &["metric.ssim > 0.5"]), [1]);
    assert_eq!(where_(&lab, &["metric.ssim.best > 0.5"]), [1, 2]);
    assert_eq!(where_(&lab, &["metric.ssim.best >= 0.9", "epoch = 2"]), [2]);
    assert_eq!(where_(&lab, &["metric.d_loss < 5"]), NONE, "a NaN is below nothing");
    assert_eq!(where_(&lab, &["metric.d_loss > 5"]), [2]);
    assert_eq!(where_(&lab, &["metric.d_loss.best > 0"]), NONE, "neither end of a loss is best");
    let ssim = lab.store.summaries("ssim", None).unwrap();
    assert_eq!((ssim[&RunId(2)].last, ssim[&RunId(2)].best), ((Epoch(2), 0.5), Some((Epoch(1), 0.9))));
    let loss = lab.store.summaries("d_loss", Some(&[RunId(1)])).unwrap();
    assert!(loss.len() == 1 && loss[&RunId(1)].last.1.is_nan());
}

#[test]
fn runs_that_only_older_revisions_have_are_listed_when_all_are_asked_for_or_by_number() {
    let lab = Lab::new();
    let mut newer = revision(&["renamed"]);
    newer.seeds = vec![2, 3];
    lab.store.enqueue(&newer).unwrap();
    assert_eq!(numbers_of(&lab, &Filter::default()), [2, 7]);
    let all = lab.store.list(&Filter { older: true, ..Filter::default() }).unwrap();
    let labels: Vec<(i64, &str)> = all.iter().map(|run| (run.run.0, run.method.as_str())).collect();
    let expected = [
        (1, "GAN-CLS"),
        (2, "renamed"),
        (7, "renamed"),
        (3, "JEM-AlexNet"),
        (4, "JEM-AlexNet"),
        (5, "JEM-VGG"),
        (6, "JEM-VGG"),
    ];
    assert_eq!(labels, expected);
    assert_eq!(numbers_of(&lab, &Filter { runs: vec![RunId(5)], ..Filter::default() }), [5]);
    assert_eq!(lab.store.detail(RunId(1)).unwrap().unwrap().listed[0].method, "GAN-CLS");
}

#[test]
fn a_run_that_two_experiments_have_is_listed_for_each() {
    let lab = Lab::new();
    let mut other = revision(&["baseline"]);
    other.name = "other".into();
    lab.store.enqueue(&other).unwrap();
    let labels: Vec<String> =
        lab.store.detail(RunId(1)).unwrap().unwrap().listed.iter().map(|run| run.method.clone()).collect();
    assert_eq!(labels, ["baseline", "GAN-CLS"]);
    assert_eq!(lab.change(&[1], &super::super::Change::Cancel).changed.len(), 1);
}

#[test]
fn runs_of_older_revisions_alone_are_counted_chosen_and_taken_last() {
    let lab = Lab::new();
    let left = || lab.store.superseded(None).unwrap();
    assert_eq!(left(), []);
    let waiting = lab.take(std::time::Duration::from_secs(60));
    let mut newer = revision(&["GAN-CLS", "JEM-AlexNet"]);
    newer.seeds = vec![2, 3];
    lab.store.enqueue(&newer).unwrap();
    // Run 5 and 6 are of a cell that is gone, 1 and 3 of a seed; 1 is running.
    let of =
        |revision, queued, running| super::super::Superseded { experiment: "sweep".into(), revision, queued, running };
    assert_eq!(left(), [of(1, 3, 1)]);
    let superseded = || numbers_of(&lab, &Filter { superseded: true, ..Filter::default() });
    assert_eq!(superseded(), [1, 3, 5, 6]);
    assert_eq!(lab.store.superseded(Some("other")).unwrap(), []);
    // Another experiment that has them now makes them wanted again.
    let mut other = revision(&["a", "b", "c"]);
    other.name = "other".into();
    other.seeds = vec![1];
    lab.store.enqueue(&other).unwrap();
    assert_eq!((left(), superseded()), (vec![of(1, 1, 0)], vec![6]));
    lab.store.let_go(waiting, &Ending::Interrupted).unwrap();
    let taken = std::iter::from_fn(|| {
        lab.store.claim(None, &crate::store::Worker::this("cpu"), std::time::Duration::from_secs(60)).unwrap()
    });
    let taken: Vec<i64> = taken.map(|hold| hold.run.0).collect();
    assert_eq!(taken, [1, 2, 3, 4, 5, 7, 8, 6]);
}

use super::*;
use crate::store::fixture::{Fixture, epoch, revision};
use crate::store::{AttemptOutcome, RunState};

/// No run.
const NONE: [i64; 0] = [];

fn metrics() -> Vec<String> {
    vec!["ssim".to_owned(), "d_loss".to_owned()]
}

fn numbers_of(fixture: &Fixture, filter: &Filter) -> Vec<i64> {
    fixture.store.list(filter).unwrap().into_iter().map(|run| run.run.0).collect()
}

fn where_(fixture: &Fixture, conditions: &[&str]) -> Vec<i64> {
    let conditions = conditions.iter().map(|text| Condition::parse(text, &metrics()).unwrap()).collect();
    numbers_of(fixture, &Filter { conditions, ..Filter::default() })
}

#[test]
fn a_running_run_with_an_expired_lease_is_stale() {
    let fixture = Fixture::new();
    fixture.end_runs();
    let words: Vec<&str> = fixture.statuses().into_iter().map(RunStatus::as_str).collect();
    assert_eq!(words, ["finished", "diverged", "failed", "running", "stale", "queued"]);
    assert_eq!(fixture.store.run(RunId(5)).unwrap().unwrap().state, RunState::Running, "the stored state is running");
    let shown = fixture.store.read("test", async |db| {
        sqlx::query_scalar::<_, String>("select state from runs order by run").fetch_all(db).await
    });
    assert_eq!(shown.unwrap(), words, "the view shows the same");
}

#[test]
fn runs_are_filtered_by_method_status_and_tag() {
    let fixture = Fixture::new();
    fixture.end_runs();
    let add = crate::store::Change::Tag { add: vec!["keep".into()], remove: Vec::new() };
    fixture.change(&[2, 3], &add);
    let by = |filter: Filter| numbers_of(&fixture, &filter);
    assert_eq!(by(Filter { methods: vec!["JEM-VGG".into(), "GAN-CLS".into()], ..Filter::default() }), [1, 2, 5, 6]);
    assert_eq!(
        by(Filter { states: vec![RunStatus::Stale, RunStatus::State(RunState::Failed)], ..Filter::default() }),
        [3, 5]
    );
    assert_eq!(by(Filter { tags: vec!["keep".into()], methods: vec!["GAN-CLS".into()], ..Filter::default() }), [2]);
    assert_eq!(by(Filter { tags: vec!["keep".into(), "other".into()], ..Filter::default() }), NONE);
    assert_eq!(by(Filter { experiment: Some("other".into()), ..Filter::default() }), NONE);
}

#[test]
fn runs_are_filtered_by_settings_of_every_kind() {
    let fixture = Fixture::new();
    assert_eq!(where_(&fixture, &["train.batch = 32"]), [3, 4]);
    assert_eq!(where_(&fixture, &["train.batch != 32"]), [1, 2, 5, 6]);
    assert_eq!(where_(&fixture, &["train.batch < 32"]), [1, 2]);
    assert_eq!(where_(&fixture, &["train.batch <= 32.0"]), [1, 2, 3, 4]);
    assert_eq!(where_(&fixture, &["train.batch > 16", "seed = 2"]), [4, 6]);
    assert_eq!(where_(&fixture, &["train.batch >= 31.5", "image.flip = false"]), [3, 4, 5, 6]);
    assert_eq!(where_(&fixture, &["guide.network = none"]), NONE, "a run without a setting fulfils no condition on it");
    assert_eq!(where_(&fixture, &["guide.network != none"]), NONE);
}

#[test]
fn the_latest_settings_are_used() {
    let fixture = Fixture::new();
    let mut later = revision(&["GAN-CLS", "JEM-AlexNet", "JEM-VGG"]);
    later.hash = "later".into();
    later.cells[1].settings = r#"{"train.batch":{"value":7,"from":"--set"}}"#.into();
    fixture.store.enqueue(&later).unwrap();
    assert_eq!(where_(&fixture, &["train.batch = 32"]), NONE);
    assert_eq!(where_(&fixture, &["train.batch = 7"]), [3, 4]);
    assert_eq!(where_(&fixture, &["image.flip = false"]), [5, 6]);
}

#[test]
fn runs_are_filtered_by_last_and_best_values_and_epoch() {
    let fixture = Fixture::new();
    for values in [[(0.2, 1.0), (0.6, f64::NAN)], [(0.9, 1.0), (0.5, f64::INFINITY)]] {
        let lease = fixture.claim();
        for (number, (ssim, loss)) in (1..).zip(values) {
            fixture.store.record_epoch(lease, &epoch(number, ssim, loss)).unwrap();
        }
        fixture.store.release(lease, &AttemptOutcome::Finished { weights: "w".into() }).unwrap();
    }
    assert_eq!(where_(&fixture, &["metric.ssim > 0.5"]), [1]);
    assert_eq!(where_(&fixture, &["metric.ssim.best > 0.5"]), [1, 2]);
    assert_eq!(where_(&fixture, &["metric.ssim.best >= 0.9", "epoch = 2"]), [2]);
    assert_eq!(where_(&fixture, &["metric.d_loss < 5"]), NONE, "a NaN is not less than a number");
    assert_eq!(where_(&fixture, &["metric.d_loss > 5"]), [2]);
    assert_eq!(where_(&fixture, &["metric.d_loss.best > 0"]), NONE, "a neutral metric has no best value");
    let ssim = fixture.store.summaries("ssim", None).unwrap();
    assert_eq!((ssim[&RunId(2)].last, ssim[&RunId(2)].best), ((Epoch(2), 0.5), Some((Epoch(1), 0.9))));
    let loss = fixture.store.summaries("d_loss", Some(&[RunId(1)])).unwrap();
    assert!(loss.len() == 1 && loss[&RunId(1)].last.1.is_nan());
}

#[test]
fn runs_of_older_revisions_are_listed_on_request_or_by_number() {
    let fixture = Fixture::new();
    let mut newer = revision(&["renamed"]);
    newer.seeds = vec![2, 3];
    fixture.store.enqueue(&newer).unwrap();
    assert_eq!(numbers_of(&fixture, &Filter::default()), [2, 7]);
    let all = fixture.store.list(&Filter { older: true, ..Filter::default() }).unwrap();
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
    assert_eq!(numbers_of(&fixture, &Filter { runs: vec![RunId(5)], ..Filter::default() }), [5]);
    assert_eq!(fixture.store.detail(RunId(1)).unwrap().unwrap().listed[0].method, "GAN-CLS");
}

#[test]
fn a_run_that_two_experiments_have_is_listed_for_each() {
    let fixture = Fixture::new();
    let mut other = revision(&["baseline"]);
    other.name = "other".into();
    fixture.store.enqueue(&other).unwrap();
    let labels: Vec<String> =
        fixture.store.detail(RunId(1)).unwrap().unwrap().listed.iter().map(|run| run.method.clone()).collect();
    assert_eq!(labels, ["baseline", "GAN-CLS"]);
    assert_eq!(fixture.change(&[1], &crate::store::Change::Cancel).changed.len(), 1);
}

#[test]
fn superseded_runs_are_counted_filtered_and_claimed_last() {
    let fixture = Fixture::new();
    let remaining = || fixture.store.superseded(None).unwrap();
    assert_eq!(remaining(), []);
    let running = fixture.claim();
    let mut newer = revision(&["GAN-CLS", "JEM-AlexNet"]);
    newer.seeds = vec![2, 3];
    fixture.store.enqueue(&newer).unwrap();
    // Runs 5 and 6 are of a removed cell, 1 and 3 of a removed seed; 1 is running.
    let of = |revision, queued, running| crate::store::SupersededRuns {
        experiment: "sweep".into(),
        revision,
        queued,
        running,
    };
    assert_eq!(remaining(), [of(1, 3, 1)]);
    let superseded = || numbers_of(&fixture, &Filter { superseded: true, ..Filter::default() });
    assert_eq!(superseded(), [1, 3, 5, 6]);
    assert_eq!(fixture.store.superseded(Some("other")).unwrap(), []);
    // Runs that another experiment has are not superseded.
    let mut other = revision(&["a", "b", "c"]);
    other.name = "other".into();
    other.seeds = vec![1];
    fixture.store.enqueue(&other).unwrap();
    assert_eq!((remaining(), superseded()), (vec![of(1, 1, 0)], vec![6]));
    fixture.store.release(running, &AttemptOutcome::Interrupted).unwrap();
    let claimed: Vec<i64> = std::iter::from_fn(|| fixture.try_claim()).map(|lease| lease.run.0).collect();
    assert_eq!(claimed, [1, 2, 3, 4, 5, 7, 8, 6]);
}

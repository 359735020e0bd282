//! The results of convergence rules: an epoch, why it is unknown, or a number.

use sqlx::SqliteConnection;

use crate::measure::{Epoch, ProtocolId};
use crate::store::{Lease, RunId, Store, StoreError};

/// The result of one rule for a series.
#[derive(Clone, Debug, PartialEq)]
pub struct NewConvergence {
    /// The series' metric.
    pub metric: String,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// The rule, as JSON.
    pub rule: String,
    /// The result.
    pub result: RuleResult,
    /// Training images seen up to the epoch of the result, if the result has an epoch.
    pub images: Option<u64>,
    /// Seconds of training up to that epoch, without evaluations, if they are known.
    pub device_seconds: Option<f64>,
}

/// What a rule finds in a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RuleResult {
    /// The epoch of convergence and the evaluation before it.
    Reached {
        /// The epoch.
        epoch: Epoch,
        /// The evaluation before it.
        after: Epoch,
    },
    /// The epoch is unknown.
    Censored {
        /// The last evaluation, or the horizon of a diverged run.
        at: Epoch,
        /// Why it is unknown.
        why: &'static str,
    },
    /// A finite number, of a rule that gives one.
    Value(f64),
}

/// A run that finished or diverged, as it was read. If it is trained again, its fencing number changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedRun {
    /// The run.
    pub run: RunId,
    fence: i64,
}

impl Store {
    /// Records results of rules. They replace the earlier results for the same series and rules.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn record_convergence(&self, lease: Lease, results: &[NewConvergence]) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot record convergence", async |db| replace(db, lease.run, results).await)
    }

    /// The runs that finished or diverged, by number.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn ended_runs(&self) -> Result<Vec<EndedRun>, StoreError> {
        let rows: Vec<(i64, i64)> = self.read("cannot read the ended runs", async |db| {
            sqlx::query_as("select id, fence from run where state in ('finished', 'diverged') order by id")
                .fetch_all(db)
                .await
        })?;
        Ok(rows.into_iter().map(|(run, fence)| EndedRun { run: RunId(run), fence }).collect())
    }

    /// Records results of rules for ended runs, in one transaction. They replace the earlier results for the same series
    /// and rules. Returns the runs that were queued again since they were read; nothing is written for these.
    ///
    /// # Errors
    ///
    /// If the database cannot be written; nothing is then changed.
    pub fn record_convergence_of_ended(
        &self,
        results: &[(EndedRun, Vec<NewConvergence>)],
    ) -> Result<Vec<RunId>, StoreError> {
        self.write("cannot record convergence", async |db| {
            let mut changed = Vec::new();
            for (ended, results) in results {
                let has_ended: bool = sqlx::query_scalar(
                    "select exists (
                         select 1 from run where id = ? and fence = ? and state in ('finished', 'diverged')
                     )",
                )
                .bind(ended.run.0)
                .bind(ended.fence)
                .fetch_one(&mut *db)
                .await?;
                match has_ended {
                    true => replace(db, ended.run, results).await?,
                    false => changed.push(ended.run),
                }
            }
            Ok(changed)
        })
    }
}

/// Replaces the results of these rules for series of a run. A result for a series that does not exist is ignored.
async fn replace(db: &mut SqliteConnection, run: RunId, results: &[NewConvergence]) -> Result<(), sqlx::Error> {
    for new in results {
        let (mut reached, mut after, mut censored_at, mut why, mut value) = (None, None, None, None, None);
        match new.result {
            RuleResult::Reached { epoch, after: before } => (reached, after) = (Some(epoch.0), Some(before.0)),
            RuleResult::Censored { at, why: reason } => (censored_at, why) = (Some(at.0), Some(reason)),
            RuleResult::Value(number) => value = Some(number),
        }
        let images = new.images.map(i64::try_from).transpose().map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query(
            "insert or replace into convergence
                 (series, rule, reached, after, censored_at, why, value, images, device_seconds)
             select id, ?, ?, ?, ?, ?, ?, ?, ? from series where run = ? and metric = ? and protocol = ?",
        )
        .bind(&new.rule)
        .bind(reached)
        .bind(after)
        .bind(censored_at)
        .bind(why)
        .bind(value)
        .bind(images)
        .bind(new.device_seconds)
        .bind(run.0)
        .bind(&new.metric)
        .bind(new.protocol.as_str())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Fixture, epoch, protocol};
    use crate::store::{AttemptOutcome, RunState};

    const RULE: &str = r#"{"rule":"plateau","version":1,"delta":0.01,"patience":5,"smooth":"none"}"#;

    fn result(result: RuleResult) -> NewConvergence {
        NewConvergence {
            metric: "ssim".into(),
            protocol: protocol().id(),
            rule: RULE.into(),
            result,
            images: Some(640),
            device_seconds: Some(2.5),
        }
    }

    fn reached(epoch: u32, after: u32) -> RuleResult {
        RuleResult::Reached { epoch: Epoch(epoch), after: Epoch(after) }
    }

    /// Run 1 finished with an SSIM.
    fn finished() -> Fixture {
        let fixture = Fixture::with_seeds(&[1]);
        let lease = fixture.claim();
        fixture.store.record_epoch(lease, &epoch(10, 0.5, 1.0)).unwrap();
        fixture.store.release(lease, &AttemptOutcome::Finished { weights: "w".into() }).unwrap();
        fixture
    }

    #[test]
    fn the_results_of_ended_runs_are_written_and_replaced() {
        let fixture = finished();
        let [ended] = fixture.store.ended_runs().unwrap()[..] else { panic!("one run") };
        for at in [8, 6, 6] {
            let written = fixture.store.record_convergence_of_ended(&[(ended, vec![result(reached(at, 4))])]);
            assert_eq!(written.unwrap(), []);
        }
        assert_eq!(fixture.number("select count(*) from convergence"), 1);
        let expected = "select count(*) from convergence_epochs
             where reached = 6 and after = 4 and images = 640 and device_seconds = 2.5 and why is null";
        assert_eq!(fixture.number(expected), 1);
    }

    #[test]
    fn a_result_is_an_epoch_a_reason_or_a_number() {
        let fixture = finished();
        let ended = fixture.store.ended_runs().unwrap()[0];
        let censored = RuleResult::Censored { at: Epoch(10), why: "no-improvement" };
        for new in [reached(6, 4), censored, RuleResult::Value(0.25)] {
            fixture.store.record_convergence_of_ended(&[(ended, vec![result(new)])]).unwrap();
        }
        assert_eq!(fixture.number("select count(*) from convergence where value = 0.25 and reached is null"), 1);
        let other = NewConvergence { metric: "kid".into(), ..result(reached(6, 4)) };
        fixture.store.record_convergence_of_ended(&[(ended, vec![other])]).unwrap();
        assert_eq!(fixture.number("select count(*) from convergence"), 1, "the run has no such series");
    }

    #[test]
    fn nothing_is_written_for_a_run_that_is_trained_again() {
        let fixture = finished();
        let ended = fixture.store.ended_runs().unwrap()[0];
        let write = || fixture.store.record_convergence_of_ended(&[(ended, vec![result(reached(6, 4))])]).unwrap();
        fixture.store.enqueue(&crate::store::fixture::plain("one", &[1], 20)).unwrap();
        assert_eq!(fixture.state(RunId(1)), RunState::Queued);
        assert_eq!(write(), [RunId(1)]);
        // Trained again and finished: the values that were read before are old.
        let lease = fixture.claim();
        assert_eq!(write(), [RunId(1)]);
        fixture.store.record_epoch(lease, &epoch(20, 0.6, 1.0)).unwrap();
        fixture.store.release(lease, &AttemptOutcome::Finished { weights: "v".into() }).unwrap();
        assert_eq!(write(), [RunId(1)]);
        assert_eq!(fixture.number("select count(*) from convergence"), 0);
        assert_ne!(fixture.store.ended_runs().unwrap()[0], ended);
    }

    #[test]
    fn only_finished_and_diverged_runs_have_ended() {
        let fixture = Fixture::new();
        fixture.end_runs();
        let ended = fixture.store.ended_runs().unwrap();
        assert_eq!(ended.iter().map(|ended| ended.run.0).collect::<Vec<_>>(), [1, 2]);
    }
}

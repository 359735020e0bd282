//! Runs that wait or run though no newest revision of an experiment has them any more.

use super::{Store, StoreError};

/// The runs of one older revision that are not over, and that no newest revision of any experiment has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// The experiment.
    pub experiment: String,
    /// The newest revision of it that has them.
    pub revision: u32,
    /// How many of them wait in the queue.
    pub queued: u64,
    /// How many of them are called running.
    pub running: u64,
}

impl Store {
    /// What is left to train of older revisions, of one experiment or of all, by experiment and revision.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn superseded(&self, experiment: Option<&str>) -> Result<Vec<Superseded>, StoreError> {
        let rows: Vec<(String, u32, i64, i64)> =
            self.read("the runs of older revisions cannot be read", async |db| {
                sqlx::query_as(
                    "select name, number, sum(state = 'queued'), sum(state = 'running') from (
                         select experiment.name, max(revision.number) as number, run.state
                         from run
                         join revision_cell on revision_cell.cell = run.cell
                         join experiment_revision as revision on revision.id = revision_cell.revision
                         join experiment on experiment.id = revision.experiment
                         where run.state in ('queued', 'running')
                             and (?1 is null or experiment.name = ?1)
                             and run.seed in (select value from json_each(revision_cell.seeds))
                             and run.id not in (select run from newest_run)
                         group by experiment.id, run.id
                     ) group by name, number order by name, number",
                )
                .bind(experiment)
                .fetch_all(db)
                .await
            })?;
        let counted = |(experiment, revision, queued, running): (String, u32, i64, i64)| Superseded {
            experiment,
            revision,
            queued: queued.unsigned_abs(),
            running: running.unsigned_abs(),
        };
        Ok(rows.into_iter().map(counted).collect())
    }
}

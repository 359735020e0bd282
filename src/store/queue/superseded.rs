//! Queued and running runs that no newest revision of an experiment has any more.

use crate::store::{Store, StoreError};

/// The runs of one older revision that have not ended, and that no newest revision of any experiment has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupersededRuns {
    /// The experiment.
    pub experiment: String,
    /// Its newest revision that has them.
    pub revision: u32,
    /// The number of queued ones.
    pub queued: u64,
    /// The number of ones in state `running`.
    pub running: u64,
}

impl Store {
    /// The remaining runs of older revisions, of one experiment or of all, by experiment and revision.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn superseded(&self, experiment: Option<&str>) -> Result<Vec<SupersededRuns>, StoreError> {
        let rows: Vec<(String, u32, i64, i64)> = self.read("cannot read the runs of older revisions", async |db| {
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
        let counted = |(experiment, revision, queued, running): (String, u32, i64, i64)| SupersededRuns {
            experiment,
            revision,
            queued: queued.unsigned_abs(),
            running: running.unsigned_abs(),
        };
        Ok(rows.into_iter().map(counted).collect())
    }
}

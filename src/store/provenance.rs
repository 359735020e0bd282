//! Where an attempt's results came from.

use super::queue::held;
use super::{Hold, RunId, Store, StoreError};

impl Store {
    /// Records the provenance of an attempt, a JSON object.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now.
    pub fn record_provenance(&self, hold: Hold, json: &str) -> Result<(), StoreError> {
        let what = "the provenance of a run cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let recorded = sqlx::query(
                "insert or replace into provenance (attempt, json)
                 select ?, ? from run where id = ? and fence = ? and state = 'running'",
            )
            .bind(hold.attempt)
            .bind(json)
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(db)
            .await
            .map_err(&failed)?;
            held(hold, recorded.rows_affected())
        })
    }

    /// The provenance of a run's attempts, the first one first.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn provenance(&self, run: RunId) -> Result<Vec<serde_json::Value>, StoreError> {
        let rows = self.runtime.block_on(
            sqlx::query_scalar(
                "select json from provenance join attempt on attempt.id = provenance.attempt
                 where attempt.run = ? order by attempt.fence",
            )
            .bind(run.0)
            .fetch_all(&self.pool),
        );
        let rows: Vec<String> = rows.map_err(self.sql("the provenance of a run cannot be read"))?;
        let parse = |json: &String| {
            serde_json::from_str(json).map_err(|error| self.bad_row(format!("the provenance of run {run}"), error))
        };
        rows.iter().map(parse).collect()
    }
}

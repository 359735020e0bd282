//! The provenance of an attempt's results.

use crate::store::{Lease, RunId, Store, StoreError};

impl Store {
    /// Records the provenance of an attempt, a JSON object. It replaces an earlier one.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost.
    pub fn record_provenance(&self, lease: Lease, json: &str) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot record the provenance of a run", async |db| {
            let insert = sqlx::query("insert or replace into provenance (attempt, json) values (?, ?)");
            insert.bind(lease.attempt).bind(json).execute(db).await.map(drop)
        })
    }

    /// The provenance of a run's attempts, in order.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn provenance(&self, run: RunId) -> Result<Vec<serde_json::Value>, StoreError> {
        let rows: Vec<String> = self.read("cannot read the provenance of a run", async |db| {
            sqlx::query_scalar(
                "select json from provenance join attempt on attempt.id = provenance.attempt
                 where attempt.run = ? order by attempt.fence",
            )
            .bind(run.0)
            .fetch_all(db)
            .await
        })?;
        let parse = |json: &String| {
            serde_json::from_str(json).map_err(|error| self.bad_row(format!("the provenance of run {run}"), error))
        };
        rows.iter().map(parse).collect()
    }
}

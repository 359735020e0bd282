//! The files of weights that jem fitted for a run.

use crate::store::{Lease, RunId, Store, StoreError};

/// A file of weights that was fitted for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FittedFile {
    /// The setting that requested it, such as `guide.weights`.
    pub setting: String,
    /// Everything that determines it.
    pub recipe: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How it was fitted: a JSON object.
    pub record: serde_json::Value,
}

impl Store {
    /// Records the file that a run's training starts with. It replaces an earlier one for the same setting.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost.
    pub fn record_fitted(&self, lease: Lease, file: &FittedFile) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot record the fitted weights of a run", async |db| {
            sqlx::query(
                "insert or replace into fitted (run, setting, recipe, sha256, record, attempt)
                 values (?, ?, ?, ?, ?, ?)",
            )
            .bind(lease.run.0)
            .bind(&file.setting)
            .bind(&file.recipe)
            .bind(&file.sha256)
            .bind(file.record.to_string())
            .bind(lease.attempt)
            .execute(db)
            .await
            .map(drop)
        })
    }

    /// The files that were fitted for a run, by setting.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn fitted(&self, run: RunId) -> Result<Vec<FittedFile>, StoreError> {
        let rows: Vec<(String, String, String, String)> =
            self.read("cannot read the fitted weights of a run", async |db| {
                sqlx::query_as("select setting, recipe, sha256, record from fitted where run = ? order by setting")
                    .bind(run.0)
                    .fetch_all(db)
                    .await
            })?;
        let file = |(setting, recipe, sha256, record): (String, String, String, String)| {
            let record = serde_json::from_str(&record)
                .map_err(|error| self.bad_row(format!("the fitted weights of run {run}"), error))?;
            Ok(FittedFile { setting, recipe, sha256, record })
        };
        rows.into_iter().map(file).collect()
    }
}

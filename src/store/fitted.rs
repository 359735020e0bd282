//! Which files the weights that jem fitted turned out to be.

use sqlx::Row as _;

use super::queue::held;
use super::{Hold, RunId, Store, StoreError};

/// A file of weights that was fitted for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FittedFile {
    /// The setting that asked for it, such as `guide.weights`.
    pub setting: String,
    /// All that it follows from.
    pub recipe: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How it came about: a JSON object.
    pub record: serde_json::Value,
}

impl Store {
    /// Notes the file that a run's training begins with; one noted before is replaced.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now.
    pub fn record_fitted(&self, hold: Hold, file: &FittedFile) -> Result<(), StoreError> {
        let what = "the fitted weights of a run cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let recorded = sqlx::query(
                "insert or replace into fitted (run, setting, recipe, sha256, record, attempt)
                 select id, ?, ?, ?, ?, ? from run where id = ? and fence = ? and state = 'running'",
            )
            .bind(&file.setting)
            .bind(&file.recipe)
            .bind(&file.sha256)
            .bind(file.record.to_string())
            .bind(hold.attempt)
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(db)
            .await
            .map_err(&failed)?;
            held(hold, recorded.rows_affected())
        })
    }

    /// The files that were fitted for a run, by setting.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn fitted(&self, run: RunId) -> Result<Vec<FittedFile>, StoreError> {
        let rows = self.runtime.block_on(
            sqlx::query("select setting, recipe, sha256, record from fitted where run = ? order by setting")
                .bind(run.0)
                .fetch_all(&self.pool),
        );
        let file = |row: &sqlx::sqlite::SqliteRow| {
            let record: String = row.get("record");
            Ok(FittedFile {
                setting: row.get("setting"),
                recipe: row.get("recipe"),
                sha256: row.get("sha256"),
                record: serde_json::from_str(&record)
                    .map_err(|error| self.bad_row(format!("the fitted weights of run {run}"), error))?,
            })
        };
        rows.map_err(self.sql("the fitted weights of a run cannot be read"))?.iter().map(file).collect()
    }
}

//! What a list shows of each run in addition to its row.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use crate::store::{RunId, Store, StoreError};

use super::json::{numbers, unpack};

/// The attempts of a run, how it ended, and what people noted.
#[derive(Clone, Debug, Default)]
pub struct RunActivity {
    /// Minutes that its attempts have taken; `None` before the first.
    pub minutes: Option<f64>,
    /// The device of the last attempt.
    pub device: String,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// Its note.
    pub note: String,
    /// Why it ended, for diverged and failed runs.
    pub outcome: String,
}

impl Store {
    /// The activity of `runs`, or of all runs if `None`. A run without any is missing in the result.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn activity(&self, runs: Option<&[RunId]>) -> Result<HashMap<RunId, RunActivity>, StoreError> {
        let runs = runs.map(numbers);
        self.read("cannot list the runs", async |db| activity(db, runs).await)
    }
}

async fn activity(db: &mut SqliteConnection, runs: Option<String>) -> Result<HashMap<RunId, RunActivity>, sqlx::Error> {
    let mut found: HashMap<RunId, RunActivity> = HashMap::new();
    for (run, minutes, device) in attempts(db, runs.as_deref()).await? {
        let activity = found.entry(run).or_default();
        (activity.minutes, activity.device) = (Some(minutes), device);
    }
    let text = "select run, tag from run_tag where ?1 is null or run in (select value from json_each(?1)) order by tag";
    let rows: Vec<(i64, String)> = sqlx::query_as(text).bind(&runs).fetch_all(&mut *db).await?;
    for (run, tag) in rows {
        found.entry(RunId(run)).or_default().tags.push(tag);
    }
    let text = "select id, note from run indexed by run_with_note
                where note <> '' and (?1 is null or id in (select value from json_each(?1)))";
    let rows: Vec<(i64, String)> = sqlx::query_as(text).bind(&runs).fetch_all(&mut *db).await?;
    for (run, note) in rows {
        found.entry(RunId(run)).or_default().note = note;
    }
    let text = "select id, outcome from run indexed by run_with_outcome
                where outcome <> '' and (?1 is null or id in (select value from json_each(?1)))";
    let rows: Vec<(i64, String)> = sqlx::query_as(text).bind(&runs).fetch_all(&mut *db).await?;
    for (run, outcome) in rows {
        found.entry(RunId(run)).or_default().outcome = outcome;
    }
    Ok(found)
}

/// Each run's minutes and the device of its last attempt; of the runs in a JSON array, or of all.
pub(super) async fn attempts(
    db: &mut SqliteConnection,
    runs: Option<&str>,
) -> Result<Vec<(RunId, f64, String)>, sqlx::Error> {
    // Beside `max`, SQLite returns the other columns from the row that has the maximum.
    let packed: String = sqlx::query_scalar(
        "select json_group_array(json_array(run, minutes, device, fence)) from (
             select run, sum(seconds) / 60 as minutes,
                 device, max(fence) as fence
             from attempt indexed by attempt_listing
             where ?1 is null or run in (select value from json_each(?1))
             group by run
         )",
    )
    .bind(runs)
    .fetch_one(db)
    .await?;
    let rows: Vec<(i64, f64, String, i64)> = unpack(&packed)?;
    Ok(rows.into_iter().map(|(run, minutes, device, _)| (RunId(run), minutes, device)).collect())
}

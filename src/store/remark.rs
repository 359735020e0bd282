//! What a listing adds to the runs that it shows.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::list::{numbers, unpack};
use super::{RunId, Store, StoreError};

/// What a listing adds to a run when the run is shown.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// Minutes that its attempts have taken; `None` before the first.
    pub minutes: Option<f64>,
    /// The device of the last attempt.
    pub device: String,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// What a person noted.
    pub note: String,
    /// What ended it, for diverged and failed runs.
    pub outcome: String,
}

impl Store {
    /// What is to be added to runs that are shown; of all runs when `runs` is `None`.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn remarks(&self, runs: Option<&[RunId]>) -> Result<HashMap<RunId, Remarks>, StoreError> {
        let wanted = runs.map(numbers);
        self.read("the runs cannot be listed", async |db| remarks(db, wanted).await)
    }
}

/// A run, its minutes, the device of its last attempt, and that attempt's number: beside `max`, a column shows the
/// value in the row that has it.
pub(super) type Attempts = (i64, f64, String, i64);

pub(super) const ATTEMPTS: &str = "select json_group_array(json_array(run, minutes, device, fence)) from (
     select run, sum(seconds) / 60 as minutes,
         device, max(fence) as fence
     from attempt indexed by attempt_listing
     where ?1 is null or run in (select value from json_each(?1))
     group by run
 )";

async fn remarks(db: &mut SqliteConnection, wanted: Option<String>) -> Result<HashMap<RunId, Remarks>, sqlx::Error> {
    let mut remarks: HashMap<RunId, Remarks> = HashMap::new();
    let packed: String = sqlx::query_scalar(ATTEMPTS).bind(&wanted).fetch_one(&mut *db).await?;
    for (run, minutes, device, _) in unpack::<Attempts>(&packed)? {
        let remark = remarks.entry(RunId(run)).or_default();
        (remark.minutes, remark.device) = (Some(minutes), device);
    }
    let text = "select run, tag from run_tag where ?1 is null or run in (select value from json_each(?1)) order by tag";
    let rows: Vec<(i64, String)> = sqlx::query_as(text).bind(&wanted).fetch_all(&mut *db).await?;
    for (run, tag) in rows {
        remarks.entry(RunId(run)).or_default().tags.push(tag);
    }
    let text = "select id, note from run indexed by run_with_note
                where note <> '' and (?1 is null or id in (select value from json_each(?1)))";
    let rows: Vec<(i64, String)> = sqlx::query_as(text).bind(&wanted).fetch_all(&mut *db).await?;
    for (run, note) in rows {
        remarks.entry(RunId(run)).or_default().note = note;
    }
    let text = "select id, outcome from run indexed by run_with_outcome
                where outcome <> '' and (?1 is null or id in (select value from json_each(?1)))";
    let rows: Vec<(i64, String)> = sqlx::query_as(text).bind(&wanted).fetch_all(&mut *db).await?;
    for (run, outcome) in rows {
        remarks.entry(RunId(run)).or_default().outcome = outcome;
    }
    Ok(remarks)
}

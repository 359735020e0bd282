//! The training speed of past runs on this machine, for estimates.

use std::collections::BTreeMap;

use crate::spec::Value;
use crate::store::{RunId, Store, StoreError, Worker};

use super::json::settings;

/// How many of the newest runs are read; machines and programs change.
const RUNS: u32 = 50;

/// The training speed of one run.
#[derive(Clone, Debug)]
pub struct TrainingSpeed {
    /// The run.
    pub run: RunId,
    /// Its settings by dotted key.
    pub settings: BTreeMap<String, Value>,
    /// Training images per second over its epochs on this machine, without evaluations.
    pub images_per_second: f64,
}

impl Store {
    /// The training speed of the newest runs that were trained on the host and device of `worker`, by run.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn training_speeds(&self, worker: &Worker) -> Result<Vec<TrainingSpeed>, StoreError> {
        // Epochs of a run have equally many images, so the time of an image is the mean of 1 / rate.
        let rows: Vec<(i64, String, f64)> = self.read("cannot read the speed of past runs", async |db| {
            sqlx::query_as(
                "select run.id, run.settings, 1.0 / avg(1.0 / point.value) as rate
                 from (
                     select attempt.run from attempt where attempt.host = ?1 and attempt.device = ?2
                     group by attempt.run order by max(attempt.id) desc limit ?3
                 ) as newest
                 join run on run.id = newest.run
                 join series on series.run = run.id and series.metric = 'images_per_second'
                 join point on point.series = series.id and point.value > 0
                 join attempt on attempt.id = point.attempt and attempt.host = ?1 and attempt.device = ?2
                 group by run.id order by run.id",
            )
            .bind(&worker.host)
            .bind(&worker.device)
            .bind(RUNS)
            .fetch_all(db)
            .await
        })?;
        let speed = |(run, json, images_per_second): (i64, String, f64)| {
            let settings = settings(&json).map_err(|error| self.bad_row(format!("settings of run {run}"), error))?;
            Ok(TrainingSpeed { run: RunId(run), settings, images_per_second })
        };
        rows.into_iter().map(speed).collect()
    }
}

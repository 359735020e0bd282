//! How fast runs went on this machine, for estimates of what is still to come.

use std::collections::BTreeMap;

use sqlx::Row as _;

use crate::spec::Value;

use super::read::settings;
use super::{RunId, Store, StoreError, Worker};

/// Runs that are looked at: the newest ones, as machines and programs change.
const RUNS: u32 = 50;

/// How fast one run went.
#[derive(Clone, Debug)]
pub struct Pace {
    /// The run.
    pub run: RunId,
    /// Its settings by dotted key.
    pub settings: BTreeMap<String, Value>,
    /// Training images a second over its epochs on this machine, evaluations not counted.
    pub images_per_second: f64,
}

impl Store {
    /// How fast the newest runs went that were trained on the host and device of `worker`, by run.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn paces(&self, worker: &Worker) -> Result<Vec<Pace>, StoreError> {
        let failed = self.sql("the speed of past runs cannot be read");
        // Epochs of a run have equally many images, so the time of an image is the mean of 1 / rate.
        let rows = self.runtime.block_on(
            sqlx::query(
                "select run.id, run.settings, 1.0 / avg(1.0 / point.value) as rate
                 from (
                     select attempt.run from attempt where attempt.host = ? and attempt.device = ?
                     group by attempt.run order by max(attempt.id) desc limit ?
                 ) as newest
                 join run on run.id = newest.run
                 join series on series.run = run.id and series.metric = 'images_per_second'
                 join point on point.series = series.id and point.value > 0
                 join attempt on attempt.id = point.attempt and attempt.host = ? and attempt.device = ?
                 group by run.id order by run.id",
            )
            .bind(&worker.host)
            .bind(&worker.device)
            .bind(RUNS)
            .bind(&worker.host)
            .bind(&worker.device)
            .fetch_all(&self.pool),
        );
        let paces = rows.map_err(&failed)?.into_iter().map(|row| {
            let run = RunId(row.try_get("id").map_err(&failed)?);
            let json: String = row.try_get("settings").map_err(&failed)?;
            let settings = settings(&json).map_err(|error| self.bad_row(format!("settings of run {run}"), error))?;
            Ok(Pace { run, settings, images_per_second: row.try_get("rate").map_err(&failed)? })
        });
        paces.collect()
    }
}

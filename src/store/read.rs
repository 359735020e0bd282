//! Reading: rows become domain types here.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::measure::{Curve, Epoch, Protocol, ProtocolId};
use crate::spec::Value;

use super::{ExperimentRecord, RunId, RunPicture, RunRecord, Series, Store, StoreError};

/// What is stored of a run's setting: its value, and where it came from.
#[derive(serde::Deserialize)]
struct StoredSetting {
    value: Value,
}

/// The settings of a run, as queueing stored them, by dotted key.
pub(super) fn settings(json: &str) -> Result<BTreeMap<String, Value>, serde_json::Error> {
    let stored: BTreeMap<String, StoredSetting> = serde_json::from_str(json)?;
    Ok(stored.into_iter().map(|(key, setting)| (key, setting.value)).collect())
}

impl Store {
    /// The names of all experiments.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn experiments(&self) -> Result<Vec<String>, StoreError> {
        let names = sqlx::query_scalar("select name from experiment order by name").fetch_all(&self.pool);
        self.runtime.block_on(names).map_err(self.sql("the experiments cannot be read"))
    }

    /// The experiment called `name`, as of its newest revision.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn experiment(&self, name: &str) -> Result<Option<ExperimentRecord>, StoreError> {
        let failed = self.sql("an experiment cannot be read");
        let row = self.runtime.block_on(
            sqlx::query(
                "select name, title, number, text from experiment
                 join experiment_revision as revision on revision.experiment = experiment.id
                 where name = ? order by number desc limit 1",
            )
            .bind(name)
            .fetch_optional(&self.pool),
        );
        let Some(row) = row.map_err(&failed)? else { return Ok(None) };
        Ok(Some(ExperimentRecord {
            name: row.try_get("name").map_err(&failed)?,
            title: row.try_get("title").map_err(&failed)?,
            revision: row.try_get("number").map_err(&failed)?,
            text: row.try_get("text").map_err(&failed)?,
        }))
    }

    /// The runs of the newest revision of `experiment`, cell by cell and by seed.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn runs(&self, experiment: &str) -> Result<Vec<RunRecord>, StoreError> {
        let failed = self.sql("the runs cannot be read");
        let rows = self.runtime.block_on(
            sqlx::query(
                "select runs.run, runs.cell, runs.method, runs.seed, run.state, runs.epoch, runs.epochs,
                     runs.started_at, runs.ended_at, runs.minutes, runs.device, runs.outcome, run.settings, run.weights
                 from runs join run on run.id = runs.run where runs.experiment = ? order by runs.position, runs.seed",
            )
            .bind(experiment)
            .fetch_all(&self.pool),
        );
        rows.map_err(&failed)?.iter().map(|row| self.run_record(row)).collect()
    }

    /// The run numbered `id`, under the label of the first experiment that has it.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn run(&self, id: RunId) -> Result<Option<RunRecord>, StoreError> {
        let failed = self.sql("a run cannot be read");
        let row = self.runtime.block_on(
            sqlx::query(
                "select runs.run, runs.cell, runs.method, runs.seed, run.state, runs.epoch, runs.epochs,
                     runs.started_at, runs.ended_at, runs.minutes, runs.device, runs.outcome, run.settings, run.weights
                 from runs join run on run.id = runs.run where runs.run = ? limit 1",
            )
            .bind(id.0)
            .fetch_optional(&self.pool),
        );
        row.map_err(&failed)?.map(|row| self.run_record(&row)).transpose()
    }

    fn run_record(&self, row: &SqliteRow) -> Result<RunRecord, StoreError> {
        let failed = self.sql("a run cannot be read");
        let id: i64 = row.try_get("run").map_err(&failed)?;
        let what = || format!("run {id}");
        let state: String = row.try_get("state").map_err(&failed)?;
        let settings: String = row.try_get("settings").map_err(&failed)?;
        let settings = self::settings(&settings).map_err(|error| self.bad_row(what(), error))?;
        let minutes: Option<f64> = row.try_get("minutes").map_err(&failed)?;
        Ok(RunRecord {
            id: RunId(id),
            cell: row.try_get("cell").map_err(&failed)?,
            method: row.try_get("method").map_err(&failed)?,
            seed: row.try_get::<i64, _>("seed").map_err(&failed)?.unsigned_abs(),
            state: state.parse().map_err(|error| self.bad_row(what(), error))?,
            epoch: Epoch(row.try_get("epoch").map_err(&failed)?),
            horizon: Epoch(row.try_get("epochs").map_err(&failed)?),
            settings,
            started_at: row.try_get("started_at").map_err(&failed)?,
            ended_at: row.try_get("ended_at").map_err(&failed)?,
            seconds: minutes.unwrap_or(0.0) * 60.0,
            device: row.try_get::<Option<String>, _>("device").map_err(&failed)?.unwrap_or_default(),
            outcome: row.try_get("outcome").map_err(&failed)?,
            weights: row.try_get("weights").map_err(&failed)?,
        })
    }

    /// Every series of a run, by metric and protocol.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn series(&self, run: RunId) -> Result<Vec<Series>, StoreError> {
        let failed = self.sql("the series of a run cannot be read");
        let rows = self.runtime.block_on(
            sqlx::query(
                "select metric, protocol, epoch, value, nonfinite from series
                 join point on point.series = series.id
                 where run = ? order by metric, protocol, epoch, step",
            )
            .bind(run.0)
            .fetch_all(&self.pool),
        );
        let mut points: BTreeMap<(String, ProtocolId), Vec<(Epoch, f64)>> = BTreeMap::new();
        for row in rows.map_err(&failed)? {
            let metric: String = row.try_get("metric").map_err(&failed)?;
            let protocol = ProtocolId::from_stored(row.try_get("protocol").map_err(&failed)?);
            let nonfinite: Option<String> = row.try_get("nonfinite").map_err(&failed)?;
            let value = match nonfinite.as_deref() {
                None => row.try_get("value").map_err(&failed)?,
                Some("inf") => f64::INFINITY,
                Some("-inf") => f64::NEG_INFINITY,
                Some(_) => f64::NAN,
            };
            let epoch = Epoch(row.try_get("epoch").map_err(&failed)?);
            points.entry((metric, protocol)).or_default().push((epoch, value));
        }
        let series = points.into_iter().map(|((metric, protocol), points)| {
            let curve = Curve::new(points).map_err(|error| self.bad_row(format!("{metric} of run {run}"), error))?;
            Ok(Series { metric, protocol, curve })
        });
        series.collect()
    }

    /// The pictures of a run, by epoch.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn pictures(&self, run: RunId) -> Result<Vec<RunPicture>, StoreError> {
        let failed = self.sql("the pictures of a run cannot be read");
        let rows = self.runtime.block_on(
            sqlx::query(
                "select epoch, role, columns, tile, png from run_picture
                 join picture on picture.hash = run_picture.picture
                 where run = ? order by epoch, role",
            )
            .bind(run.0)
            .fetch_all(&self.pool),
        );
        let pictures = rows.map_err(&failed)?.into_iter().map(|row| {
            Ok(RunPicture {
                epoch: Epoch(row.try_get("epoch").map_err(&failed)?),
                role: row.try_get("role").map_err(&failed)?,
                columns: row.try_get("columns").map_err(&failed)?,
                tile: row.try_get("tile").map_err(&failed)?,
                png: row.try_get("png").map_err(&failed)?,
            })
        });
        pictures.collect()
    }

    /// Every protocol by its id, without the one that stands for none.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn protocols(&self) -> Result<BTreeMap<ProtocolId, Protocol>, StoreError> {
        let failed = self.sql("the protocols cannot be read");
        let rows = sqlx::query("select id, json from protocol where id <> 'none'").fetch_all(&self.pool);
        let rows = self.runtime.block_on(rows).map_err(&failed)?;
        let protocols = rows.into_iter().map(|row| {
            let id: String = row.try_get("id").map_err(&failed)?;
            let json: String = row.try_get("json").map_err(&failed)?;
            let protocol =
                serde_json::from_str(&json).map_err(|error| self.bad_row(format!("protocol {id}"), error))?;
            Ok((ProtocolId::from_stored(id), protocol))
        });
        protocols.collect()
    }
}

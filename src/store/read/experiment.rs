//! Experiments, their runs, and protocols.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::measure::{Epoch, Protocol, ProtocolId};
use crate::store::{RunId, Store, StoreError};

use super::json::settings;
use super::record::{ExperimentRecord, RunRecord};

/// The query for [`RunRecord`]s, with its last clauses.
macro_rules! records {
    ($clauses:literal) => {
        concat!(
            "select runs.run, runs.cell, runs.method, runs.seed, run.state, runs.epoch, runs.epochs, runs.started_at,
                 runs.ended_at, runs.minutes, runs.device, runs.outcome, run.settings, run.weights, run.step
             from runs join run on run.id = runs.run ",
            $clauses
        )
    };
}

impl Store {
    /// The names of all experiments.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn experiments(&self) -> Result<Vec<String>, StoreError> {
        self.read("cannot read the experiments", async |db| {
            sqlx::query_scalar("select name from experiment order by name").fetch_all(db).await
        })
    }

    /// The experiment called `name`, with its newest revision.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn experiment(&self, name: &str) -> Result<Option<ExperimentRecord>, StoreError> {
        let row: Option<(String, String, u32, String)> = self.read("cannot read an experiment", async |db| {
            sqlx::query_as(
                "select name, title, number, text from experiment
                 join experiment_revision as revision on revision.experiment = experiment.id
                 where name = ? order by number desc limit 1",
            )
            .bind(name)
            .fetch_optional(db)
            .await
        })?;
        Ok(row.map(|(name, title, revision, text)| ExperimentRecord { name, title, revision, text }))
    }

    /// The runs of the newest revision of `experiment`, cell by cell and by seed.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn runs(&self, experiment: &str) -> Result<Vec<RunRecord>, StoreError> {
        let rows = self.read("cannot read the runs", async |db| {
            let text = records!("where runs.experiment = ? order by runs.position, runs.seed");
            sqlx::query(text).bind(experiment).fetch_all(db).await
        })?;
        rows.iter().map(|row| self.run_record(row)).collect()
    }

    /// The run numbered `id`, under the label of the first experiment that has it.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn run(&self, id: RunId) -> Result<Option<RunRecord>, StoreError> {
        let row = self.read("cannot read a run", async |db| {
            sqlx::query(records!("where runs.run = ? limit 1")).bind(id.0).fetch_optional(db).await
        })?;
        row.map(|row| self.run_record(&row)).transpose()
    }

    fn run_record(&self, row: &SqliteRow) -> Result<RunRecord, StoreError> {
        let failed = self.sql("cannot read a run");
        let id: i64 = row.try_get("run").map_err(&failed)?;
        let what = || format!("run {id}");
        let state: String = row.try_get("state").map_err(&failed)?;
        let json: String = row.try_get("settings").map_err(&failed)?;
        let settings = settings(&json).map_err(|error| self.bad_row(what(), error))?;
        let minutes: Option<f64> = row.try_get("minutes").map_err(&failed)?;
        Ok(RunRecord {
            id: RunId(id),
            cell: row.try_get("cell").map_err(&failed)?,
            method: row.try_get("method").map_err(&failed)?,
            seed: row.try_get::<i64, _>("seed").map_err(&failed)?.unsigned_abs(),
            state: state.parse().map_err(|error| self.bad_row(what(), error))?,
            epoch: Epoch(row.try_get("epoch").map_err(&failed)?),
            step: row.try_get::<i64, _>("step").map_err(&failed)?.unsigned_abs(),
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

    /// Every protocol by its id, without `none`.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn protocols(&self) -> Result<BTreeMap<ProtocolId, Protocol>, StoreError> {
        let rows: Vec<(String, String)> = self.read("cannot read the protocols", async |db| {
            sqlx::query_as("select id, json from protocol where id <> 'none'").fetch_all(db).await
        })?;
        let protocol = |(id, json): (String, String)| {
            let protocol =
                serde_json::from_str(&json).map_err(|error| self.bad_row(format!("protocol {id}"), error))?;
            Ok((ProtocolId::from_stored(id), protocol))
        };
        rows.into_iter().map(protocol).collect()
    }
}

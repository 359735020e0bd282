//! Everything about one run except its series and image grids.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::spec::Value;
use crate::store::{RunId, Store, StoreError};

use super::filter::Filter;
use super::json::numbers;
use super::list::{ListedRun, select};

/// A run, as `jem show` prints it.
#[derive(Clone, Debug)]
pub struct RunDetail {
    /// The run under its label in each experiment, sorted by the experiment's name. Never empty.
    pub listed: Vec<ListedRun>,
    /// When it was queued.
    pub queued_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// SHA-256 over the final weights; empty before the run has finished.
    pub weights: String,
    /// Every active setting, by its dotted key.
    pub settings: BTreeMap<String, StoredSetting>,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptRecord>,
    /// Its events, in order.
    pub events: Vec<EventRecord>,
}

/// A setting of a run.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub struct StoredSetting {
    /// Its value.
    pub value: Value,
    /// The origin of the value, in words.
    #[serde(default)]
    pub from: String,
}

/// One attempt to train a run.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// Its number among the run's attempts, from 1.
    pub number: usize,
    /// The host.
    pub host: String,
    /// The process there.
    pub pid: i64,
    /// The device.
    pub device: String,
    /// When it started.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// When its lease expires.
    pub lease_until: String,
    /// How it ended; empty while it runs.
    pub ending: String,
    /// Minutes that it has taken.
    pub minutes: f64,
    /// The provenance: code and machine.
    pub provenance: Option<serde_json::Value>,
}

/// An event of a run.
#[derive(Clone, Debug)]
pub struct EventRecord {
    /// When.
    pub at: String,
    /// Its kind.
    pub kind: String,
    /// A description.
    pub text: String,
}

impl Store {
    /// Everything about a run of any revision; `None` if the run does not exist.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn detail(&self, run: RunId) -> Result<Option<RunDetail>, StoreError> {
        self.read("cannot read a run", async |db| detail(db, run).await)
    }

    /// The settings of several runs, by run and key.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn settings_of(&self, runs: &[RunId]) -> Result<BTreeMap<RunId, BTreeMap<String, StoredSetting>>, StoreError> {
        let rows: Vec<(i64, String)> = self.read("cannot read the settings", async |db| {
            sqlx::query_as("select id, settings from run where id in (select value from json_each(?))")
                .bind(numbers(runs))
                .fetch_all(db)
                .await
        })?;
        let unreadable = |id: i64| move |error| self.bad_row(format!("run {id}"), error);
        rows.into_iter()
            .map(|(id, text)| Ok((RunId(id), serde_json::from_str(&text).map_err(unreadable(id))?)))
            .collect()
    }

    /// The canonical identity of a run's cell, with the fingerprints of its inputs; `None` if the run does not exist.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn identity_of(&self, run: RunId) -> Result<Option<String>, StoreError> {
        self.read("cannot read the identity of a run", async |db| {
            sqlx::query_scalar("select cell.identity from run join cell on cell.id = run.cell where run.id = ?")
                .bind(run.0)
                .fetch_optional(db)
                .await
        })
    }

    /// The runs of a cell of any revision, by seed.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn runs_of_cell(&self, cell: &str) -> Result<Vec<RunId>, StoreError> {
        let runs: Vec<i64> = self.read("cannot read the runs of a cell", async |db| {
            sqlx::query_scalar("select id from run where cell = ? order by seed").bind(cell).fetch_all(db).await
        })?;
        Ok(runs.into_iter().map(RunId).collect())
    }

    /// The ids of the cells that start with `prefix`, of any revision; at most 20.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn cells_with_prefix(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.read("cannot read the cells", async |db| {
            sqlx::query_scalar(
                "select id from cell where id >= ?1 and substr(id, 1, length(?1)) = ?1 order by id limit 20",
            )
            .bind(prefix)
            .fetch_all(db)
            .await
        })
    }
}

type AttemptRow = (String, i64, String, String, Option<String>, String, String, f64, Option<String>);

async fn detail(db: &mut SqliteConnection, run: RunId) -> Result<Option<RunDetail>, sqlx::Error> {
    let row: Option<(String, String, Option<String>, String)> =
        sqlx::query_as("select settings, queued_at, ended_at, weights from run where id = ?")
            .bind(run.0)
            .fetch_optional(&mut *db)
            .await?;
    let Some((settings, queued_at, ended_at, weights)) = row else { return Ok(None) };
    let listed = select(db, &Filter { runs: vec![run], ..Filter::default() }).await?;
    if listed.is_empty() {
        return Ok(None);
    }
    let attempts: Vec<AttemptRow> = sqlx::query_as(
        "select host, pid, device, started_at, ended_at, lease_until, ending, seconds / 60,
             provenance.json
         from attempt left join provenance on provenance.attempt = attempt.id
         where run = ? order by fence",
    )
    .bind(run.0)
    .fetch_all(&mut *db)
    .await?;
    let events: Vec<(String, String, String)> =
        sqlx::query_as("select at, kind, text from event where run = ? order by id").bind(run.0).fetch_all(db).await?;
    let settings = serde_json::from_str(&settings).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let attempts = (1..).zip(attempts).map(attempt).collect::<Result<_, _>>()?;
    let events = events.into_iter().map(|(at, kind, text)| EventRecord { at, kind, text }).collect();
    Ok(Some(RunDetail { listed, queued_at, ended_at, weights, settings, attempts, events }))
}

fn attempt((number, row): (usize, AttemptRow)) -> Result<AttemptRecord, sqlx::Error> {
    let (host, pid, device, started_at, ended_at, lease_until, ending, minutes, provenance) = row;
    let provenance = provenance.map(|json| serde_json::from_str(&json)).transpose();
    let provenance = provenance.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(AttemptRecord { number, host, pid, device, started_at, ended_at, lease_until, ending, minutes, provenance })
}

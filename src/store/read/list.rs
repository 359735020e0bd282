//! Lists of runs: the runs that a filter selects, with one row for each. No points are read here.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::SqliteConnection;

use crate::measure::Epoch;
use crate::spec::Value;
use crate::store::{RunId, RunStatus, Store, StoreError};

use super::activity::attempts;
use super::filter::{Condition, Filter, Operator, RunKey};
use super::json::{numbers, unpack};
use super::summary::{MetricSummary, summaries};

/// A run in a list, under its label in one experiment.
#[derive(Clone, Debug)]
pub struct ListedRun {
    /// The run's number.
    pub run: RunId,
    /// The experiment.
    pub experiment: String,
    /// The label of the cell in that experiment.
    pub method: String,
    /// The cell's id.
    pub cell: String,
    /// The seed.
    pub seed: u64,
    /// The run's status.
    pub status: RunStatus,
    /// The last epoch that is saved.
    pub epoch: Epoch,
    /// The epoch at which the run ends.
    pub horizon: Epoch,
    /// How often its process was lost since its last new checkpoint, or since a person last queued it.
    pub crashes: u32,
}

impl Store {
    /// The runs that `filter` selects, by experiment, position of the cell, and seed. A run that several experiments
    /// have is listed once for each.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Vec<ListedRun>, StoreError> {
        self.read("cannot list the runs", async |db| select(db, filter).await)
    }

    /// The value of `key` for every run that has one that is not NaN.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn values(&self, key: &RunKey) -> Result<HashMap<RunId, Value>, StoreError> {
        self.read("cannot sort the runs", async |db| values(db, key).await)
    }

    /// The labels of `experiment`, or of all experiments if `None`, sorted.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn methods(&self, experiment: Option<&str>) -> Result<Vec<String>, StoreError> {
        self.read("cannot read the methods", async |db| {
            sqlx::query_scalar(
                "select distinct revision_cell.method from revision_cell
                 join experiment_revision on experiment_revision.id = revision_cell.revision
                 join experiment on experiment.id = experiment_revision.experiment
                 where ?1 is null or experiment.name = ?1 order by 1",
            )
            .bind(experiment)
            .fetch_all(db)
            .await
        })
    }
}

type Row = (String, String, i64, String, i64, String, u32, u32, u32);

/// The query for lists. `$columns` are added to the grouped rows, `$from` names the tables and conditions.
macro_rules! list {
    ($columns:literal, $from:literal) => {
        concat!(
            "select json_group_array(json_array(name, method, id, cell, seed, state, epoch, horizon, crashes)) from (
                 select experiment.name, revision_cell.method, run.id, run.cell, run.seed,
                     case
                         when run.state = 'running' and not exists (
                             select 1 from attempt where attempt.run = run.id and attempt.fence = run.fence
                                 and attempt.lease_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
                         ) then 'stale'
                         else run.state
                     end as state, run.epoch, run.horizon, run.crashes",
            $columns,
            " from ",
            $from,
            " order by experiment.name, revision_cell.position, run.seed)"
        )
    };
}

/// Runs of the newest revisions. The index is named because the planner would read the long rows of `run`; `cross join`
/// keeps the order of the joins, so that the seeds of a cell are read once, not once for each run.
const NEWEST: &str = list!(
    "",
    "newest_revision
     join experiment on experiment.id = newest_revision.experiment
     join revision_cell on revision_cell.revision = newest_revision.id
     cross join json_each(revision_cell.seeds) as wanted
     cross join run indexed by run_listing on run.cell = revision_cell.cell and run.seed = wanted.value
     where ?1 is null or experiment.name = ?1"
);

/// Runs of all revisions, each under the label of the newest revision that has it: beside `max`, SQLite returns the
/// other columns from the row that has the maximum.
const EVERY: &str = list!(
    ", revision_cell.position, max(revision.number)",
    "experiment_revision as revision
     join experiment on experiment.id = revision.experiment
     join revision_cell on revision_cell.revision = revision.id
     cross join json_each(revision_cell.seeds) as wanted
     cross join run indexed by run_listing on run.cell = revision_cell.cell and run.seed = wanted.value
     where ?1 is null or experiment.name = ?1
     group by experiment.id, run.id"
);

/// Runs by number, each under the label of the newest revision of every experiment that has it.
const NAMED: &str = list!(
    ", revision_cell.position, max(revision.number)",
    "json_each(?2) as named
     join run on run.id = named.value
     join revision_cell on revision_cell.cell = run.cell
     join experiment_revision as revision on revision.id = revision_cell.revision
     join experiment on experiment.id = revision.experiment
     where (?1 is null or experiment.name = ?1)
         and run.seed in (select value from json_each(revision_cell.seeds))
     group by experiment.id, run.id"
);

/// The runs that a filter selects, also within a transaction that changes them.
pub(in crate::store) async fn select(
    db: &mut SqliteConnection,
    filter: &Filter,
) -> Result<Vec<ListedRun>, sqlx::Error> {
    // A run named by number is selected in every revision.
    let packed: String = match (filter.runs.is_empty(), filter.older) {
        (false, _) => sqlx::query_scalar(NAMED).bind(&filter.experiment).bind(numbers(&filter.runs)),
        (true, older) => {
            sqlx::query_scalar(if older || filter.superseded { EVERY } else { NEWEST }).bind(&filter.experiment)
        }
    }
    .fetch_one(&mut *db)
    .await?;
    let rows: Vec<Row> = unpack(&packed)?;
    let newest: HashSet<i64> = match filter.superseded {
        true => sqlx::query_scalar("select run from newest_run").fetch_all(&mut *db).await?.into_iter().collect(),
        false => HashSet::new(),
    };
    // The runs that fulfil each tag and condition.
    let mut fulfilling: Vec<HashSet<RunId>> = Vec::new();
    for tag in &filter.tags {
        let tagged: Vec<i64> =
            sqlx::query_scalar("select run from run_tag where tag = ?").bind(tag).fetch_all(&mut *db).await?;
        fulfilling.push(tagged.into_iter().map(RunId).collect());
    }
    for condition in &filter.conditions {
        fulfilling.push(fulfil(db, condition).await?);
    }
    let mut listed = Vec::with_capacity(rows.len());
    for (experiment, method, run, cell, seed, state, epoch, horizon, crashes) in rows {
        let run = RunId(run);
        let status: RunStatus = state.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let wanted = (filter.states.is_empty() || filter.states.contains(&status))
            && (filter.methods.is_empty() || filter.methods.contains(&method))
            && !newest.contains(&run.0)
            && fulfilling.iter().all(|runs| runs.contains(&run));
        if wanted {
            let (epoch, horizon, seed) = (Epoch(epoch), Epoch(horizon), seed.unsigned_abs());
            listed.push(ListedRun { run, experiment, method, cell, seed, status, epoch, horizon, crashes });
        }
    }
    Ok(listed)
}

/// The runs that fulfil a condition. The database compares settings, so that integers stay exact.
async fn fulfil(db: &mut SqliteConnection, condition: &Condition) -> Result<HashSet<RunId>, sqlx::Error> {
    let RunKey::Setting(key) = &condition.key else {
        let limit = number(&condition.value).unwrap_or(f64::NAN);
        let values = values(db, &condition.key).await?;
        let is_true = |value: &Value| number(value).is_some_and(|value| condition.operator.compare(value, limit));
        return Ok(values.into_iter().filter(|(_, value)| is_true(value)).map(|(run, _)| run).collect());
    };
    let query = sqlx::query_scalar::<_, i64>(match condition.operator {
        Operator::Equal => "select run from run_setting where key = ? and value = ?",
        Operator::Unequal => "select run from run_setting where key = ? and value <> ?",
        Operator::Less => "select run from run_setting where key = ? and value < ?",
        Operator::AtMost => "select run from run_setting where key = ? and value <= ?",
        Operator::More => "select run from run_setting where key = ? and value > ?",
        Operator::AtLeast => "select run from run_setting where key = ? and value >= ?",
    })
    .bind(*key);
    let query = match &condition.value {
        Value::Integer(integer) => query.bind(*integer),
        Value::Number(number) => query.bind(*number),
        Value::Text(text) => query.bind(text),
        Value::Flag(flag) => query.bind(if *flag { "true" } else { "false" }),
        Value::List(words) => query.bind(serde_json::to_string(words).expect("text can be written as JSON")),
    };
    Ok(query.fetch_all(db).await?.into_iter().map(RunId).collect())
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Number(number) => Some(*number),
        Value::Flag(_) | Value::Text(_) | Value::List(_) => None,
    }
}

async fn values(db: &mut SqliteConnection, key: &RunKey) -> Result<HashMap<RunId, Value>, sqlx::Error> {
    let integers = |rows: Vec<(i64, i64)>| rows.into_iter().map(|(run, n)| (RunId(run), Value::Integer(n))).collect();
    match key {
        RunKey::Run => {
            Ok(integers(sqlx::query_as("select id, id from run indexed by run_listing").fetch_all(db).await?))
        }
        RunKey::Seed => {
            Ok(integers(sqlx::query_as("select id, seed from run indexed by run_listing").fetch_all(db).await?))
        }
        RunKey::Epoch => {
            Ok(integers(sqlx::query_as("select id, epoch from run indexed by run_listing").fetch_all(db).await?))
        }
        RunKey::Minutes => {
            let attempts = attempts(db, None).await?.into_iter();
            Ok(attempts.map(|(run, minutes, _)| (run, Value::Number(minutes))).collect())
        }
        RunKey::Setting(key) => {
            let rows: Vec<(i64, Option<f64>, Option<String>)> = sqlx::query_as(
                "select run, iif(typeof(value) = 'text', null, value + 0.0), iif(typeof(value) = 'text', value, null)
                 from run_setting where key = ?",
            )
            .bind(*key)
            .fetch_all(db)
            .await?;
            let value = |(run, number, text): (i64, Option<f64>, Option<String>)| {
                Some((RunId(run), number.map(Value::Number).or(text.map(Value::Text))?))
            };
            Ok(rows.into_iter().filter_map(value).collect())
        }
        RunKey::Metric { name, best } => {
            let rows = summaries(db, name, None).await?.into_iter();
            let value = |summary: &MetricSummary| {
                if *best { summary.best.map(|(_, value)| value) } else { Some(summary.last.1) }
            };
            let numbers =
                rows.filter_map(|(run, summary)| Some((run, value(&summary)?))).filter(|(_, value)| !value.is_nan());
            Ok(numbers.map(|(run, value)| (run, Value::Number(value))).collect())
        }
    }
}

/// The first row of each run, by run number.
pub(in crate::store) fn distinct(listed: Vec<ListedRun>) -> BTreeMap<RunId, ListedRun> {
    let mut distinct = BTreeMap::new();
    for row in listed {
        distinct.entry(row.run).or_insert(row);
    }
    distinct
}

#[cfg(test)]
mod tests;

//! Listings: which runs a filter means, and what is said of each in a line. No points are read here.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::SqliteConnection;

use crate::measure::Epoch;
use crate::spec::Value;

use super::filter::{Condition, Filter, Key, Relation};
use super::remark::{ATTEMPTS, Attempts};
use super::summary::summaries;
use super::{RunId, Standing, Store, StoreError};

/// A run in a listing, under the label of one experiment.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The run's number.
    pub run: RunId,
    /// The experiment.
    pub experiment: String,
    /// The label under which that experiment shows the cell.
    pub method: String,
    /// The cell's id.
    pub cell: String,
    /// The seed.
    pub seed: u64,
    /// Where it stands.
    pub standing: Standing,
    /// The last epoch that is saved.
    pub epoch: Epoch,
    /// The epoch at which the run ends.
    pub horizon: Epoch,
    /// How often its process was lost since its last new checkpoint, or since a person last queued it.
    pub crashes: u32,
}

impl Store {
    /// The runs that `filter` means, by experiment, position of the cell, and seed. A run that several experiments
    /// have is listed once for each.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Listed>, StoreError> {
        self.read("the runs cannot be listed", async |db| select(db, filter).await)
    }

    /// The value of `key` for every run that has a finite one.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn values(&self, key: &Key) -> Result<HashMap<RunId, Value>, StoreError> {
        self.read("the runs cannot be sorted", async |db| values(db, key).await)
    }

    /// Every label of `experiment`'s newest revision, or of all experiments', sorted.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn methods(&self, experiment: Option<&str>) -> Result<Vec<String>, StoreError> {
        self.read("the methods cannot be read", async |db| {
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

/// Run numbers as a JSON array, which is how a list is bound to a parameter.
pub(super) fn numbers(runs: &[RunId]) -> String {
    serde_json::to_string(&runs.iter().map(|run| run.0).collect::<Vec<_>>()).expect("whole numbers are JSON")
}

/// Rows that are handed over as one JSON text. The driver passes every row from thread to thread and allocates every
/// value: for ten thousand rows that takes several times as long as finding them. JSON holds whole numbers and text
/// exactly; numbers with a fraction it rounds to 15 digits.
pub(super) fn unpack<'a, T: serde::Deserialize<'a>>(packed: &'a str) -> Result<Vec<T>, sqlx::Error> {
    serde_json::from_str(packed).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

type Row = (String, String, i64, String, i64, String, u32, u32, u32);

/// Runs of the newest revisions. The index is named, since the planner would rather read the long rows of `run`, and
/// the joins keep their order, so that a cell's seeds are read once and not once a run.
const NEWEST: &str = "select json_group_array(json_array(name, method, id, cell, seed, state, epoch, horizon, crashes))
 from (
     select experiment.name, revision_cell.method, run.id, run.cell, run.seed,
         case
             when run.state = 'running' and not exists (
                 select 1 from attempt where attempt.run = run.id and attempt.fence = run.fence
                     and attempt.lease_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
             ) then 'stale'
             else run.state
         end as state, run.epoch, run.horizon, run.crashes
     from newest_revision
     join experiment on experiment.id = newest_revision.experiment
     join revision_cell on revision_cell.revision = newest_revision.id
     cross join json_each(revision_cell.seeds) as wanted
     cross join run indexed by run_listing on run.cell = revision_cell.cell and run.seed = wanted.value
     where ?1 is null or experiment.name = ?1
     order by experiment.name, revision_cell.position, run.seed
 )";

/// Runs of all revisions, each under the label of the newest that has it: of one group's rows, `max` shows its own.
const EVERY: &str = "select json_group_array(json_array(name, method, id, cell, seed, state, epoch, horizon, crashes))
 from (
         select experiment.name, revision_cell.method, run.id, run.cell, run.seed,
             case
                 when run.state = 'running' and not exists (
                     select 1 from attempt where attempt.run = run.id and attempt.fence = run.fence
                         and attempt.lease_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
                 ) then 'stale'
                 else run.state
             end as state, run.epoch, run.horizon, run.crashes, revision_cell.position, max(revision.number)
         from experiment_revision as revision
         join experiment on experiment.id = revision.experiment
         join revision_cell on revision_cell.revision = revision.id
         cross join json_each(revision_cell.seeds) as wanted
         cross join run indexed by run_listing on run.cell = revision_cell.cell and run.seed = wanted.value
         where ?1 is null or experiment.name = ?1
         group by experiment.id, run.id
         order by experiment.name, revision_cell.position, run.seed
     )";

/// Runs named by number, each under the label of the newest revision of every experiment that has it.
const NAMED: &str = "select json_group_array(json_array(name, method, id, cell, seed, state, epoch, horizon, crashes))
 from (
         select experiment.name, revision_cell.method, run.id, run.cell, run.seed,
             case
                 when run.state = 'running' and not exists (
                     select 1 from attempt where attempt.run = run.id and attempt.fence = run.fence
                         and attempt.lease_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
                 ) then 'stale'
                 else run.state
             end as state, run.epoch, run.horizon, run.crashes, revision_cell.position, max(revision.number)
         from json_each(?2) as named
         join run on run.id = named.value
         join revision_cell on revision_cell.cell = run.cell
         join experiment_revision as revision on revision.id = revision_cell.revision
         join experiment on experiment.id = revision.experiment
         where (?1 is null or experiment.name = ?1)
             and run.seed in (select value from json_each(revision_cell.seeds))
         group by experiment.id, run.id
         order by experiment.name, revision_cell.position, run.seed
     )";

/// The runs that a filter means, also inside a transaction that is about to change them.
pub(super) async fn select(db: &mut SqliteConnection, filter: &Filter) -> Result<Vec<Listed>, sqlx::Error> {
    // A run that is named by its number is meant whichever revision has it.
    let packed: String = match (filter.runs.is_empty(), filter.older) {
        (false, _) => sqlx::query_scalar(NAMED).bind(&filter.experiment).bind(numbers(&filter.runs)),
        (true, true) => sqlx::query_scalar(EVERY).bind(&filter.experiment),
        (true, false) if filter.superseded => sqlx::query_scalar(EVERY).bind(&filter.experiment),
        (true, false) => sqlx::query_scalar(NEWEST).bind(&filter.experiment),
    }
    .fetch_one(&mut *db)
    .await?;
    let rows: Vec<Row> = unpack(&packed)?;
    let newest: HashSet<i64> = match filter.superseded {
        true => sqlx::query_scalar("select run from newest_run").fetch_all(&mut *db).await?.into_iter().collect(),
        false => HashSet::new(),
    };
    let mut meets: Vec<HashSet<RunId>> = Vec::new();
    for tag in &filter.tags {
        let tagged: Vec<i64> =
            sqlx::query_scalar("select run from run_tag where tag = ?").bind(tag).fetch_all(&mut *db).await?;
        meets.push(tagged.into_iter().map(RunId).collect());
    }
    for condition in &filter.conditions {
        meets.push(meeting(db, condition).await?);
    }
    let mut listed = Vec::with_capacity(rows.len());
    for (experiment, method, run, cell, seed, state, epoch, horizon, crashes) in rows {
        let run = RunId(run);
        let standing: Standing = state.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let wanted = (filter.states.is_empty() || filter.states.contains(&standing))
            && (filter.methods.is_empty() || filter.methods.contains(&method))
            && !newest.contains(&run.0)
            && meets.iter().all(|runs| runs.contains(&run));
        if wanted {
            let (epoch, horizon, seed) = (Epoch(epoch), Epoch(horizon), seed.unsigned_abs());
            listed.push(Listed { run, experiment, method, cell, seed, standing, epoch, horizon, crashes });
        }
    }
    Ok(listed)
}

/// The runs that meet a condition. Settings are compared by the database, where whole numbers stay exact.
async fn meeting(db: &mut SqliteConnection, condition: &Condition) -> Result<HashSet<RunId>, sqlx::Error> {
    let Key::Setting(key) = &condition.key else {
        let limit = number(&condition.value).unwrap_or(f64::NAN);
        let values = values(db, &condition.key).await?;
        let holds = |value: &Value| number(value).is_some_and(|value| condition.relation.holds(value, limit));
        return Ok(values.into_iter().filter(|(_, value)| holds(value)).map(|(run, _)| run).collect());
    };
    let query = sqlx::query_scalar::<_, i64>(match condition.relation {
        Relation::Equal => "select run from run_setting where key = ? and value = ?",
        Relation::Unequal => "select run from run_setting where key = ? and value <> ?",
        Relation::Less => "select run from run_setting where key = ? and value < ?",
        Relation::AtMost => "select run from run_setting where key = ? and value <= ?",
        Relation::More => "select run from run_setting where key = ? and value > ?",
        Relation::AtLeast => "select run from run_setting where key = ? and value >= ?",
    })
    .bind(*key);
    let query = match &condition.value {
        Value::Integer(integer) => query.bind(*integer),
        Value::Number(number) => query.bind(*number),
        Value::Text(text) => query.bind(text),
        Value::Flag(flag) => query.bind(if *flag { "true" } else { "false" }),
        Value::List(words) => query.bind(serde_json::to_string(words).expect("words are JSON")),
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

async fn values(db: &mut SqliteConnection, key: &Key) -> Result<HashMap<RunId, Value>, sqlx::Error> {
    let whole = |rows: Vec<(i64, i64)>| rows.into_iter().map(|(run, n)| (RunId(run), Value::Integer(n))).collect();
    match key {
        Key::Run => Ok(whole(sqlx::query_as("select id, id from run indexed by run_listing").fetch_all(db).await?)),
        Key::Seed => Ok(whole(sqlx::query_as("select id, seed from run indexed by run_listing").fetch_all(db).await?)),
        Key::Epoch => {
            Ok(whole(sqlx::query_as("select id, epoch from run indexed by run_listing").fetch_all(db).await?))
        }
        Key::Minutes => {
            let packed: String = sqlx::query_scalar(ATTEMPTS).bind(None::<String>).fetch_one(db).await?;
            Ok(unpack::<Attempts>(&packed)?
                .into_iter()
                .map(|(run, minutes, ..)| (RunId(run), Value::Number(minutes)))
                .collect())
        }
        Key::Setting(key) => {
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
        Key::Metric { name, best } => {
            let rows = summaries(db, name, None).await?.into_iter();
            let value = |summary: &super::Summary| {
                if *best { summary.best.map(|(_, value)| value) } else { Some(summary.last.1) }
            };
            let finite =
                rows.filter_map(|(run, summary)| Some((run, value(&summary)?))).filter(|(_, value)| !value.is_nan());
            Ok(finite.map(|(run, value)| (run, Value::Number(value))).collect())
        }
    }
}

/// The one row of each run among rows of several experiments, by the run's number.
pub(super) fn once(listed: Vec<Listed>) -> BTreeMap<RunId, Listed> {
    let mut once = BTreeMap::new();
    for row in listed {
        once.entry(row.run).or_insert(row);
    }
    once
}

#[cfg(test)]
mod tests;

//! From a plan to queued runs: what exists is kept, what is missing is added.

use sqlx::Row as _;

use super::reopen::{lacks_measures, reopen, reopen_to_measure};
use super::{RunId, Store, StoreError, now};

/// An experiment as it stands in its file now.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// The experiment's name.
    pub name: String,
    /// The title for reports.
    pub title: String,
    /// The file's text, with what the command line and the environment changed.
    pub text: String,
    /// The hash of everything that tells this revision from another.
    pub hash: String,
    /// Its cells, in order.
    pub cells: Vec<NewCell>,
    /// The seeds of every cell.
    pub seeds: Vec<u64>,
}

/// A cell of a revision.
#[derive(Clone, Debug)]
pub struct NewCell {
    /// The cell's id.
    pub id: String,
    /// The canonical JSON that the id is the hash of.
    pub identity: String,
    /// The method's label in this experiment.
    pub method: String,
    /// The axes' values, as a JSON object.
    pub axes: String,
    /// Every active setting with its origin, as a JSON object.
    pub settings: String,
    /// The last epoch.
    pub horizon: u32,
}

/// What queueing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// The revision's number.
    pub revision: u32,
    /// Runs that are new.
    pub added: u64,
    /// Runs that were there.
    pub kept: u64,
    /// Runs that were finished and go on to a later horizon.
    pub reopened: u64,
    /// Runs that were finished and get measures that were added since, without being trained.
    pub measured: u64,
    /// Runs that keep a horizon later than the one asked for: nothing of them is lost.
    pub longer: u64,
}

impl Store {
    /// Records the revision and adds the runs that it lacks. Existing runs are kept; a finished one whose
    /// horizon is now later goes on from its last epoch, and one in training does so when it gets there. An earlier
    /// horizon changes no run that is there.
    ///
    /// # Errors
    ///
    /// If the database cannot be written; nothing is then added.
    pub fn enqueue(&self, revision: &NewRevision) -> Result<Enqueued, StoreError> {
        let failed = self.sql("the experiment cannot be queued");
        self.write("the experiment cannot be queued", async |db| {
            let (id, number) = revise(db, revision).await.map_err(&failed)?;
            let mut done = Enqueued { revision: number, added: 0, kept: 0, reopened: 0, measured: 0, longer: 0 };
            let seeds = serde_json::to_string(&revision.seeds).expect("whole numbers are JSON");
            for (position, cell) in (0i64..).zip(&revision.cells) {
                add_cell(db, id, position, cell, &seeds).await.map_err(&failed)?;
                for &seed in &revision.seeds {
                    add_run(db, cell, seed, &mut done).await.map_err(&failed)?;
                }
            }
            Ok(done)
        })
    }

    /// Puts the failed runs of an experiment's newest revision back into the queue; says how many.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn requeue_failed(&self, experiment: &str) -> Result<u64, StoreError> {
        let what = "failed runs cannot be queued again";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let done = sqlx::query(
                "update run set state = 'queued', outcome = '', ended_at = null, crashes = 0
                 where state = 'failed' and id in (select run from newest_run where experiment = ?)",
            );
            Ok(done.bind(experiment).execute(db).await.map_err(failed)?.rows_affected())
        })
    }
}

/// The revision's row and number: the newest one if nothing changed, else one more.
async fn revise(db: &mut sqlx::SqliteConnection, revision: &NewRevision) -> Result<(i64, u32), sqlx::Error> {
    let experiment: i64 = sqlx::query_scalar(
        "insert into experiment (name, title, created_at) values (?, ?, ?)
         on conflict (name) do update set title = excluded.title
         returning id",
    )
    .bind(&revision.name)
    .bind(&revision.title)
    .bind(now())
    .fetch_one(&mut *db)
    .await?;
    let newest = sqlx::query(
        "select id, number, hash from experiment_revision where experiment = ? order by number desc limit 1",
    )
    .bind(experiment)
    .fetch_optional(&mut *db)
    .await?;
    let mut number = 1;
    if let Some(row) = newest {
        if row.try_get::<String, _>("hash")? == revision.hash {
            return Ok((row.try_get("id")?, row.try_get("number")?));
        }
        number = row.try_get::<u32, _>("number")? + 1;
    }
    let id = sqlx::query_scalar(
        "insert into experiment_revision (experiment, number, text, hash, created_at)
         values (?, ?, ?, ?, ?) returning id",
    )
    .bind(experiment)
    .bind(number)
    .bind(&revision.text)
    .bind(&revision.hash)
    .bind(now())
    .fetch_one(&mut *db)
    .await?;
    Ok((id, number))
}

async fn add_cell(
    db: &mut sqlx::SqliteConnection,
    revision: i64,
    position: i64,
    cell: &NewCell,
    seeds: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into cell (id, identity, created_at) values (?, ?, ?) on conflict do nothing")
        .bind(&cell.id)
        .bind(&cell.identity)
        .bind(now())
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into revision_cell (revision, cell, method, position, axes, seeds) values (?, ?, ?, ?, ?, ?)
         on conflict do nothing",
    )
    .bind(revision)
    .bind(&cell.id)
    .bind(&cell.method)
    .bind(position)
    .bind(&cell.axes)
    .bind(seeds)
    .execute(&mut *db)
    .await?;
    Ok(())
}

async fn add_run(
    db: &mut sqlx::SqliteConnection,
    cell: &NewCell,
    seed: u64,
    done: &mut Enqueued,
) -> Result<(), sqlx::Error> {
    let seed = i64::try_from(seed).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let added = sqlx::query(
        "insert into run (cell, seed, settings, horizon, queued_at) values (?, ?, ?, ?, ?) on conflict do nothing",
    )
    .bind(&cell.id)
    .bind(seed)
    .bind(&cell.settings)
    .bind(cell.horizon)
    .bind(now())
    .execute(&mut *db)
    .await?;
    if added.rows_affected() == 1 {
        done.added += 1;
        return Ok(());
    }
    done.kept += 1;
    // Paths and the horizon are not part of the identity, so a kept run takes the ones given last; and a person who
    // queues it gives it a new budget of crashes. The settings of a run in training are those it was started with.
    let lacks = lacks_measures(db, cell, seed).await?;
    let (run, horizon): (i64, u32) = sqlx::query_as(
        "update run set horizon = max(horizon, ?), settings = iif(state = 'running', settings, ?),
             crashes = iif(state = 'running', crashes, 0)
         where cell = ? and seed = ? returning id, horizon",
    )
    .bind(cell.horizon)
    .bind(&cell.settings)
    .bind(&cell.id)
    .bind(seed)
    .fetch_one(&mut *db)
    .await?;
    done.longer += u64::from(horizon > cell.horizon);
    let reopened = reopen(db, RunId(run)).await?;
    done.reopened += u64::from(reopened);
    done.measured += u64::from(lacks && !reopened && reopen_to_measure(db, RunId(run)).await?);
    Ok(())
}

//! What people change about runs: queued again, cancelled, tagged, noted. All that is asked for happens, or nothing.

use sqlx::SqliteConnection;

use super::filter::Filter;
use super::list::{once, select};
use super::restart;
use super::{Listed, RunId, RunState, Standing, Store, StoreError, now};

/// What is to happen to the runs of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Back into the queue, for runs that did not end well.
    Retry,
    /// Back into the queue to be trained from the beginning: what they left is forgotten. A finished run only when it
    /// is named by its number.
    RetryFromStart,
    /// Out of the queue, or out of their workers' hands.
    Cancel,
    /// Tags added and removed.
    Tag {
        /// Tags that the runs are to have.
        add: Vec<String>,
        /// Tags that they are not to have.
        remove: Vec<String>,
    },
    /// A note in place of the one before; empty for none.
    Note {
        /// The note.
        text: String,
    },
}

/// What a change did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The runs that changed, by number.
    pub changed: Vec<RunId>,
    /// The runs that were left as they are, by number, and why.
    pub left: Vec<(RunId, &'static str)>,
    /// Runs that were named and do not exist. When there are any, nothing changed.
    pub unknown: Vec<RunId>,
    /// Folders below the database's files that no row names any more: rubbish from now on.
    pub unnamed: Vec<String>,
}

impl Store {
    /// Changes the runs that `filter` means; with `dry`, only says which they would be.
    ///
    /// A run that a worker holds gets a new fencing number, so that the worker can write nothing more.
    ///
    /// # Errors
    ///
    /// If the database cannot be written; nothing is then changed.
    pub fn change(&self, filter: &Filter, change: &Change, dry: bool) -> Result<Changed, StoreError> {
        let what = "the runs cannot be changed";
        let failed = self.sql(what);
        self.write(what, async |db| apply(db, filter, change, dry).await.map_err(failed))
    }
}

async fn apply(db: &mut SqliteConnection, filter: &Filter, change: &Change, dry: bool) -> Result<Changed, sqlx::Error> {
    let mut done = Changed { unknown: unknown(db, &filter.runs).await?, ..Changed::default() };
    if !done.unknown.is_empty() {
        return Ok(done);
    }
    for (run, listed) in once(select(db, filter).await?) {
        match obstacle(db, &listed, change, filter.runs.contains(&run)).await? {
            Some(why) => done.left.push((run, why)),
            None => {
                if !dry {
                    done.unnamed.extend(carry_out(db, &listed, change).await?);
                }
                done.changed.push(run);
            }
        }
    }
    Ok(done)
}

async fn unknown(db: &mut SqliteConnection, runs: &[RunId]) -> Result<Vec<RunId>, sqlx::Error> {
    let mut unknown = Vec::new();
    for &run in runs {
        let there: Option<i64> =
            sqlx::query_scalar("select id from run where id = ?").bind(run.0).fetch_optional(&mut *db).await?;
        if there.is_none() && !unknown.contains(&run) {
            unknown.push(run);
        }
    }
    Ok(unknown)
}

/// Why a run stays as it is, if it does; `named` by its number it may change where it would not among others.
async fn obstacle(
    db: &mut SqliteConnection,
    run: &Listed,
    change: &Change,
    named: bool,
) -> Result<Option<&'static str>, sqlx::Error> {
    use RunState::{Cancelled, Diverged, Failed, Finished, Queued, Running};
    Ok(match (change, run.standing) {
        (Change::Retry, Standing::Stale | Standing::Is(Failed | Cancelled)) => None,
        (Change::Retry | Change::RetryFromStart, Standing::Is(Diverged)) => {
            Some("diverged: with the same settings and seed it would diverge again")
        }
        (Change::RetryFromStart, Standing::Stale | Standing::Is(Failed | Cancelled)) => None,
        (Change::RetryFromStart, Standing::Is(Finished)) => {
            (!named).then_some("finished: name its number to train it again")
        }
        (Change::RetryFromStart, Standing::Is(Queued)) => {
            let begun = sqlx::query_scalar("select exists (select 1 from artifact where run = ?)").bind(run.run.0);
            let begun: bool = begun.fetch_one(db).await?;
            (!begun).then_some("queued already, and not begun")
        }
        (Change::RetryFromStart, Standing::Is(Running)) => Some("running: cancel it first"),
        (Change::Retry, Standing::Is(Finished)) => Some("finished"),
        (Change::Retry, Standing::Is(Queued)) => Some("queued already"),
        (Change::Retry, Standing::Is(Running)) => Some("running"),
        (Change::Cancel, Standing::Stale | Standing::Is(Queued | Running)) => None,
        (Change::Cancel, Standing::Is(Cancelled)) => Some("cancelled already"),
        (Change::Cancel, Standing::Is(Finished | Diverged | Failed)) => Some("ended already"),
        (Change::Tag { add, remove }, _) => {
            let has: Vec<String> =
                sqlx::query_scalar("select tag from run_tag where run = ?").bind(run.run.0).fetch_all(db).await?;
            let settled = add.iter().all(|tag| has.contains(tag)) && !remove.iter().any(|tag| has.contains(tag));
            settled.then_some("tagged so already")
        }
        (Change::Note { text }, _) => {
            let note: String =
                sqlx::query_scalar("select note from run where id = ?").bind(run.run.0).fetch_one(db).await?;
            (note == *text).then_some("noted so already")
        }
    })
}

/// Changes a run. Returns the folders that no row names any more.
async fn carry_out(db: &mut SqliteConnection, run: &Listed, change: &Change) -> Result<Vec<String>, sqlx::Error> {
    match change {
        Change::Retry => {
            release(db, run, "lost").await?;
            let text = "update run set state = 'queued', outcome = '', ended_at = null, crashes = 0 where id = ?";
            sqlx::query(text).bind(run.run.0).execute(db).await?;
        }
        Change::RetryFromStart => {
            release(db, run, "lost").await?;
            let unnamed = restart::forget(db, run.run).await?;
            let text = "update run set state = 'queued', outcome = '', ended_at = null, crashes = 0 where id = ?";
            sqlx::query(text).bind(run.run.0).execute(&mut *db).await?;
            restart::record(db, run.run, None, "from the beginning, as `jem retry --from-start` asked").await?;
            return Ok(unnamed);
        }
        Change::Cancel => {
            release(db, run, "cancelled").await?;
            let text = "update run set state = 'cancelled', ended_at = ? where id = ?";
            sqlx::query(text).bind(now()).bind(run.run.0).execute(db).await?;
        }
        Change::Tag { add, remove } => {
            for tag in add {
                let text = "insert into run_tag (run, tag) values (?, ?) on conflict do nothing";
                sqlx::query(text).bind(run.run.0).bind(tag).execute(&mut *db).await?;
            }
            for tag in remove {
                let text = "delete from run_tag where run = ? and tag = ?";
                sqlx::query(text).bind(run.run.0).bind(tag).execute(&mut *db).await?;
            }
        }
        Change::Note { text } => {
            sqlx::query("update run set note = ? where id = ?").bind(text).bind(run.run.0).execute(db).await?;
        }
    }
    Ok(Vec::new())
}

/// Takes a run out of its worker's hands: the attempt ends and the fence moves on.
async fn release(db: &mut SqliteConnection, run: &Listed, ending: &str) -> Result<(), sqlx::Error> {
    if !matches!(run.standing, Standing::Stale | Standing::Is(RunState::Running)) {
        return Ok(());
    }
    // A lost worker ended some time before its lease did; nobody saw when.
    sqlx::query(
        "update attempt set ended_at = min(lease_until, ?), ending = ?
         where run = ? and ended_at is null and fence = (select fence from run where run.id = attempt.run)",
    )
    .bind(now())
    .bind(ending)
    .bind(run.run.0)
    .execute(&mut *db)
    .await?;
    sqlx::query("update run set fence = fence + 1 where id = ?").bind(run.run.0).execute(db).await?;
    Ok(())
}

#[cfg(test)]
mod tests;

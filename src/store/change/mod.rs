//! Changes of runs by people: retry, cancel, tag, note. A change is applied completely or not at all.

use sqlx::SqliteConnection;

use super::database::now;
use super::read::{distinct, select};
use super::training::{forget_training, record_restart};
use super::{Filter, ListedRun, RunId, RunState, RunStatus, Store, StoreError};

/// A change of the selected runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Queue runs again that failed, were cancelled, or are stale.
    Retry,
    /// Queue runs again to be trained from the beginning: their results are deleted. A finished run only if it is named
    /// by its number.
    RetryFromStart,
    /// Cancel queued and running runs.
    Cancel,
    /// Add and remove tags.
    Tag {
        /// Tags to add.
        add: Vec<String>,
        /// Tags to remove.
        remove: Vec<String>,
    },
    /// Replace the note.
    Note {
        /// The new note; empty for none.
        text: String,
    },
}

/// The result of a change, or of a dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeResult {
    /// The changed runs, by number.
    pub changed: Vec<RunId>,
    /// The unchanged runs, by number, and why they were not changed.
    pub unchanged: Vec<(RunId, &'static str)>,
    /// Runs that were named and do not exist. If there are any, nothing changed.
    pub unknown: Vec<RunId>,
    /// Folders that no row names any more, relative to the database's files; they can be deleted.
    pub unreferenced: Vec<String>,
}

impl Store {
    /// Changes the runs that `filter` selects; with `dry`, only returns which they would be.
    ///
    /// When a running run is cancelled, or a stale one is cancelled or retried, its worker loses the lease and cannot
    /// write any more.
    ///
    /// # Errors
    ///
    /// If the database cannot be written; nothing is then changed.
    pub fn change(&self, filter: &Filter, change: &Change, dry: bool) -> Result<ChangeResult, StoreError> {
        self.write("cannot change the runs", async |db| apply(db, filter, change, dry).await)
    }
}

async fn apply(
    db: &mut SqliteConnection,
    filter: &Filter,
    change: &Change,
    dry: bool,
) -> Result<ChangeResult, sqlx::Error> {
    let mut result = ChangeResult { unknown: unknown(db, &filter.runs).await?, ..ChangeResult::default() };
    if !result.unknown.is_empty() {
        return Ok(result);
    }
    for (run, listed) in distinct(select(db, filter).await?) {
        match refusal(db, &listed, change, filter.runs.contains(&run)).await? {
            Some(why) => result.unchanged.push((run, why)),
            None => {
                if !dry {
                    result.unreferenced.extend(change_run(db, &listed, change).await?);
                }
                result.changed.push(run);
            }
        }
    }
    Ok(result)
}

async fn unknown(db: &mut SqliteConnection, runs: &[RunId]) -> Result<Vec<RunId>, sqlx::Error> {
    let mut unknown = Vec::new();
    for &run in runs {
        let found: Option<i64> =
            sqlx::query_scalar("select id from run where id = ?").bind(run.0).fetch_optional(&mut *db).await?;
        if found.is_none() && !unknown.contains(&run) {
            unknown.push(run);
        }
    }
    Ok(unknown)
}

/// Why a run is not changed; `None` if it is. Some changes need a run that is `named` by its number.
async fn refusal(
    db: &mut SqliteConnection,
    run: &ListedRun,
    change: &Change,
    named: bool,
) -> Result<Option<&'static str>, sqlx::Error> {
    use RunState::{Cancelled, Diverged, Failed, Finished, Queued, Running};
    Ok(match (change, run.status) {
        (Change::Retry, RunStatus::Stale | RunStatus::State(Failed | Cancelled)) => None,
        (Change::Retry | Change::RetryFromStart, RunStatus::State(Diverged)) => {
            Some("diverged: with the same settings and seed it would diverge again")
        }
        (Change::RetryFromStart, RunStatus::Stale | RunStatus::State(Failed | Cancelled)) => None,
        (Change::RetryFromStart, RunStatus::State(Finished)) => {
            (!named).then_some("finished: name its number to train it again")
        }
        (Change::RetryFromStart, RunStatus::State(Queued)) => {
            let begun = sqlx::query_scalar("select exists (select 1 from artifact where run = ?)").bind(run.run.0);
            let begun: bool = begun.fetch_one(db).await?;
            (!begun).then_some("already queued, and not started")
        }
        (Change::RetryFromStart, RunStatus::State(Running)) => Some("running: cancel it first"),
        (Change::Retry, RunStatus::State(Finished)) => Some("finished"),
        (Change::Retry, RunStatus::State(Queued)) => Some("already queued"),
        (Change::Retry, RunStatus::State(Running)) => Some("running"),
        (Change::Cancel, RunStatus::Stale | RunStatus::State(Queued | Running)) => None,
        (Change::Cancel, RunStatus::State(Cancelled)) => Some("already cancelled"),
        (Change::Cancel, RunStatus::State(Finished | Diverged | Failed)) => Some("already ended"),
        (Change::Tag { add, remove }, _) => {
            let has: Vec<String> =
                sqlx::query_scalar("select tag from run_tag where run = ?").bind(run.run.0).fetch_all(db).await?;
            let is_unchanged = add.iter().all(|tag| has.contains(tag)) && !remove.iter().any(|tag| has.contains(tag));
            is_unchanged.then_some(match remove.is_empty() {
                true => "already has these tags",
                false if add.is_empty() => "does not have these tags",
                false => "its tags are already as requested",
            })
        }
        (Change::Note { text }, _) => {
            let note: String =
                sqlx::query_scalar("select note from run where id = ?").bind(run.run.0).fetch_one(db).await?;
            (note == *text).then_some("already has this note")
        }
    })
}

/// Changes a run. Returns the folders that no row names any more.
async fn change_run(db: &mut SqliteConnection, run: &ListedRun, change: &Change) -> Result<Vec<String>, sqlx::Error> {
    match change {
        Change::Retry => {
            queue_again(db, run).await?;
        }
        Change::RetryFromStart => {
            let unreferenced = forget_training(db, run.run).await?;
            queue_again(db, run).await?;
            record_restart(db, run.run, None, "from the beginning, requested by `jem retry --from-start`").await?;
            return Ok(unreferenced);
        }
        Change::Cancel => {
            end_attempt(db, run, "cancelled").await?;
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

/// Queues a run again, with a count of crashes of 0.
async fn queue_again(db: &mut SqliteConnection, run: &ListedRun) -> Result<(), sqlx::Error> {
    end_attempt(db, run, "lost").await?;
    let text = "update run set state = 'queued', outcome = '', ended_at = null, crashes = 0 where id = ?";
    sqlx::query(text).bind(run.run.0).execute(db).await?;
    Ok(())
}

/// Ends the attempt of a running run, and increases the fencing number, so that its worker loses the lease.
async fn end_attempt(db: &mut SqliteConnection, run: &ListedRun, ending: &str) -> Result<(), sqlx::Error> {
    if !matches!(run.status, RunStatus::Stale | RunStatus::State(RunState::Running)) {
        return Ok(());
    }
    // The attempt ended before its lease did; the exact time is unknown.
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

//! Checkpoints: files that live through their rows, and going back to one.

use sqlx::Row as _;

use crate::measure::Epoch;

use super::queue::{count_time, held};
use super::{Hold, RunId, Store, StoreError, now};

/// A folder of files that was written whole before it is named here.
#[derive(Clone, Debug)]
pub struct NewArtifact {
    /// The folder below the database's files.
    pub path: String,
    /// SHA-256 over its files.
    pub sha256: String,
    /// Their sizes, added up.
    pub bytes: u64,
}

/// The checkpoint that a run goes on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// The last whole epoch in it.
    pub epoch: Epoch,
    /// Steps made by then, those of an epoch in progress among them.
    pub step: u64,
    /// The folder below the database's files.
    pub path: String,
    /// SHA-256 over its files.
    pub sha256: String,
}

impl Store {
    /// The checkpoint to go on from, if the run has one.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn last_checkpoint(&self, run: RunId) -> Result<Option<StoredCheckpoint>, StoreError> {
        self.one_checkpoint(run, "last")
    }

    /// The best generator so far, if the run keeps one.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn best_generator(&self, run: RunId) -> Result<Option<StoredCheckpoint>, StoreError> {
        self.one_checkpoint(run, "best")
    }

    fn one_checkpoint(&self, run: RunId, kind: &str) -> Result<Option<StoredCheckpoint>, StoreError> {
        let failed = self.sql("a checkpoint cannot be read");
        let row = self.runtime.block_on(
            sqlx::query("select epoch, step, path, sha256 from artifact where run = ? and kind = ?")
                .bind(run.0)
                .bind(kind)
                .fetch_optional(&self.pool),
        );
        let Some(row) = row.map_err(&failed)? else { return Ok(None) };
        Ok(Some(StoredCheckpoint {
            epoch: Epoch(row.try_get("epoch").map_err(&failed)?),
            step: row.try_get::<i64, _>("step").map_err(&failed)?.unsigned_abs(),
            path: row.try_get("path").map_err(&failed)?,
            sha256: row.try_get("sha256").map_err(&failed)?,
        }))
    }

    /// Forgets the points and pictures past `after`, or all of them when there is nothing to go on from.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now.
    pub fn rewind(&self, hold: Hold, after: Option<Epoch>) -> Result<(), StoreError> {
        let what = "a run cannot be taken back to its checkpoint";
        let failed = self.sql(what);
        let kept = after.map_or(-1, |epoch| i64::from(epoch.0));
        self.write(what, async |db| {
            let fenced = sqlx::query(
                "update run set epoch = max(?1, 0),
                         step = coalesce((select step from artifact where run = ?2 and kind = 'last'), 0)
                     where id = ?2 and fence = ?3 and state = 'running'",
            )
            .bind(kept)
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(&mut *db)
            .await
            .map_err(&failed)?;
            held(hold, fenced.rows_affected())?;
            let points = "delete from point where epoch > ? and series in (select id from series where run = ?)";
            let pictures = "delete from run_picture where epoch > ? and run = ?";
            let generators = "delete from artifact where kind <> 'last' and epoch > ? and run = ?";
            for statement in [points, pictures, generators] {
                sqlx::query(statement).bind(kept).bind(hold.run.0).execute(&mut *db).await.map_err(&failed)?;
            }
            super::write::summarise_again(db, hold.run).await.map_err(&failed)
        })
    }

    /// Makes a checkpoint within an epoch the one to go on from: `epoch` is the last whole one, `step` counts the
    /// steps after it too. Returns the checkpoints that it replaces, which are rubbish from now on. It is progress:
    /// losses of the process before it count no more.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then written.
    pub fn pause(
        &self,
        hold: Hold,
        epoch: Epoch,
        step: u64,
        checkpoint: &NewArtifact,
    ) -> Result<Vec<String>, StoreError> {
        let what = "a checkpoint cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let step = i64::try_from(step).map_err(|error| failed(sqlx::Error::Encode(error.into())))?;
            let fenced =
                sqlx::query("update run set step = ?, crashes = 0 where id = ? and fence = ? and state = 'running'")
                    .bind(step)
                    .bind(hold.run.0)
                    .bind(hold.fence)
                    .execute(&mut *db)
                    .await
                    .map_err(&failed)?;
            held(hold, fenced.rows_affected())?;
            count_time(db, hold).await.map_err(&failed)?;
            replace_last(db, hold, epoch, step, checkpoint).await.map_err(&failed)
        })
    }

    /// The folders below the database's files that rows of a run name: everything else there is rubbish.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn artifact_paths(&self, run: RunId) -> Result<Vec<String>, StoreError> {
        let paths = sqlx::query_scalar("select path from artifact where run = ?").bind(run.0);
        self.runtime.block_on(paths.fetch_all(&self.pool)).map_err(self.sql("the files of a run cannot be read"))
    }
}

/// Names the new checkpoint and forgets the one before it, whose path is returned.
pub(super) async fn replace_last(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    epoch: Epoch,
    step: i64,
    new: &NewArtifact,
) -> Result<Vec<String>, sqlx::Error> {
    replace(db, hold, "last", epoch, step, new).await
}

/// Names the best generator so far and forgets the one before it, whose path is returned.
pub(super) async fn replace_best(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    epoch: Epoch,
    step: i64,
    new: &NewArtifact,
) -> Result<Vec<String>, sqlx::Error> {
    replace(db, hold, "best", epoch, step, new).await
}

async fn replace(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    kind: &str,
    epoch: Epoch,
    step: i64,
    new: &NewArtifact,
) -> Result<Vec<String>, sqlx::Error> {
    let old = sqlx::query_scalar("delete from artifact where run = ? and kind = ? and path <> ? returning path")
        .bind(hold.run.0)
        .bind(kind)
        .bind(&new.path)
        .fetch_all(&mut *db)
        .await?;
    add(db, hold, kind, epoch, step, new).await?;
    Ok(old)
}

/// Names a generator that stays on disk.
pub(super) async fn add_kept(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    epoch: Epoch,
    step: i64,
    new: &NewArtifact,
) -> Result<(), sqlx::Error> {
    add(db, hold, "kept", epoch, step, new).await
}

async fn add(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    kind: &str,
    epoch: Epoch,
    step: i64,
    new: &NewArtifact,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert or replace into artifact (run, attempt, kind, epoch, step, path, sha256, bytes, created_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(hold.run.0)
    .bind(hold.attempt)
    .bind(kind)
    .bind(epoch.0)
    .bind(step)
    .bind(&new.path)
    .bind(&new.sha256)
    .bind(i64::try_from(new.bytes).unwrap_or(i64::MAX))
    .bind(now())
    .execute(db)
    .await?;
    Ok(())
}

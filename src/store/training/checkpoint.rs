//! Checkpoints and generators: folders of files, each named by a row.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::measure::Epoch;
use crate::store::database::now;
use crate::store::lease::record_time;
use crate::store::{Lease, RunId, Store, StoreError};

use super::series::Position;

/// A folder of files. It is complete before it is recorded.
#[derive(Clone, Debug)]
pub struct NewArtifact {
    /// The folder, relative to the database's files.
    pub path: String,
    /// SHA-256 over its files.
    pub sha256: String,
    /// The sum of their sizes.
    pub bytes: u64,
}

/// A recorded checkpoint or generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// The last complete epoch in it.
    pub epoch: Epoch,
    /// Steps made until then, with those of an epoch in progress.
    pub step: u64,
    /// The folder, relative to the database's files.
    pub path: String,
    /// SHA-256 over its files.
    pub sha256: String,
}

/// The role of an artifact.
#[derive(Clone, Copy, Debug)]
pub(super) enum ArtifactKind {
    /// The checkpoint to resume from.
    Last,
    /// The best generator so far.
    Best,
    /// A generator of an earlier epoch.
    Kept,
}

impl ArtifactKind {
    /// The word stored in the database.
    fn as_str(self) -> &'static str {
        match self {
            ArtifactKind::Last => "last",
            ArtifactKind::Best => "best",
            ArtifactKind::Kept => "kept",
        }
    }
}

impl Store {
    /// The checkpoint to resume from, if the run has one.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn last_checkpoint(&self, run: RunId) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(self.stored_checkpoints(run, ArtifactKind::Last)?.pop())
    }

    /// The best generator so far, if the run keeps one.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn best_generator(&self, run: RunId) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(self.stored_checkpoints(run, ArtifactKind::Best)?.pop())
    }

    /// The generators of a run that were kept, by epoch.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn kept_generators(&self, run: RunId) -> Result<BTreeMap<Epoch, StoredCheckpoint>, StoreError> {
        let kept = self.stored_checkpoints(run, ArtifactKind::Kept)?;
        Ok(kept.into_iter().map(|checkpoint| (checkpoint.epoch, checkpoint)).collect())
    }

    fn stored_checkpoints(&self, run: RunId, kind: ArtifactKind) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let rows: Vec<(u32, i64, String, String)> = self.read("cannot read the checkpoints of a run", async |db| {
            sqlx::query_as("select epoch, step, path, sha256 from artifact where run = ? and kind = ?")
                .bind(run.0)
                .bind(kind.as_str())
                .fetch_all(db)
                .await
        })?;
        let checkpoint = |(epoch, step, path, sha256): (u32, i64, String, String)| StoredCheckpoint {
            epoch: Epoch(epoch),
            step: step.unsigned_abs(),
            path,
            sha256,
        };
        Ok(rows.into_iter().map(checkpoint).collect())
    }

    /// Makes a checkpoint within an epoch the one to resume from: `epoch` is the last complete one, and `step` includes
    /// the steps after it. Returns the folders of the checkpoints that it replaces; they can be deleted. This resets
    /// the run's count of crashes.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn record_checkpoint(
        &self,
        lease: Lease,
        epoch: Epoch,
        step: u64,
        checkpoint: &NewArtifact,
    ) -> Result<Vec<String>, StoreError> {
        self.write_leased(lease, "cannot record a checkpoint", async |db| {
            let at = Position::new(epoch, step)?;
            let run = sqlx::query("update run set step = ?, crashes = 0 where id = ?");
            run.bind(at.step).bind(lease.run.0).execute(&mut *db).await?;
            record_time(db, lease).await?;
            replace_artifact(db, lease, ArtifactKind::Last, at, checkpoint).await
        })
    }

    /// The folders of a run that rows name, relative to the database's files. Other folders there can be deleted.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn artifact_paths(&self, run: RunId) -> Result<Vec<String>, StoreError> {
        self.read("cannot read the files of a run", async |db| {
            sqlx::query_scalar("select path from artifact where run = ?").bind(run.0).fetch_all(db).await
        })
    }
}

/// Adds an artifact and deletes the rows of earlier ones of its kind; returns their paths.
pub(super) async fn replace_artifact(
    db: &mut SqliteConnection,
    lease: Lease,
    kind: ArtifactKind,
    at: Position,
    new: &NewArtifact,
) -> Result<Vec<String>, sqlx::Error> {
    let old = sqlx::query_scalar("delete from artifact where run = ? and kind = ? and path <> ? returning path")
        .bind(lease.run.0)
        .bind(kind.as_str())
        .bind(&new.path)
        .fetch_all(&mut *db)
        .await?;
    add_artifact(db, lease, kind, at, new).await?;
    Ok(old)
}

/// Adds an artifact.
pub(super) async fn add_artifact(
    db: &mut SqliteConnection,
    lease: Lease,
    kind: ArtifactKind,
    at: Position,
    new: &NewArtifact,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert or replace into artifact (run, attempt, kind, epoch, step, path, sha256, bytes, created_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(lease.run.0)
    .bind(lease.attempt)
    .bind(kind.as_str())
    .bind(at.epoch.0)
    .bind(at.step)
    .bind(&new.path)
    .bind(&new.sha256)
    .bind(i64::try_from(new.bytes).unwrap_or(i64::MAX))
    .bind(now())
    .execute(db)
    .await?;
    Ok(())
}

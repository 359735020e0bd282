//! The record of an epoch: one transaction that requires a valid lease.

use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

use crate::measure::{Epoch, Protocol, ProtocolId};
use crate::store::lease::record_time;
use crate::store::{Lease, Store, StoreError};

use super::NewArtifact;
use super::checkpoint::{ArtifactKind, add_artifact, replace_artifact};
use super::series::{NewValue, Position, add_protocols, add_value};

/// An image grid of a run.
#[derive(Clone, Debug)]
pub struct NewImageGrid {
    /// `samples`, `originals`, `guides` or `strips`.
    pub role: &'static str,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// The results of an epoch.
#[derive(Clone, Debug)]
pub struct EpochRecord {
    /// The epoch that ended; 0 before training.
    pub epoch: Epoch,
    /// Steps made so far.
    pub step: u64,
    /// The values computed.
    pub values: Vec<NewValue>,
    /// The image grids generated, all under the first of `protocols`.
    pub image_grids: Vec<NewImageGrid>,
    /// The protocols of the evaluation, if there was one.
    pub protocols: Vec<Protocol>,
    /// The state from which training can resume.
    pub checkpoint: NewArtifact,
    /// The generator, if it is kept on disk.
    pub generator: Option<NewArtifact>,
    /// The generator, if it is the best so far.
    pub best: Option<NewArtifact>,
}

impl Store {
    /// Records an epoch, and makes its checkpoint the one to resume from. Returns the folders of the checkpoints that
    /// it replaces; they can be deleted. An epoch of training resets the run's count of crashes. The evaluation before
    /// training does not, so that a run that never completes its first epoch fails in the end.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn record_epoch(&self, lease: Lease, epoch: &EpochRecord) -> Result<Vec<String>, StoreError> {
        self.write_leased(lease, "cannot record an epoch", async |db| {
            let at = Position::new(epoch.epoch, epoch.step)?;
            sqlx::query("update run set epoch = ?1, step = ?2, crashes = iif(?1 > 0, 0, crashes) where id = ?3")
                .bind(at.epoch.0)
                .bind(at.step)
                .bind(lease.run.0)
                .execute(&mut *db)
                .await?;
            record_time(db, lease).await?;
            add_protocols(db, &epoch.protocols).await?;
            for value in &epoch.values {
                add_value(db, lease, at, value).await?;
            }
            let protocol = epoch.protocols.first().map_or_else(ProtocolId::none, Protocol::id);
            for grid in &epoch.image_grids {
                add_image_grid(db, lease, at.epoch, &protocol, grid).await?;
            }
            if let Some(generator) = &epoch.generator {
                add_artifact(db, lease, ArtifactKind::Kept, at, generator).await?;
            }
            let mut replaced = Vec::new();
            if let Some(best) = &epoch.best {
                replaced = replace_artifact(db, lease, ArtifactKind::Best, at, best).await?;
            }
            replaced.extend(replace_artifact(db, lease, ArtifactKind::Last, at, &epoch.checkpoint).await?);
            Ok(replaced)
        })
    }
}

async fn add_image_grid(
    db: &mut SqliteConnection,
    lease: Lease,
    epoch: Epoch,
    protocol: &ProtocolId,
    new: &NewImageGrid,
) -> Result<(), sqlx::Error> {
    let hash = hex::encode(Sha256::digest(&new.png));
    sqlx::query("insert into picture (hash, png) values (?, ?) on conflict do nothing")
        .bind(&hash)
        .bind(&new.png)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert or replace into run_picture (run, epoch, role, protocol, picture, columns, tile, attempt)
         values (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(lease.run.0)
    .bind(epoch.0)
    .bind(new.role)
    .bind(protocol.as_str())
    .bind(hash)
    .bind(new.columns)
    .bind(new.tile)
    .bind(lease.attempt)
    .execute(db)
    .await?;
    Ok(())
}

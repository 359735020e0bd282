//! Values that are added after their epoch was recorded.

use std::collections::BTreeSet;

use crate::measure::{Epoch, Protocol, ProtocolId};
use crate::store::{Lease, RunId, Store, StoreError};

use super::series::{NewValue, Position, add_protocols, add_value, summarise_run};

/// Values of one epoch.
#[derive(Clone, Copy, Debug)]
pub struct NewValues<'a> {
    /// The epoch.
    pub epoch: Epoch,
    /// Steps made until then.
    pub step: u64,
    /// The protocols of the values.
    pub protocols: &'a [Protocol],
    /// The values.
    pub values: &'a [NewValue],
}

impl Store {
    /// The metrics and epochs for which a run has values under a protocol.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn measured(&self, run: RunId, protocol: &ProtocolId) -> Result<BTreeSet<(String, Epoch)>, StoreError> {
        let rows: Vec<(String, u32)> = self.read("cannot read the measures of a run", async |db| {
            sqlx::query_as(
                "select series.metric, point.epoch from series join point on point.series = series.id
                 where series.run = ? and series.protocol = ?",
            )
            .bind(run.0)
            .bind(protocol.as_str())
            .fetch_all(db)
            .await
        })?;
        Ok(rows.into_iter().map(|(metric, epoch)| (metric, Epoch(epoch))).collect())
    }

    /// Adds values to an epoch that was recorded before. If there are any, the run's count of crashes is reset, as
    /// after an epoch of training.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn backfill(&self, lease: Lease, new: NewValues) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot add measures to a run", async |db| {
            let at = Position::new(new.epoch, new.step)?;
            add_protocols(db, new.protocols).await?;
            for value in new.values {
                add_value(db, lease, at, value).await?;
            }
            if !new.values.is_empty() {
                sqlx::query("update run set crashes = 0 where id = ?").bind(lease.run.0).execute(db).await?;
            }
            Ok(())
        })
    }

    /// Records values that a run has only once, at its end. They replace those of an earlier end.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn record_final(&self, lease: Lease, new: NewValues) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot record the final measures of a run", async |db| {
            let at = Position::new(new.epoch, new.step)?;
            add_protocols(db, new.protocols).await?;
            for value in new.values {
                sqlx::query(
                    "delete from point where epoch <> ? and series in
                        (select id from series where run = ? and metric = ? and protocol = ?)",
                )
                .bind(at.epoch.0)
                .bind(lease.run.0)
                .bind(value.metric)
                .bind(value.protocol.as_str())
                .execute(&mut *db)
                .await?;
                add_value(db, lease, at, value).await?;
            }
            summarise_run(db, lease.run).await
        })
    }
}

//! Points that are added to epochs long past, and the generators that they are taken of.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;

use crate::measure::{Epoch, Protocol, ProtocolId};

use super::queue::{held, still_held};
use super::{Hold, NewValue, RunId, Store, StoreError, StoredCheckpoint, now};

impl Store {
    /// What was measured of a run under a protocol: metric and epoch.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn measured(&self, run: RunId, protocol: &ProtocolId) -> Result<BTreeSet<(String, Epoch)>, StoreError> {
        let rows = self.runtime.block_on(
            sqlx::query_as(
                "select series.metric, point.epoch from series join point on point.series = series.id
                 where series.run = ? and series.protocol = ?",
            )
            .bind(run.0)
            .bind(protocol.as_str())
            .fetch_all(&self.pool),
        );
        let rows: Vec<(String, u32)> = rows.map_err(self.sql("the measures of a run cannot be read"))?;
        Ok(rows.into_iter().map(|(metric, epoch)| (metric, Epoch(epoch))).collect())
    }

    /// The generators of a run that were kept, by epoch.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn kept_generators(&self, run: RunId) -> Result<BTreeMap<Epoch, StoredCheckpoint>, StoreError> {
        let failed = self.sql("the kept generators of a run cannot be read");
        let rows = self.runtime.block_on(
            sqlx::query("select epoch, step, path, sha256 from artifact where run = ? and kind = 'kept'")
                .bind(run.0)
                .fetch_all(&self.pool),
        );
        let kept = rows.map_err(&failed)?.into_iter().map(|row| {
            let epoch = Epoch(row.try_get("epoch").map_err(&failed)?);
            let step = row.try_get::<i64, _>("step").map_err(&failed)?.unsigned_abs();
            let (path, sha256) = (row.try_get("path").map_err(&failed)?, row.try_get("sha256").map_err(&failed)?);
            Ok((epoch, StoredCheckpoint { epoch, step, path, sha256 }))
        });
        kept.collect()
    }

    /// Adds values to an epoch that the run has passed. They are progress as an epoch of training is: losses of the
    /// process before them count no more.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then written.
    pub fn fill(
        &self,
        hold: Hold,
        epoch: Epoch,
        step: u64,
        protocols: &[Protocol],
        values: &[NewValue],
    ) -> Result<(), StoreError> {
        self.add_values(hold, (epoch, step), protocols, values, false)
    }

    /// Adds values that a run has once, when it ends, in the place of those that an earlier end of it left.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then written.
    pub fn record_once(
        &self,
        hold: Hold,
        epoch: Epoch,
        step: u64,
        protocols: &[Protocol],
        values: &[NewValue],
    ) -> Result<(), StoreError> {
        self.add_values(hold, (epoch, step), protocols, values, true)
    }

    fn add_values(
        &self,
        hold: Hold,
        (epoch, step): (Epoch, u64),
        protocols: &[Protocol],
        values: &[NewValue],
        replacing: bool,
    ) -> Result<(), StoreError> {
        let what = "a measure cannot be added";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let step = i64::try_from(step).map_err(|error| failed(sqlx::Error::Encode(error.into())))?;
            if !still_held(db, hold).await.map_err(&failed)? {
                return Err(StoreError::LostHold { run: hold.run });
            }
            for protocol in protocols {
                super::write::add_protocol(db, protocol).await.map_err(&failed)?;
            }
            for value in values {
                if replacing {
                    let old = "delete from point where epoch <> ? and series in
                        (select id from series where run = ? and metric = ? and protocol = ?)";
                    let old = sqlx::query(old).bind(epoch.0).bind(hold.run.0).bind(value.metric);
                    old.bind(value.protocol.as_str()).execute(&mut *db).await.map_err(&failed)?;
                }
                super::write::add_value(db, hold, epoch, step, value).await.map_err(&failed)?;
            }
            if replacing {
                super::write::summarise_again(db, hold.run).await.map_err(&failed)?;
            } else if !values.is_empty() {
                let anew = sqlx::query("update run set crashes = 0 where id = ?").bind(hold.run.0);
                anew.execute(&mut *db).await.map_err(&failed)?;
            }
            Ok(())
        })
    }

    /// Records that something happened to a run.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then written.
    pub fn add_event(&self, hold: Hold, kind: &str, text: &str) -> Result<(), StoreError> {
        let what = "an event cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let added = sqlx::query(
                "insert into event (run, attempt, at, kind, text)
                 select id, ?, ?, ?, ? from run where id = ? and fence = ? and state = 'running'",
            )
            .bind(hold.attempt)
            .bind(now())
            .bind(kind)
            .bind(text)
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(db)
            .await
            .map_err(&failed)?;
            held(hold, added.rows_affected())
        })
    }
}

//! What a worker records at the end of an epoch: one fenced transaction.

use sha2::{Digest as _, Sha256};

use crate::measure::{Epoch, Protocol, ProtocolId, metric};

use super::queue::{count_time, held};
use super::{Hold, NewArtifact, RunId, Store, StoreError};

/// One value of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct NewValue {
    /// The metric's name, one of [`crate::measure::METRICS`].
    pub metric: &'static str,
    /// The protocol, or none for training metrics.
    pub protocol: ProtocolId,
    /// The value, which may be non-finite.
    pub value: f64,
}

/// A picture of a run.
#[derive(Clone, Debug)]
pub struct NewPicture {
    /// `samples`, `originals` or `guides`.
    pub role: &'static str,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// Everything that an epoch leaves behind.
#[derive(Clone, Debug)]
pub struct EpochRecord {
    /// The epoch that ended; 0 before training.
    pub epoch: Epoch,
    /// Steps made so far.
    pub step: u64,
    /// The values measured.
    pub values: Vec<NewValue>,
    /// The pictures made, all under the first of `protocols`.
    pub pictures: Vec<NewPicture>,
    /// The protocols of the evaluation, where there was one.
    pub protocols: Vec<Protocol>,
    /// The state from which training can go on.
    pub checkpoint: NewArtifact,
    /// The generator, where it stays on disk.
    pub generator: Option<NewArtifact>,
    /// The generator, where it is the best so far.
    pub best: Option<NewArtifact>,
}

impl Store {
    /// Records an epoch, and makes its checkpoint the one to go on from. Returns the files of the checkpoints
    /// that it replaces, which are rubbish from now on. An epoch of training is progress: losses of the process before
    /// it count no more. The look before training is none, so that a run that never ends its first epoch is given up.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then written.
    pub fn record(&self, hold: Hold, epoch: &EpochRecord) -> Result<Vec<String>, StoreError> {
        let what = "an epoch cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            let step = i64::try_from(epoch.step).map_err(|error| failed(sqlx::Error::Encode(error.into())))?;
            let ahead = sqlx::query(
                "update run set epoch = ?1, step = ?2, crashes = iif(?1 > 0, 0, crashes)
                 where id = ?3 and fence = ?4 and state = 'running'",
            )
            .bind(epoch.epoch.0)
            .bind(step)
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(&mut *db)
            .await
            .map_err(&failed)?;
            held(hold, ahead.rows_affected())?;
            count_time(db, hold).await.map_err(&failed)?;
            for protocol in &epoch.protocols {
                add_protocol(db, protocol).await.map_err(&failed)?;
            }
            for value in &epoch.values {
                add_value(db, hold, epoch.epoch, step, value).await.map_err(&failed)?;
            }
            for picture in &epoch.pictures {
                let protocol = epoch.protocols.first().map_or_else(ProtocolId::none, Protocol::id);
                add_picture(db, hold, epoch.epoch, &protocol, picture).await.map_err(&failed)?;
            }
            if let Some(generator) = &epoch.generator {
                super::checkpoint::add_kept(db, hold, epoch.epoch, step, generator).await.map_err(&failed)?;
            }
            let mut replaced = Vec::new();
            if let Some(best) = &epoch.best {
                replaced = super::checkpoint::replace_best(db, hold, epoch.epoch, step, best).await.map_err(&failed)?;
            }
            let last = super::checkpoint::replace_last(db, hold, epoch.epoch, step, &epoch.checkpoint).await;
            replaced.extend(last.map_err(&failed)?);
            Ok(replaced)
        })
    }
}

pub(super) async fn add_protocol(db: &mut sqlx::SqliteConnection, protocol: &Protocol) -> Result<(), sqlx::Error> {
    sqlx::query("insert into protocol (id, json) values (?, ?) on conflict do nothing")
        .bind(protocol.id().as_str())
        .bind(protocol.json())
        .execute(db)
        .await?;
    Ok(())
}

pub(super) async fn add_value(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    epoch: Epoch,
    step: i64,
    new: &NewValue,
) -> Result<(), sqlx::Error> {
    let series = series_of(db, hold, new).await?;
    let (value, nonfinite) = match new.value {
        value if value.is_nan() => (None, Some("nan")),
        f64::INFINITY => (None, Some("inf")),
        f64::NEG_INFINITY => (None, Some("-inf")),
        value => (Some(value), None),
    };
    sqlx::query(
        "insert into point (series, epoch, step, value, nonfinite, attempt) values (?, ?, ?, ?, ?, ?)
         on conflict (series, epoch, step) do update
         set value = excluded.value, nonfinite = excluded.nonfinite, attempt = excluded.attempt",
    )
    .bind(series)
    .bind(epoch.0)
    .bind(step)
    .bind(value)
    .bind(nonfinite)
    .bind(hold.attempt)
    .execute(&mut *db)
    .await?;
    summarise(db, series).await
}

/// The series of a value, made when it is the first one.
async fn series_of(db: &mut sqlx::SqliteConnection, hold: Hold, new: &NewValue) -> Result<i64, sqlx::Error> {
    let definition =
        metric(new.metric).ok_or_else(|| sqlx::Error::Encode(format!("no metric {}", new.metric).into()))?;
    sqlx::query(
        "insert into metric_def (name, unit, direction, volatile, about) values (?, ?, ?, ?, ?) on conflict do nothing",
    )
    .bind(definition.name)
    .bind(definition.unit)
    .bind(definition.direction.as_str())
    .bind(definition.volatile)
    .bind(definition.about)
    .execute(&mut *db)
    .await?;
    sqlx::query("insert into series (run, metric, protocol) values (?, ?, ?) on conflict do nothing")
        .bind(hold.run.0)
        .bind(new.metric)
        .bind(new.protocol.as_str())
        .execute(&mut *db)
        .await?;
    sqlx::query_scalar("select id from series where run = ? and metric = ? and protocol = ?")
        .bind(hold.run.0)
        .bind(new.metric)
        .bind(new.protocol.as_str())
        .fetch_one(db)
        .await
}

/// The series' last, least and greatest values, and their first epochs, from its points.
async fn summarise(db: &mut sqlx::SqliteConnection, series: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert or replace into summary (series, last, last_epoch, min, min_epoch, max, max_epoch)
         select l.series, l.value, l.epoch,
             coalesce(a.value, l.value), coalesce(a.epoch, l.epoch),
             coalesce(b.value, l.value), coalesce(b.epoch, l.epoch)
         from (select * from point where series = ?1 order by epoch desc, step desc limit 1) as l
         left join (select * from point where series = ?1 and value is not null order by value, epoch limit 1) as a
         left join (select * from point where series = ?1 and value is not null order by value desc, epoch limit 1) as b",
    )
    .bind(series)
    .execute(db)
    .await?;
    Ok(())
}

/// The summaries of all series of a run, after points were deleted.
pub(super) async fn summarise_again(db: &mut sqlx::SqliteConnection, run: RunId) -> Result<(), sqlx::Error> {
    // A series that has no point left has no summary either.
    sqlx::query("delete from summary where series in (select id from series where run = ?)")
        .bind(run.0)
        .execute(&mut *db)
        .await?;
    let series: Vec<i64> =
        sqlx::query_scalar("select id from series where run = ?").bind(run.0).fetch_all(&mut *db).await?;
    for series in series {
        summarise(db, series).await?;
    }
    Ok(())
}

async fn add_picture(
    db: &mut sqlx::SqliteConnection,
    hold: Hold,
    epoch: Epoch,
    protocol: &ProtocolId,
    new: &NewPicture,
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
    .bind(hold.run.0)
    .bind(epoch.0)
    .bind(new.role)
    .bind(protocol.as_str())
    .bind(hash)
    .bind(new.columns)
    .bind(new.tile)
    .bind(hold.attempt)
    .execute(db)
    .await?;
    Ok(())
}

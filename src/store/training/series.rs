//! Series of values, and the summary of each.

use sqlx::SqliteConnection;

use crate::measure::{Epoch, Protocol, ProtocolId, metric};
use crate::store::{Lease, RunId};

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

/// A point in training: the epoch, and the number of steps made so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) epoch: Epoch,
    pub(super) step: i64,
}

impl Position {
    pub(super) fn new(epoch: Epoch, step: u64) -> Result<Self, sqlx::Error> {
        let step = i64::try_from(step).map_err(|error| sqlx::Error::Encode(error.into()))?;
        Ok(Self { epoch, step })
    }
}

/// Adds the protocols that are not stored yet.
pub(super) async fn add_protocols(db: &mut SqliteConnection, protocols: &[Protocol]) -> Result<(), sqlx::Error> {
    for protocol in protocols {
        sqlx::query("insert into protocol (id, json) values (?, ?) on conflict do nothing")
            .bind(protocol.id().as_str())
            .bind(protocol.json())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Adds a value to its series, and updates the series' summary.
pub(super) async fn add_value(
    db: &mut SqliteConnection,
    lease: Lease,
    at: Position,
    new: &NewValue,
) -> Result<(), sqlx::Error> {
    let series = series_of(db, lease, new).await?;
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
    .bind(at.epoch.0)
    .bind(at.step)
    .bind(value)
    .bind(nonfinite)
    .bind(lease.attempt)
    .execute(&mut *db)
    .await?;
    summarise(db, series).await
}

/// The row of the series that a value belongs to; it is created for the first value.
async fn series_of(db: &mut SqliteConnection, lease: Lease, new: &NewValue) -> Result<i64, sqlx::Error> {
    let definition =
        metric(new.metric).ok_or_else(|| sqlx::Error::Encode(format!("unknown metric {}", new.metric).into()))?;
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
        .bind(lease.run.0)
        .bind(new.metric)
        .bind(new.protocol.as_str())
        .execute(&mut *db)
        .await?;
    sqlx::query_scalar("select id from series where run = ? and metric = ? and protocol = ?")
        .bind(lease.run.0)
        .bind(new.metric)
        .bind(new.protocol.as_str())
        .fetch_one(db)
        .await
}

/// Computes the summary of a series from its points: the last, the least and the greatest value, with their first
/// epochs.
async fn summarise(db: &mut SqliteConnection, series: i64) -> Result<(), sqlx::Error> {
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

/// Computes the summaries of all series of a run, after points were deleted.
pub(in crate::store) async fn summarise_run(db: &mut SqliteConnection, run: RunId) -> Result<(), sqlx::Error> {
    // A series without points has no summary.
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

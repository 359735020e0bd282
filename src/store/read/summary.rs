//! Last and best values of metrics: stored at each epoch, and read without reading points.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use crate::measure::{Epoch, METRICS, ProtocolId};
use crate::store::{RunId, Store, StoreError};

use super::json::numbers;
use super::record::stored_value;

/// The last and the best value of one metric of one run under one protocol.
#[derive(Clone, Debug)]
pub struct MetricSummary {
    /// The metric's name.
    pub metric: String,
    /// The protocol, or none for training metrics.
    pub protocol: ProtocolId,
    /// The last epoch with a value, and the value, which may be non-finite.
    pub last: (Epoch, f64),
    /// The first epoch with the best finite value, and the value. `None` for neutral metrics.
    pub best: Option<(Epoch, f64)>,
}

type Row = (i64, String, Option<f64>, u32, Option<f64>, Option<u32>, Option<String>);
type NamedRow = (i64, String, Option<f64>, u32, Option<f64>, Option<u32>, Option<String>, String);

/// The query for summaries; `$columns` and `$clauses` are added. Only a point stores which non-finite value the last
/// one is, so it is queried where there is no finite one. The rows are not packed into one text: in text SQLite rounds
/// numbers, even with 17 digits.
macro_rules! summaries {
    ($columns:literal, $clauses:literal) => {
        concat!(
            "select series.run, series.protocol, summary.last, summary.last_epoch,
                 case direction when 'lower' then summary.min when 'higher' then summary.max end,
                 case direction when 'lower' then summary.min_epoch when 'higher' then summary.max_epoch end,
                 case when summary.last is null then (
                     select point.nonfinite from point
                     where point.series = summary.series and point.epoch = summary.last_epoch
                     order by point.step desc limit 1
                 ) end",
            $columns,
            " from series ",
            $clauses
        )
    };
}

const OF_METRIC: &str = summaries!(
    "",
    "indexed by series_by_metric
     join summary on summary.series = series.id
     join metric_def on metric_def.name = series.metric
     where series.metric = ?1 and (?2 is null or series.run in (select value from json_each(?2)))"
);

const OF_RUNS: &str = summaries!(
    ", series.metric",
    "join summary on summary.series = series.id
     join metric_def on metric_def.name = series.metric
     where series.run in (select value from json_each(?1))
     order by series.run, series.metric, series.protocol"
);

impl Store {
    /// The summaries of one metric of `runs`, or of all runs if `None`. If a run has the metric under several
    /// protocols, the protocol with the latest value is used.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn summaries(&self, metric: &str, runs: Option<&[RunId]>) -> Result<HashMap<RunId, MetricSummary>, StoreError> {
        self.read("cannot read the metrics", async |db| summaries(db, metric, runs).await)
    }

    /// The summaries of every metric of `runs`, sorted by run, metric and protocol.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn summaries_of(&self, runs: &[RunId]) -> Result<Vec<(RunId, MetricSummary)>, StoreError> {
        let rows = self.read("cannot read the metrics", async |db| {
            sqlx::query_as::<_, NamedRow>(OF_RUNS).bind(numbers(runs)).fetch_all(db).await
        })?;
        let named = |(run, protocol, last, at, best, best_at, nonfinite, metric): NamedRow| {
            summary(&metric, (run, protocol, last, at, best, best_at, nonfinite))
        };
        Ok(rows.into_iter().map(named).collect())
    }

    /// The names of the metrics that jem records, then those of other metrics in this database.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn metric_names(&self) -> Result<Vec<String>, StoreError> {
        let stored: Vec<String> = self.read("cannot read the metrics", async |db| {
            sqlx::query_scalar("select name from metric_def order by name").fetch_all(db).await
        })?;
        let mut names: Vec<String> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
        names.extend(stored.into_iter().filter(|name| METRICS.iter().all(|metric| metric.name != name)));
        Ok(names)
    }

    /// The names of the metrics that a run was evaluated with on held-out items, sorted.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn held_out_metrics(&self) -> Result<Vec<String>, StoreError> {
        self.read("cannot read the metrics", async |db| {
            sqlx::query_scalar(
                "select name from metric_def
                 where exists (select 1 from series where series.metric = name and series.protocol < 'none')
                     or exists (select 1 from series where series.metric = name and series.protocol > 'none')
                 order by name",
            )
            .fetch_all(db)
            .await
        })
    }
}

/// The summaries of one metric, one for each run: of several protocols the one with the latest value, then the last by
/// id.
pub(super) async fn summaries(
    db: &mut SqliteConnection,
    metric: &str,
    runs: Option<&[RunId]>,
) -> Result<HashMap<RunId, MetricSummary>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(OF_METRIC).bind(metric).bind(runs.map(numbers)).fetch_all(db).await?;
    let mut newest: HashMap<RunId, MetricSummary> = HashMap::with_capacity(rows.len());
    for (run, new) in rows.into_iter().map(|row| summary(metric, row)) {
        let is_newer = |known: &MetricSummary| (known.last.0, &known.protocol) < (new.last.0, &new.protocol);
        if newest.get(&run).is_none_or(is_newer) {
            newest.insert(run, new);
        }
    }
    Ok(newest)
}

fn summary(metric: &str, (run, protocol, last, at, best, best_at, nonfinite): Row) -> (RunId, MetricSummary) {
    let last = stored_value(last, nonfinite.as_deref());
    let best = best.zip(best_at).map(|(value, epoch)| (Epoch(epoch), value));
    (
        RunId(run),
        MetricSummary {
            metric: metric.to_owned(),
            protocol: ProtocolId::from_stored(protocol),
            last: (Epoch(at), last),
            best,
        },
    )
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::{Fixture, epoch};

    #[test]
    fn values_are_read_with_all_their_digits() {
        let fixture = Fixture::new();
        let lease = fixture.claim();
        fixture.store.record_epoch(lease, &epoch(1, 0.5, 1.0)).unwrap();
        let hard = [0.1 + 0.2, 1.0 / 3.0, 5e-324, f64::MIN_POSITIVE, f64::MAX, -0.0, 2f64.powi(53) + 2.0, 1e22, 1e23];
        // Values of a multiplicative generator, read as bits: numbers of every magnitude.
        let bits =
            std::iter::successors(Some(1u64), |bits| Some(bits.wrapping_mul(0xda94_2042_e4dd_58b5).wrapping_add(1)));
        let every_size = bits.map(f64::from_bits).filter(|number| number.is_finite()).take(300);
        for number in hard.into_iter().chain(every_size) {
            let update = fixture.store.write("test", async |db| {
                sqlx::query("update summary set last = ?1, max = ?1").bind(number).execute(db).await
            });
            update.unwrap();
            let summary = &fixture.store.summaries("ssim", None).unwrap()[&lease.run];
            assert_eq!((summary.last.1, summary.best.unwrap().1), (number, number), "{number:e}");
        }
    }
}
